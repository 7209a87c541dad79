//! Jobs: the list, one of them, and its log as it comes.

pub mod delete;
pub mod detail;
pub mod events;
mod header;
pub mod list;
mod log;
mod progress;
pub mod retention;
pub mod transcript;

use chrono::{DateTime, Duration, SecondsFormat, Utc};

use crate::{
    domain::{
        entry::Entry,
        job::{Job, JobKind, Outcome},
    },
    web::parts::{Badge, LogLine},
};

/// Lines may reach the store a moment after the job's end; until then its log is not complete.
const SETTLING: Duration = Duration::seconds(1);

/// Whether the job is over and its last lines had the time to arrive.
fn is_settled(job: &Job, now: DateTime<Utc>) -> bool {
    job.state.is_over() && job.finished_at.is_none_or(|end| end + SETTLING <= now)
}

/// The start of a job's heading, and of the question before it is canceled; the device's name follows.
fn titles(kind: JobKind) -> (&'static str, &'static str) {
    match kind {
        JobKind::BackUp => ("Backup of", "Cancel the backup of"),
        JobKind::Check => ("Reachability of", "Cancel the check of"),
        JobKind::TestLogin => ("Test of a credential on", "Cancel the test on"),
    }
}

/// What came of a job, or else how far it is, as one badge.
pub fn badge(job: &Job) -> Badge {
    match job.outcome {
        Some(outcome @ (Outcome::Stored | Outcome::Unchanged | Outcome::Suspect)) => {
            Badge::of_word(outcome.as_str())
        }
        Some(Outcome::Error) | None => Badge::of_word(job.state.as_str()),
    }
}

/// A line of the log, for the page and for the stream.
fn line(entry: &Entry) -> LogLine {
    LogLine {
        seq: entry.seq,
        iso: entry.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        time: entry.at.format("%H:%M:%S%.3f").to_string(),
        level: entry.level.as_str(),
        stage: entry.stage.map_or("", |stage| stage.as_str()),
        text: entry.text.clone(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::{
        entry::Level,
        failure::Stage,
        id::{BatchId, DeviceId, JobId},
        job::JobState,
    };

    pub fn job(state: JobState) -> Job {
        Job {
            id: JobId(7),
            kind: JobKind::BackUp,
            batch: BatchId(3),
            device: Some(DeviceId(1)),
            device_name: "core-1".into(),
            state,
            started_by: "mara".into(),
            attempt: 1,
            due_at: DateTime::UNIX_EPOCH,
            queued_at: DateTime::UNIX_EPOCH,
            started_at: None,
            finished_at: None,
            outcome: None,
            class: None,
            stage: None,
            message: None,
            backup: None,
            suspect: None,
            bytes: None,
            lines: None,
            sha256: None,
            duration_ms: None,
        }
    }

    #[test]
    fn a_job_settles_a_moment_after_its_end() {
        let end = DateTime::UNIX_EPOCH;
        let mut over = job(JobState::Failed);
        over.finished_at = Some(end);
        assert!(!is_settled(&over, end + Duration::milliseconds(999)));
        assert!(is_settled(&over, end + SETTLING));
        over.finished_at = None;
        assert!(is_settled(&over, end));
        assert!(!is_settled(&job(JobState::Running), end));
    }

    #[test]
    fn a_line_is_the_same_on_the_page_and_in_the_stream() {
        let entry = Entry {
            seq: 4,
            at: DateTime::UNIX_EPOCH + Duration::milliseconds(1_250),
            level: Level::Warning,
            stage: Some(Stage::HostKey),
            text: "<b>␛[2J</b>".into(),
        };
        let line = line(&entry);
        assert_eq!((line.time.as_str(), line.stage), ("00:00:01.250", "host_key"));
        assert_eq!(line.iso, "1970-01-01T00:00:01.250Z");
        assert_eq!(line.text, entry.text);
    }
}
