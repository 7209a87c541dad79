//! Versions of configurations, and captures that did not become one.

use chrono::{DateTime, Utc};

use super::{
    id::{BackupId, DeviceId, JobId, SuspectId},
    text_enum,
};

text_enum! {
    /// The three texts of one capture.
    pub enum TextKind {
        /// The bytes for restoring.
        Raw = "raw",
        /// Without volatile lines: decides whether something changed.
        Normalised = "normalised",
        /// For people: secrets replaced by stable keyed tags.
        Masked = "masked",
    }
}

/// A version of a device's configuration: a capture proven whole and kept.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The row.
    pub id: BackupId,
    /// Whose configuration.
    pub device: DeviceId,
    /// The device's name today.
    pub device_name: String,
    /// The platform whose rules judged it.
    pub platform: String,
    /// The job that brought it.
    pub job: Option<JobId>,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// When an equal configuration was last seen on the device.
    pub verified_at: DateTime<Utc>,
    /// How many captures, this one included, brought an equal configuration.
    pub seen: i32,
    /// SHA-256 of the raw bytes, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of the normalised text, in hexadecimal.
    pub fingerprint: String,
    /// Length of the raw bytes.
    pub bytes: i64,
    /// Lines of the raw text.
    pub lines: i32,
    /// Lines that the previous version had not.
    pub added: i32,
    /// Lines of the previous version that are gone.
    pub removed: i32,
}

/// What a job needs to know of the version that is current: whether a capture equals it, and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The version.
    pub id: BackupId,
    /// SHA-256 of its normalised text, in hexadecimal.
    pub fingerprint: String,
    /// Lines of its raw text.
    pub lines: usize,
}

/// A capture that has been judged whole, on its way to the archive.
#[derive(Debug)]
pub struct NewBackup {
    /// The bytes for restoring.
    pub raw: Vec<u8>,
    /// Decides whether something changed.
    pub normalised: String,
    /// Output of the information commands, one block each.
    pub info: String,
}

/// A capture that failed its proof: kept apart, shown, never current.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// The row.
    pub id: SuspectId,
    /// Whose configuration.
    pub device: DeviceId,
    /// The device's name today.
    pub device_name: String,
    /// The platform whose rules judged it.
    pub platform: String,
    /// The job that brought it.
    pub job: Option<JobId>,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// Why it is not believed.
    pub reason: String,
    /// SHA-256 of the raw bytes, in hexadecimal.
    pub sha256: String,
    /// Length of the raw bytes.
    pub bytes: i64,
    /// Lines of the raw text.
    pub lines: i32,
}

/// How many lines a text has; a last line without line end counts.
pub fn count_lines(raw: &[u8]) -> usize {
    let ends = raw.split(|byte| *byte == b'\n').count() - 1;
    ends + usize::from(raw.last().is_some_and(|b| *b != b'\n'))
}

#[cfg(test)]
mod tests {
    use super::count_lines;

    #[test]
    fn lines_are_counted_as_an_editor_shows_them() {
        assert_eq!(
            [b"".as_slice(), b"a", b"a\n", b"a\nb", b"\n"].map(count_lines),
            [0, 1, 1, 2, 1]
        );
    }
}
