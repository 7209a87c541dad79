//! Jobs: one unit of work on one device.

mod filter;

pub use filter::{JobFilter, UsedCredential};

use chrono::{DateTime, Duration, Utc};

use super::{
    fact::Learned,
    failure::{Failure, FailureClass, Stage},
    id::{BackupId, BatchId, DeviceId, JobId, ScheduleId, SuspectId, UserId},
    proposal::Proposal,
    text_enum,
};

text_enum! {
    /// How far a job has come.
    pub enum JobState {
        /// Waits for a worker.
        Queued = "queued",
        /// A worker has it.
        Running = "running",
        /// Failed, and waits to be tried again.
        Retrying = "retrying",
        /// Did what it should.
        Succeeded = "succeeded",
        /// Did not, and will not be tried again by itself.
        Failed = "failed",
        /// Stopped by a person.
        Canceled = "canceled",
        /// Not done, for a reason that is told.
        Skipped = "skipped",
        /// Took its process down too often.
        Discarded = "discarded",
    }
}

impl JobState {
    /// Lines may reach the store a moment after the job's end; until then its log is not complete.
    const SETTLING: Duration = Duration::seconds(1);

    /// Whether a job in this state is over, and its last lines had the time to arrive.
    pub fn is_settled(self, finished_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        self.is_over() && finished_at.is_none_or(|end| end + Self::SETTLING <= now)
    }

    /// Whether nothing more will happen to the job.
    pub fn is_over(self) -> bool {
        match self {
            Self::Queued | Self::Running | Self::Retrying => false,
            Self::Succeeded | Self::Failed | Self::Canceled | Self::Skipped | Self::Discarded => true,
        }
    }
}

text_enum! {
    /// What came of a job that ran to its end.
    pub enum Outcome {
        /// A new version is kept.
        Stored = "stored",
        /// The configuration is the one that is kept already.
        Unchanged = "unchanged",
        /// The capture is kept apart because it is not to be believed.
        Suspect = "suspect",
        /// It failed; the class says why.
        Error = "error",
    }
}

text_enum! {
    /// What a job does.
    pub enum JobKind {
        /// Takes a device's configuration.
        BackUp = "back_up",
        /// Looks whether the device can be reached, without signing in.
        Check = "check",
        /// Tries one credential on the device.
        TestLogin = "test_login",
    }
}

/// A job, as its page and the JSON line tell it.
#[derive(Debug, Clone)]
pub struct Job {
    /// The row.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// With which others it was started.
    pub batch: BatchId,
    /// The device; `None` when it has been deleted since.
    pub device: Option<DeviceId>,
    /// The device's name when the job was made.
    pub device_name: String,
    /// How far it has come.
    pub state: JobState,
    /// Who asked, or the schedule's name.
    pub started_by: String,
    /// How often a worker took it.
    pub attempt: i32,
    /// When it was made.
    pub queued_at: DateTime<Utc>,
    /// When it may start, or start again.
    pub due_at: DateTime<Utc>,
    /// When a worker last took it.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Why it failed.
    pub class: Option<FailureClass>,
    /// Where it failed.
    pub stage: Option<Stage>,
    /// The failure in words.
    pub message: Option<String>,
    /// The version it stored or confirmed.
    pub backup: Option<BackupId>,
    /// The doubtful capture it put aside.
    pub suspect: Option<SuspectId>,
    /// Length of what was taken, in bytes.
    pub bytes: Option<i64>,
    /// Lines of what was taken.
    pub lines: Option<i32>,
    /// SHA-256 of what was taken, in hexadecimal.
    pub sha256: Option<String>,
    /// How long the last attempt took.
    pub duration_ms: Option<i64>,
}

/// Who goes first: the smaller number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority(pub i32);

impl Priority {
    /// A person waits for it. Some places are kept free for these.
    pub const URGENT: Self = Self(1);
    /// A person asked for many at once, and waits for none of them.
    pub const MANY: Self = Self(3);
    /// It is planned.
    pub const PLANNED: Self = Self(5);

    /// So many jobs a person can wait for.
    const FEW: usize = 10;

    /// What a person's wish for so many jobs has.
    pub fn by_person(jobs: usize) -> Self {
        if jobs <= Self::FEW { Self::URGENT } else { Self::MANY }
    }

    /// Whether a person asked for it, who then sees to what fails.
    pub fn is_by_person(self) -> bool {
        self <= Self::MANY
    }
}

/// How many more jobs a worker may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// Of those that a person waits for.
    pub urgent: i64,
    /// Of all others; these count against the urgent ones too.
    pub others: i64,
}

/// A job in the hands of a worker.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row.
    pub id: JobId,
    /// The device to work on.
    pub device: DeviceId,
    /// What is to be done.
    pub kind: JobKind,
    /// More about it: for a test of a credential, which one.
    pub payload: Option<String>,
    /// Who goes first.
    pub priority: Priority,
    /// The number of this holding; every finishing write must carry it.
    pub fence: i64,
    /// How often a worker took it, this time included.
    pub attempt: i32,
    /// How many of the times before ended with the worker's process.
    pub deaths: i32,
    /// How the time before ended, if there was one.
    pub before: Option<String>,
    /// When the hold runs out unless renewed.
    pub lease_until: DateTime<Utc>,
}

impl Claimed {
    /// The job and which holding of it this is.
    pub fn hold(&self) -> Hold {
        Hold { job: self.id, fence: self.fence }
    }
}

/// One holding of a job: what is written in its name counts only while nobody else has taken the job since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hold {
    /// The job.
    pub job: JobId,
    /// The number of the holding.
    pub fence: i64,
}

/// How a job ended, on its way into its row.
#[derive(Debug, Clone)]
pub enum Ended {
    /// A whole capture: a new version, or the known one seen again.
    Captured(super::backup::NewBackup),
    /// A capture not to be believed, kept apart.
    Doubted {
        /// The bytes.
        raw: Vec<u8>,
        /// Why.
        reason: String,
    },
    /// The device answered to a check, in these words, or let a credential in.
    Answered(String),
    /// The device's platform is yet to be confirmed, and this is what it may be.
    Proposed(Proposal),
    /// No capture.
    Failed(Failure),
}

impl Ended {
    /// What it brought of what the device told of itself, where it told something.
    pub fn learned(&self) -> Option<Learned> {
        match self {
            Self::Captured(new) if !new.learned.facts.is_empty() => Some(new.learned.clone()),
            Self::Captured(_)
            | Self::Doubted { .. }
            | Self::Answered(_)
            | Self::Proposed(_)
            | Self::Failed(_) => None,
        }
    }

    /// Why it failed.
    pub fn class(&self) -> Option<FailureClass> {
        match self {
            Self::Failed(failure) => Some(failure.class),
            Self::Captured(_) | Self::Doubted { .. } | Self::Answered(_) | Self::Proposed(_) => None,
        }
    }
}

/// A job's surroundings, as far as they are still there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobDetails {
    /// The device's address, port and platform today.
    pub device: Option<(String, i32, String)>,
    /// Whether the device has been deleted, and waits to be restored.
    pub is_deleted: bool,
    /// The person who asked, by id and name.
    pub person: Option<(UserId, String)>,
    /// The schedule, by id and name.
    pub schedule: Option<(ScheduleId, String)>,
    /// The credential that was used, by its name then.
    pub credential: Option<String>,
    /// How long the batch's logs stay, in days, where it is not as the setting says.
    pub retention_days: Option<i32>,
    /// How much is kept of what was sent and received, and whether that is not all.
    pub transcript: Option<(i64, bool)>,
    /// The node that works on it, by machine and process.
    pub node: Option<(String, i64)>,
}

/// How many jobs ended in one way: since the earlier and since the later of two times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The state they ended in.
    pub state: JobState,
    /// What came of them.
    pub outcome: Option<Outcome>,
    /// Since the earlier time.
    pub since_first: i64,
    /// Since the later time.
    pub since_second: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_settles_a_moment_after_its_end() {
        let end = DateTime::UNIX_EPOCH;
        let settled = |after| JobState::Failed.is_settled(Some(end), end + Duration::milliseconds(after));
        assert_eq!((settled(999), settled(1_000)), (false, true));
        assert!(JobState::Failed.is_settled(None, end));
        assert!(!JobState::Running.is_settled(None, end));
    }
}
