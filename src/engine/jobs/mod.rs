//! What each kind of job does.

mod allowance;
pub mod back_up;
pub mod check;
mod device_keys;
mod find_out;
mod on_the_way;
pub mod test_login;
mod ways_in;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{gates::Gates, journal::Journal, transport::Deadlines, watchdog::Leash};
use crate::{
    domain::{
        backup::Known,
        credential::Accepted,
        failure::Failure,
        job::{Claimed, Ended, JobKind},
        transcript::Transcript,
    },
    platform::Platform,
    service::{Core, Fault},
};

/// What a job brings back, before it is recorded.
pub struct Done {
    /// How it ended.
    pub ended: Ended,
    /// The rules that judged the text, if it came so far.
    pub platform: Option<Arc<Platform>>,
    /// The version that was current when the job began.
    pub known: Option<Known>,
    /// What was sent and received, where something went wrong; a good job's raw text is its backup.
    pub transcript: Option<Transcript>,
    /// The credential that the device accepted.
    pub accepted: Option<Accepted>,
}

impl Done {
    /// A job that ended before it knew its platform.
    pub fn failed(failure: Failure) -> Self {
        Self { ended: Ended::Failed(failure), platform: None, known: None, transcript: None, accepted: None }
    }
}

/// What a job works with.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// What use cases need.
    pub core: &'a Core,
    /// Where log lines go.
    pub journal: &'a Journal,
    /// How long each stage of a session may take.
    pub deadlines: &'a Deadlines,
    /// Where shared credentials wait for their turn.
    pub gates: &'a Gates,
    /// Until when the watchdog leaves the job alone.
    pub leash: &'a Leash,
}

/// Does a claimed job. An error means that it could not even be tried.
pub async fn run(desk: &Desk<'_>, job: &Claimed, stop: &CancellationToken) -> Result<Done, Fault> {
    match job.kind {
        JobKind::BackUp => back_up::run(desk, job, stop).await,
        JobKind::Check => check::run(desk, job, stop).await,
        JobKind::TestLogin => test_login::run(desk, job, stop).await,
    }
}
