//! The heartbeat that wakes the planner: the only user of tokio-cron-scheduler.
//!
//! It knows no schedule. Schedules are rows with their next slot; the beat only makes the planner look, so a
//! lost beat, a restart or a clock change loses nothing (tokio-cron-scheduler's issue #107).

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    domain::access::Actor,
    service::{Core, Fault, jobs::retention, queue, schedules},
};

/// Every second, in the crate's form with seconds first.
const BEAT: &str = "* * * * * *";

/// Starts the beat and the planner that follows it.
pub async fn start(core: &Core, tasks: &TaskTracker, stop: CancellationToken) -> Result<(), Fault> {
    let beat = Arc::new(Notify::new());
    let mut scheduler = JobScheduler::new().await.map_err(anyhow::Error::from)?;
    let wake = beat.clone();
    let job = Job::new(BEAT, move |_, _| wake.notify_one()).map_err(anyhow::Error::from)?;
    scheduler.add(job).await.map_err(anyhow::Error::from)?;
    scheduler.start().await.map_err(anyhow::Error::from)?;
    let core = core.clone();
    tasks.spawn(async move {
        let mut swept = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = beat.notified() => {
                    look(&core).await;
                    sweep(&core, &mut swept).await;
                }
            }
        }
        if let Err(error) = scheduler.shutdown().await {
            tracing::warn!(%error, "the ticker did not stop cleanly");
        }
    });
    Ok(())
}

/// Deletes the job logs whose time is over, once an hour.
async fn sweep(core: &Core, last: &mut Option<DateTime<Utc>>) {
    let now = core.now();
    if last.is_some_and(|last| now < last + Duration::hours(1)) {
        return;
    }
    *last = Some(now);
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

/// What a beat makes this node do; safe on any number of nodes.
async fn look(core: &Core) {
    if let Err(fault) = schedules::plan(core, &Actor::system()).await {
        tracing::error!(error = %fault, "schedules could not be planned");
    }
    match queue::reap(core).await {
        Ok((0, 0)) => {}
        Ok((retried, discarded)) => tracing::warn!(retried, discarded, "jobs of dead workers were freed"),
        Err(fault) => tracing::error!(error = %fault, "jobs of dead workers could not be freed"),
    }
}
