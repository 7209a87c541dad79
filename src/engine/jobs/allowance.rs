//! How long one job may talk to its device, all its sessions together.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout};

use super::Desk;
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        job::{Claimed, JobState},
        time_limit::{Chosen, Grounds},
    },
    engine::{journal::JobLog, watchdog::Leash},
    service::{counters::Counters, queue::Assignment},
};

/// Nobody waits longer for a credential's turn than this before the watchdog looks whether the job hangs.
const TURN: Duration = Duration::from_hours(1);

/// The time of one job. What it waits for the turn of a credential does not count: that is not the device's doing.
pub struct Allowance<'a> {
    chosen: Chosen,
    used: Mutex<Duration>,
    leash: &'a Leash,
    counters: &'a Counters,
}

impl<'a> Allowance<'a> {
    /// Chooses the limit and tells it, with the reason.
    pub fn new(desk: &'a Desk<'_>, job: &Claimed, assignment: &Assignment, log: &JobLog) -> Self {
        let device = &assignment.device;
        let went_well = device.last_job.as_ref().is_some_and(|last| last.state == JobState::Succeeded);
        let chosen = Chosen::from(&Grounds {
            device: device.time_limit,
            platform: assignment.platform.time_limit(),
            configured: desk.deadlines.total,
            floor: desk.deadlines.least_learned,
            slowest: assignment.slowest,
            is_steady: went_well && job.attempt == 1,
        });
        log.note(Level::Info, &format!("The time for this job is {chosen}."));
        Self { chosen, used: Mutex::default(), leash: desk.leash, counters: &desk.core.counters }
    }

    /// The job waits for its turn.
    pub fn wait(&self) {
        self.leash.give(TURN);
    }

    /// Talks until the job's time is used up.
    pub async fn within<T>(&self, talk: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let left = self.chosen.limit.saturating_sub(self.used());
        self.leash.give(left);
        let start = Instant::now();
        let said = timeout(left, talk).await;
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) += start.elapsed();
        self.leash.give(self.chosen.limit);
        said.unwrap_or_else(|_| {
            Counters::add(&self.counters.jobs_out_of_time);
            let text =
                format!("The session was still at work when the job's time was over: {}.", self.chosen);
            Err(Failure::new(FailureClass::Timeout, Stage::Command, text))
        })
    }

    fn used(&self) -> Duration {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
