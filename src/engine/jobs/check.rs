//! Looks whether a device can be reached: TCP and the device's first words, without signing in.

use tokio_util::sync::CancellationToken;

use super::{Desk, Done, back_up, ways_in};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        job::{Claimed, Ended},
    },
    engine::transport::{self, Log, Pace, Target},
    service::{Fault, queue},
};

/// Does the job.
pub async fn run(desk: &Desk<'_>, job: &Claimed, stop: &CancellationToken) -> Result<Done, Fault> {
    let assignment = match queue::assignment(desk.core, job).await? {
        Ok(assignment) => assignment,
        Err(failure) => return Ok(Done::failed(failure)),
    };
    let hidden = back_up::hidden(&assignment);
    let log = desk.journal.open(job.hold(), assignment.last_seq, desk.core.clock.clone()).hiding(hidden);
    let target = ways_in::target(desk, &assignment, None);
    let pace = Pace::new(&target.deadlines, &assignment.platform);
    let greeted = tokio::select! {
        greeted = greet_everywhere(&target, pace, &log) => greeted,
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

/// Looks at every address of the device; the words tell of each, and one that answers is enough.
async fn greet_everywhere(target: &Target, pace: Pace<'_>, log: &dyn Log) -> Result<String, Failure> {
    let places = target.places();
    if places.len() == 1 {
        return transport::greet(target, pace, log).await;
    }
    let (mut told, mut answered, mut first) = (Vec::new(), 0, None);
    for place in &places {
        let words = match transport::greet(&target.at(place), pace, log).await {
            Ok(words) => {
                answered += 1;
                words
            }
            Err(failure) => {
                let words = failure.message.clone();
                log.say(Level::Warning, failure.stage, &words);
                first.get_or_insert(failure);
                words
            }
        };
        told.push(format!("{} port {}: {words}", place.0, place.1));
    }
    let told = format!("{answered} of {} addresses answer. {}", places.len(), told.join("; "));
    match first {
        Some(failure) if answered == 0 => Err(Failure { message: told, ..failure }),
        Some(_) | None => Ok(told),
    }
}
