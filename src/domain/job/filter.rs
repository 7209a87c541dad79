//! Which jobs a list shows.

use chrono::{DateTime, Utc};

use super::{JobKind, JobState, Outcome};
use crate::domain::{
    failure::FailureClass,
    id::{BatchId, DeviceId, ScheduleId},
};

/// Whether a job came as far as a credential, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsedCredential {
    /// It tried none.
    None,
    /// This one, by what the log calls it.
    Named(String),
}

impl UsedCredential {
    /// The word for none; what the log calls credentials begins otherwise.
    pub const NONE: &'static str = "none";
}

/// Which jobs a list shows.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Those of one device.
    pub device: Option<DeviceId>,
    /// Those of one batch.
    pub batch: Option<BatchId>,
    /// Those in one state.
    pub state: Option<JobState>,
    /// Those with one outcome.
    pub outcome: Option<Outcome>,
    /// Those that failed for one reason.
    pub class: Option<FailureClass>,
    /// Those of one credential, by what the log calls it.
    pub credential: Option<UsedCredential>,
    /// Those that do one thing.
    pub kind: Option<JobKind>,
    /// Those asked for by whoever, or by the schedule that, has this in the name.
    pub started_by: Option<String>,
    /// Those of one schedule.
    pub schedule: Option<ScheduleId>,
    /// Those made at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Those made before this time.
    pub until: Option<DateTime<Utc>>,
    /// Those whose failure is told with these words.
    pub text: Option<String>,
}
