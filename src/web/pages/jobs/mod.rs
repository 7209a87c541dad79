//! Jobs: the list, one of them, and its log as it comes.

pub mod delete;
pub mod detail;
pub mod events;
mod header;
mod lately;
pub mod list;
mod log;
pub mod retention;
pub mod transcript;

use chrono::SecondsFormat;

use crate::{
    domain::{
        entry::Entry,
        job::{Job, JobKind, Outcome},
    },
    web::{
        parts::{Badge, LogLine},
        words,
    },
};

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
        was_truncated: entry.was_truncated.map_or("", words::cut),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::{DateTime, Duration};

    use super::*;
    use crate::domain::{
        entry::{Cut, Level},
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
    fn a_line_is_the_same_on_the_page_and_in_the_stream() {
        let entry = Entry {
            seq: 4,
            at: DateTime::UNIX_EPOCH + Duration::milliseconds(1_250),
            level: Level::Warning,
            stage: Some(Stage::HostKey),
            text: "<b>␛[2J</b>".into(),
            was_truncated: Some(Cut::Line),
        };
        let line = line(&entry);
        assert_eq!((line.time.as_str(), line.stage), ("00:00:01.250", "host_key"));
        assert_eq!(line.iso, "1970-01-01T00:00:01.250Z");
        assert_eq!((line.text.as_str(), line.was_truncated), (entry.text.as_str(), words::cut(Cut::Line)));
    }
}
