//! The heartbeat that wakes the planner: the only user of tokio-cron-scheduler.
//!
//! It knows no schedule. Schedules are rows with their next slot; the beat only makes the planner look, so a
//! lost beat, a restart or a clock change loses nothing (tokio-cron-scheduler's issue #107).

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, time::MissedTickBehavior};
use tokio_cron_scheduler::{Job, JobScheduler};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    domain::{access::Actor, node::Duty},
    service::{
        Core, Fault, audit, duties,
        jobs::retention,
        keys, notices, platforms, schedules, settings, silence,
        storage::relocate::{self, Went},
        upkeep,
    },
};

/// Every second, in the crate's form with seconds first.
const BEAT: &str = "* * * * * *";

/// How often the house is put in order, the first time at the start.
const HOUR: Duration = Duration::from_hours(1);

/// Starts the beat and the planner that follows it.
pub async fn start(core: &Core, tasks: &TaskTracker, stop: CancellationToken) -> Result<(), Fault> {
    let beat = Arc::new(Notify::new());
    let mut scheduler = JobScheduler::new().await.map_err(anyhow::Error::from)?;
    let wake = beat.clone();
    let job = Job::new(BEAT, move |_, _| wake.notify_one()).map_err(anyhow::Error::from)?;
    scheduler.add(job).await.map_err(anyhow::Error::from)?;
    scheduler.start().await.map_err(anyhow::Error::from)?;
    tasks.spawn(post(core.clone(), stop.clone()));
    tasks.spawn(carry(core.clone(), stop.clone()));
    tasks.spawn(hand_on(core.clone(), stop.clone()));
    let (core, own) = (core.clone(), tasks.clone());
    tasks.spawn(async move {
        let mut hour = tokio::time::interval(HOUR);
        hour.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = beat.notified() => look(&core).await,
                // Beside the beat, because it may take longer than one.
                _ = hour.tick(), if duties::hold(&core, Duty::Upkeep) => {
                    let core = core.clone();
                    own.spawn(async move {
                        upkeep::hourly(&core).await;
                        sweep(&core).await;
                        duties::done(&core, Duty::Upkeep);
                    });
                }
            }
        }
        if let Err(error) = scheduler.shutdown().await {
            tracing::warn!(%error, "the ticker did not stop cleanly");
        }
    });
    Ok(())
}

/// How often mails are written and sent; beside the beat, because a mail server may take its time.
const POST: Duration = Duration::from_secs(2);

/// How often it is asked whether something has fallen silent.
const LISTEN: Duration = Duration::from_mins(1);

/// Writes and sends mails until the house closes.
async fn post(core: Core, stop: CancellationToken) {
    let mut beat = tokio::time::interval(POST);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut listened = tokio::time::Instant::now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = beat.tick() => {}
        }
        if !duties::hold(&core, Duty::Notices) {
            continue;
        }
        if listened.elapsed() >= LISTEN {
            listened = tokio::time::Instant::now();
            if let Err(fault) = silence::tell(&core).await {
                tracing::error!(error = %fault, "what is silent could not be told");
            }
        }
        if let Err(fault) = notices::gather(&core).await {
            tracing::error!(error = %fault, "notices could not be put into mails");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            sent = notices::send_due(&core) => match sent {
                Ok(_) => duties::done(&core, Duty::Notices),
                Err(fault) => tracing::error!(error = %fault, "mails could not be sent"),
            }
        }
    }
}

/// How often somebody looks whether contents are to be moved, and how long a move that stands still waits.
const LOOK: Duration = Duration::from_secs(5);

/// Moves contents from place to place when an admin wants that, until the house closes.
async fn carry(core: Core, stop: CancellationToken) {
    loop {
        let wait = match relocate::step(&core).await {
            Ok(Went::On) => Duration::ZERO,
            Ok(Went::Over) => {
                tracing::info!("contents are where they were to be moved to");
                LOOK
            }
            Ok(Went::Nothing | Went::Elsewhere | Went::Stuck) => LOOK,
            Err(fault) => {
                tracing::error!(error = %fault, "contents could not be moved");
                LOOK
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// How long a log server that takes nothing is left alone at most.
const REST: Duration = Duration::from_mins(1);

/// Sends the trail's new lines to the log server until the house closes.
async fn hand_on(core: Core, stop: CancellationToken) {
    let mut wait = POST;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        if !duties::hold(&core, Duty::Trail) {
            continue;
        }
        let sent = tokio::select! {
            () = stop.cancelled() => return,
            sent = audit::send_new(&core) => sent,
        };
        wait = match sent {
            Ok(_) => {
                duties::done(&core, Duty::Trail);
                POST
            }
            Err(error) => {
                tracing::warn!(%error, "the trail could not be sent to the log server");
                (wait * 2).min(REST)
            }
        };
    }
}

/// Deletes the job logs whose time is over.
async fn sweep(core: &Core) {
    let swept = match Actor::system().grant() {
        Ok(by) => retention::apply(core, &by).await,
        Err(denied) => return tracing::error!(error = %denied, "old job logs could not be deleted"),
    };
    match swept {
        Ok(swept) if swept.total() > 0 => tracing::info!(jobs = swept.total(), "old job logs were deleted"),
        Ok(_) => {}
        Err(fault) => tracing::error!(error = %fault, "old job logs could not be deleted"),
    }
}

/// What a beat makes this node do. What every node must know for itself is looked at by every one; what is to be planned
/// by the node whose duty that is.
async fn look(core: &Core) {
    match settings::refresh(core).await {
        Ok(false) => {}
        Ok(true) => tracing::info!("settings that were changed elsewhere are in force"),
        Err(fault) => tracing::error!(error = %fault, "settings could not be read"),
    }
    match platforms::revisions::refresh(core).await {
        Ok(false) => {}
        Ok(true) => tracing::info!("platforms that were changed elsewhere are in force"),
        Err(fault) => tracing::error!(error = %fault, "changed platforms could not be read"),
    }
    if let Err(fault) = keys::advance(core, &Actor::system()).await {
        tracing::error!(error = %fault, "keys could not be exchanged");
    }
    if duties::hold(core, Duty::Plan) {
        plan(core).await;
    }
    core.duties.tick();
}

/// Fires what is due; safe when two nodes do it at the same time.
async fn plan(core: &Core) {
    let planned = schedules::plan(core, &Actor::system()).await;
    if let Err(fault) = &planned {
        tracing::error!(error = %fault, "schedules could not be planned");
    }
    let ordered = schedules::standing_order(core).await;
    if let Err(fault) = &ordered {
        tracing::error!(error = %fault, "devices without a schedule could not be planned");
    }
    if planned.is_ok() && ordered.is_ok() {
        duties::done(core, Duty::Plan);
    }
}
