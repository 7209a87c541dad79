//! Looks whether a device can be reached: TCP and the device's first words, without signing in.

use tokio_util::sync::CancellationToken;

use super::{Desk, Done, ways_in};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        job::{Claimed, Ended},
    },
    engine::transport::{self, Log, Pace},
    service::{Fault, queue},
};

/// Does the job.
pub async fn run(desk: &Desk<'_>, job: &Claimed, stop: &CancellationToken) -> Result<Done, Fault> {
    let assignment = match queue::assignment(desk.core, job).await? {
        Ok(assignment) => assignment,
        Err(failure) => return Ok(Done::failed(failure)),
    };
    let log = desk.journal.open(job.hold(), assignment.last_seq, desk.core.clock.clone());
    let target = ways_in::target(desk, &assignment, None);
    let pace = Pace::new(&target.deadlines, &assignment.platform);
    let greeted = tokio::select! {
        greeted = transport::greet(&target, pace, &log) => greeted,
        () = stop.cancelled() => Err(Failure::new(FailureClass::Canceled, Stage::Connect, "The job was stopped.")),
    };
    let ended = match greeted {
        Ok(words) => {
            log.say(Level::Info, Stage::Banner, &words);
            Ended::Answered(words)
        }
        Err(failure) => {
            log.say(Level::Error, failure.stage, &format!("{}: {}", failure.class, failure.message));
            Ended::Failed(failure)
        }
    };
    Ok(Done { ended, platform: None, known: None, transcript: None, accepted: None })
}
