//! The heartbeat that wakes the planner: the only user of tokio-cron-scheduler.
//!
//! It knows no schedule. Schedules are rows with their next slot; the beat only makes the planner look, so a
//! lost beat, a restart or a clock change loses nothing (tokio-cron-scheduler's issue #107).

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    domain::access::Actor,
    service::{Core, Fault, queue, schedules},
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
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = beat.notified() => look(&core).await,
            }
        }
        if let Err(error) = scheduler.shutdown().await {
            tracing::warn!(%error, "the ticker did not stop cleanly");
        }
    });
    Ok(())
}

/// What a beat makes this node do; safe on any number of nodes.
async fn look(core: &Core) {
    if let Err(fault) = schedules::plan(core, &Actor::system()).await {
        tracing::error!(error = %fault, "schedules could not be planned");
    }
    if let Err(fault) = schedules::standing_order(core).await {
        tracing::error!(error = %fault, "devices without a schedule could not be planned");
    }
    match queue::reap(core).await {
        Ok((0, 0)) => {}
        Ok((retried, discarded)) => tracing::warn!(retried, discarded, "jobs of dead workers were freed"),
        Err(fault) => tracing::error!(error = %fault, "jobs of dead workers could not be freed"),
    }
}
