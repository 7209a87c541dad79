//! Versions of configurations, and captures that did not become one.

use chrono::{DateTime, Utc};

use super::{
    fact::Learned,
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
    /// Whether it stays whatever retention says.
    pub is_pinned: bool,
    /// What a person wrote on it.
    pub note: String,
    /// Who or what asked for the job that took it; empty for versions from before this was kept.
    pub started_by: String,
    /// When its bytes were last read back and compared with their hash.
    pub checked_at: Option<DateTime<Utc>>,
    /// Whether they had changed then.
    pub is_damaged: bool,
    /// So few lines the device's next configuration may have, as a person has said of a doubtful capture; `None` where
    /// nobody has, or a good backup has come since. Half of its own are the least then.
    pub accepted_lines: Option<i32>,
}

impl Backup {
    /// What the last check of the kept bytes said.
    pub fn soundness(&self) -> Soundness {
        match (self.checked_at, self.is_damaged) {
            (_, true) => Soundness::Damaged,
            (Some(_), false) => Soundness::Good,
            (None, false) => Soundness::Unchecked,
        }
    }
}

text_enum! {
    /// What is known of the bytes that are kept.
    pub enum Soundness {
        /// They have not been read back since they were kept.
        Unchecked = "unchecked",
        /// They were read back and were what they should be.
        Good = "good",
        /// They do not read back.
        Damaged = "damaged",
    }
}

/// Which versions a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackupFilter {
    /// Of devices whose name holds this.
    pub device: Option<String>,
    /// Of devices with this tag.
    pub tag: Option<String>,
    /// Judged by the rules of this platform.
    pub platform: Option<String>,
    /// Taken at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Taken before this time.
    pub until: Option<DateTime<Utc>>,
    /// At least so many lines came or went.
    pub changed: Option<i32>,
    /// Asked for by whoever has this in the name.
    pub started_by: Option<String>,
    /// Pinned ones, or those that are not.
    pub is_pinned: Option<bool>,
    /// By what the last check said.
    pub soundness: Option<Soundness>,
}

/// What a person writes on a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupNote(String);

/// A note that is too long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The note has {0} characters; shorten it to {most}.", most = BackupNote::LONGEST)]
pub struct InvalidNote(usize);

impl BackupNote {
    /// Its characters, at most.
    pub const LONGEST: usize = 500;

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for BackupNote {
    type Err = InvalidNote;

    fn from_str(raw: &str) -> Result<Self, InvalidNote> {
        let text = raw.trim().replace("\r\n", "\n");
        match text.chars().count() {
            ..=Self::LONGEST => Ok(Self(text.chars().filter(|c| *c == '\n' || !c.is_control()).collect())),
            many => Err(InvalidNote(many)),
        }
    }
}

/// What a job needs to know of the version that is current: whether a capture equals it, and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The version.
    pub id: BackupId,
    /// SHA-256 of its raw bytes, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of its normalised text, in hexadecimal.
    pub fingerprint: String,
    /// Lines of its raw text.
    pub lines: usize,
    /// So few lines the next one may have, as a person has said of a doubtful capture.
    pub accepted: Option<usize>,
}

/// A capture that has been judged whole, on its way to the archive.
#[derive(Debug, Clone)]
pub struct NewBackup {
    /// The bytes for restoring.
    pub raw: Vec<u8>,
    /// Output of the information commands, one block each.
    pub info: String,
    /// What the device told of itself.
    pub learned: Learned,
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
    use super::*;

    #[test]
    fn lines_are_counted_as_an_editor_shows_them() {
        assert_eq!([b"".as_slice(), b"a", b"a\n", b"a\nb", b"\n"].map(count_lines), [0, 1, 1, 2, 1]);
    }

    #[test]
    fn a_note_has_so_many_characters_and_no_control_characters_but_line_ends() {
        assert_eq!("  before\r\nthe move\u{1b} ".parse::<BackupNote>().unwrap().as_str(), "before\nthe move");
        assert_eq!("ü".repeat(500).parse::<BackupNote>().unwrap().as_str().chars().count(), 500);
        let long = "x".repeat(501).parse::<BackupNote>().unwrap_err();
        assert_eq!(long.to_string(), "The note has 501 characters; shorten it to 500.");
    }
}
