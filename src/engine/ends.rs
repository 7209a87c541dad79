//! The ends of jobs while the database is away: what a device gave is kept in memory and written when it is back.
//!
//! A job whose end waits keeps its place among those that run, so there are never more than may run at once. Whether it
//! may still be written is for its fence to say: who waited too long finds that another worker has the job.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{jobs::Done, journal::Journal};
use crate::{
    domain::{
        failure::{Failure, FailureClass, Stage},
        job::{Claimed, Ended, Outcome},
    },
    service::{
        Core, Fault,
        capture::{self, Brought},
        queue,
    },
};

/// The first pause before a try; each next one is twice as long.
const FIRST: Duration = Duration::from_millis(200);

/// The longest.
const LONGEST: Duration = Duration::from_secs(2);

/// Whether a job failed because something that it needed to know or to write down on its way was not possible.
pub fn is_by_outage(core: &Core, done: &Done) -> bool {
    let is_ours = matches!(&done.ended, Ended::Failed(failure) if failure.class == FailureClass::Internal);
    is_ours && core.outage.why().is_some()
}

/// Writes ends, however long it takes.
#[derive(Default)]
pub struct Ends {
    /// Goes off when the process cannot wait any longer.
    giving_up: CancellationToken,
}

impl Ends {
    /// Gives what waits one last try.
    pub fn give_up(&self) {
        self.giving_up.cancel();
    }

    /// Ends a job with what it brought, as [`capture::record`] does; as long as the database is away, tries again.
    pub async fn record(&self, core: &Core, brought: Brought<'_>) -> Result<Option<Outcome>, Fault> {
        let mut pause = Pause::default();
        loop {
            let fault = match capture::record(core, brought.clone()).await {
                Err(fault @ Fault::Unavailable(_)) => fault,
                other => return other,
            };
            core.outage.notices(&fault);
            if !self.waits(&mut pause).await {
                let (job, device) = (brought.job.id, brought.job.device);
                tracing::error!(job.id = %job, device.id = %device, "LOST: what the device gave could not be written before the stop; the job is done again");
                return Err(fault);
            }
        }
    }

    /// Gives a job back that could not be worked on because the database is away, as if it had never been taken.
    pub async fn hand_back(&self, core: &Core, journal: &Journal, job: &Claimed) {
        let lines = journal.close(job.hold()).await;
        let mut pause = Pause::default();
        loop {
            match queue::give_back(core, job, &lines).await {
                Ok(true) => tracing::info!(job.id = %job.id, "the job waits again: the database was away"),
                Ok(false) => tracing::warn!(job.id = %job.id, "the job was lost to another worker"),
                Err(Fault::Unavailable(_)) if self.waits(&mut pause).await => continue,
                Err(fault) => {
                    tracing::warn!(job.id = %job.id, error = %fault, "the job could not be given back; it waits for its lease to end");
                }
            }
            return;
        }
    }

    /// Waits a while; `false` when there is no more time, and this was the last try.
    async fn waits(&self, pause: &mut Pause) -> bool {
        if pause.is_last {
            return false;
        }
        tokio::select! {
            () = tokio::time::sleep(pause.next()) => {}
            () = self.giving_up.cancelled() => pause.is_last = true,
        }
        true
    }
}

/// Ends a job whose result could not be kept, in as few bytes as there are; where not even those fit, the lease
/// runs out and the job is tried again.
pub async fn without_result(core: &Core, job: &Claimed, fault: &Fault, duration_ms: i64) {
    let text = format!("What the device sent could not be kept: {fault}. See to the database and its disk.");
    let ended = Ended::Failed(Failure::new(FailureClass::ArchiveFailed, Stage::Store, text));
    let brought = Brought {
        job,
        platform: None,
        known: None,
        ended,
        lines: Vec::new(),
        duration_ms,
        transcript: None,
        accepted: None,
    };
    if let Err(fault) = capture::record(core, brought).await {
        tracing::error!(job.id = %job.id, error = %fault, "nor could its failure; it is tried again");
    }
}

#[derive(Default)]
struct Pause {
    tries: u32,
    is_last: bool,
}

impl Pause {
    fn next(&mut self) -> Duration {
        let pause = FIRST.saturating_mul(2_u32.saturating_pow(self.tries)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pauses_grow_to_a_bound_and_giving_up_leaves_one_try() {
        let mut pause = Pause::default();
        let pauses: Vec<u128> = (0..40).map(|_| pause.next().as_millis()).collect();
        assert_eq!(pauses.get(..5), Some([200, 400, 800, 1_600, 2_000].as_slice()));
        assert!(pauses.iter().skip(4).all(|pause| *pause == 2_000));
        let ends = Ends::default();
        ends.give_up();
        assert!(ends.waits(&mut pause).await, "one more try");
        assert!(!ends.waits(&mut pause).await);
    }
}
