//! Tries one credential on one device: signs in, and out again.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{Desk, Done, allowance::Allowance, back_up, device_keys::DeviceKeys, ways_in};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        job::{Claimed, Ended},
    },
    engine::{
        dialogue,
        journal::JobLog,
        transport::{Log, Target},
    },
    service::{
        Fault,
        queue::{self, Assignment},
    },
};

struct SignIn<'a> {
    desk: &'a Desk<'a>,
    assignment: &'a Assignment,
    log: &'a JobLog,
}

impl ways_in::Talk<()> for SignIn<'_> {
    fn talk<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let keys = Arc::new(DeviceKeys::of(self.desk.core, self.assignment));
            dialogue::try_login(target, &self.assignment.platform, keys, self.log).await
        })
    }
}

/// Does the job.
pub async fn run(desk: &Desk<'_>, job: &Claimed, stop: &CancellationToken) -> Result<Done, Fault> {
    let assignment = match queue::assignment(desk.core, job).await? {
        Ok(assignment) => assignment,
        Err(failure) => {
            let log = desk.journal.open(job.hold(), 0, desk.core.clock.clone());
            log.say(Level::Error, failure.stage, &failure.message);
            return Ok(Done::failed(failure));
        }
    };
    let hidden = back_up::hidden(&assignment);
    let log = desk.journal.open(job.hold(), assignment.last_seq, desk.core.clock.clone()).hiding(hidden);
    let allowance = Allowance::new(desk, job, &assignment, &log);
    let session = SignIn { desk, assignment: &assignment, log: &log };
    let tried = tokio::select! {
        tried = ways_in::try_all(desk, &assignment, &log, &allowance, &session) => tried,
        () = stop.cancelled() => ways_in::Tried {
            result: Err(Failure::new(FailureClass::Canceled, Stage::Auth, "The job was stopped.")),
            way: None,
        },
    };
    let accepted = tried.accepted();
    let ended = match tried.result {
        Ok(()) => Ended::Answered("The device let it in.".to_owned()),
        Err(failure) => Ended::Failed(back_up::told(desk.core, &assignment, &log, &failure)),
    };
    Ok(Done { ended, platform: None, known: None, transcript: None, accepted })
}
