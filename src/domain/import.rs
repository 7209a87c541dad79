//! Lists of devices brought in at once: what their columns mean, and what becomes of their rows.

mod column;

pub use column::{Column, Mapping};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{
    id::{CredentialId, DeviceId, ImportId, UserId},
    text_enum,
};

/// How long a list waits to be carried out.
pub const STAGED_FOR: Duration = Duration::days(1);

/// How long an import can be undone.
pub const UNDO_FOR: Duration = Duration::days(30);

text_enum! {
    /// How far an import is.
    pub enum ImportState {
        /// Waits to be carried out.
        Staged = "staged",
        /// Carried out.
        Applied = "applied",
        /// Carried out and taken back.
        Undone = "undone",
    }
}

/// An import as lists show it.
#[derive(Debug, Clone)]
pub struct Import {
    /// The row.
    pub id: ImportId,
    /// Bound into the envelopes.
    pub row_key: String,
    /// How far it is.
    pub state: ImportState,
    /// How its file is read.
    pub mapping: Mapping,
    /// Who brought it; `None` for the console.
    pub user: Option<UserId>,
    /// That person's name.
    pub created_by: String,
    /// When it was brought.
    pub created_at: DateTime<Utc>,
    /// The name of the tag that its devices got; `None` without one.
    pub tag: Option<String>,
    /// When it was carried out.
    pub applied_at: Option<DateTime<Utc>>,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
    /// Devices added.
    pub added: i32,
    /// Devices changed.
    pub changed: i32,
    /// Rows left out.
    pub rejected: i32,
}

impl Import {
    /// Until when it can be undone; `None` when it cannot.
    pub fn undo_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = self.applied_at? + UNDO_FOR;
        (self.state == ImportState::Applied && now < until).then_some(until)
    }
}

/// What is wrong with a cell of a row, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The column; `line` for the row as a whole.
    pub column: &'static str,
    /// What stands there; never a secret.
    pub value: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.column)?;
        if !self.value.is_empty() {
            write!(f, " \"{}\"", self.value)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// A field of a device that a row changes: its name, before, after; secrets only as changed.
pub type FieldChange = (&'static str, String, String);

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A device is added.
    New,
    /// A device is changed.
    Update(Vec<FieldChange>),
    /// The device is so already.
    Unchanged,
    /// The row says what another row or device says.
    Duplicate(Complaint),
    /// The row cannot be taken.
    Error(Vec<Complaint>),
}

text_enum! {
    /// A verdict in one word.
    pub enum VerdictKind {
        /// A device is added.
        New = "new",
        /// A device is changed.
        Update = "update",
        /// Nothing is to be done.
        Unchanged = "unchanged",
        /// Another row or device says the same.
        Duplicate = "duplicate",
        /// The row cannot be taken.
        Error = "error",
    }
}

impl Verdict {
    /// The verdict in one word.
    pub fn kind(&self) -> VerdictKind {
        match self {
            Self::New => VerdictKind::New,
            Self::Update(_) => VerdictKind::Update,
            Self::Unchanged => VerdictKind::Unchanged,
            Self::Duplicate(_) => VerdictKind::Duplicate,
            Self::Error(_) => VerdictKind::Error,
        }
    }

    /// Everything that is wrong with the row; nothing for one that can be taken.
    pub fn complaints(&self) -> &[Complaint] {
        match self {
            Self::Duplicate(one) => std::slice::from_ref(one),
            Self::Error(all) => all,
            Self::New | Self::Update(_) | Self::Unchanged => &[],
        }
    }
}

/// How many rows have which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Devices to be added.
    pub new: usize,
    /// Devices to be changed.
    pub update: usize,
    /// Devices that are so already.
    pub unchanged: usize,
    /// Rows that say what others say.
    pub duplicate: usize,
    /// Rows that cannot be taken.
    pub error: usize,
}

impl Counts {
    /// The verdicts counted.
    pub fn of<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Self {
        let mut counts = Self::default();
        for verdict in verdicts {
            match verdict.kind() {
                VerdictKind::New => counts.new += 1,
                VerdictKind::Update => counts.update += 1,
                VerdictKind::Unchanged => counts.unchanged += 1,
                VerdictKind::Duplicate => counts.duplicate += 1,
                VerdictKind::Error => counts.error += 1,
            }
        }
        counts
    }

    /// Rows that stand in the way.
    pub fn bad(&self) -> usize {
        self.duplicate + self.error
    }

    /// Devices that would be touched.
    pub fn good(&self) -> usize {
        self.new + self.update
    }
}

/// A device before an import changed it, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// As people wrote it.
    pub name: String,
    /// IP address or host name.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// The platform's key.
    pub platform: String,
    /// How it was reached.
    pub transport: String,
    /// Which SSH algorithms it could use; absent in what was remembered before there was a choice.
    #[serde(default)]
    pub algorithms: String,
    /// Its further addresses, each behind the next.
    #[serde(default)]
    pub further: String,
    /// Whether the import gave it another jump host than it had.
    #[serde(default)]
    pub is_jump_host_other: bool,
    /// The jump host that it had, where that is so.
    #[serde(default)]
    pub jump_host: Option<i64>,
    /// Free words.
    pub description: String,
    /// The serial number.
    pub serial_number: String,
    /// The tags that people had put on it.
    pub tags: Vec<String>,
    /// Whether the import gave it another credential than it had.
    pub is_credential_other: bool,
    /// Whether it was backed up; absent in what was remembered before lists could say so.
    #[serde(default)]
    pub is_enabled: Option<bool>,
}

/// What an import did to a device, and how the device is by now.
#[derive(Debug)]
pub struct Deed {
    /// The device.
    pub device: DeviceId,
    /// Its name by now.
    pub name: String,
    /// How it was before; `None` when the import added it.
    pub before: Option<Before>,
    /// The credential that it had before, where the import gave it another.
    pub old_credential: Option<CredentialId>,
    /// The credential that it has by now.
    pub credential: Option<CredentialId>,
    /// Whether nobody has changed or deleted it since.
    pub is_as_left: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_can_be_undone_for_thirty_days() {
        let at = DateTime::UNIX_EPOCH;
        let mapping =
            Mapping { separator: ',', has_header: true, columns: Vec::new(), platform: String::new() };
        let import = Import {
            id: ImportId(1),
            row_key: String::new(),
            state: ImportState::Applied,
            mapping,
            user: None,
            created_by: String::new(),
            created_at: at,
            tag: None,
            applied_at: Some(at),
            undone_at: None,
            added: 0,
            changed: 0,
            rejected: 0,
        };
        assert_eq!(import.undo_until(at), Some(at + Duration::days(30)));
        assert_eq!(import.undo_until(at + Duration::days(30)), None);
        assert_eq!(Import { state: ImportState::Undone, ..import }.undo_until(at), None);
    }
}
