//! Lists of devices brought in at once: what their columns mean, and what becomes of them.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{
    id::{ImportId, TagId, UserId},
    text_enum,
};

/// How long a staged list waits to be carried out.
pub const STAGED_FOR: Duration = Duration::hours(1);
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

text_enum! {
    /// What a column of a file means.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Column {
        /// The device's name.
        Hostname = "hostname",
        /// Its IP address or host name; without this column the name is used.
        Address = "address",
        /// Its TCP port.
        Port = "port",
        /// Its platform's key.
        Platform = "platform",
        /// How it is reached.
        Transport = "transport",
        /// The account on it.
        Username = "username",
        /// The account's password.
        Password = "password",
        /// For privileged mode.
        EnablePassword = "enable_password",
        /// Its tags.
        Tags = "tags",
        /// Free words.
        Description = "description",
        /// Nothing that is brought in.
        Ignored = "ignored",
    }
}

impl Column {
    /// The column that people most likely mean by a header's cell.
    pub fn guess(header: &str) -> Self {
        let word: String =
            header.trim().to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        match word.as_str() {
            "hostname" | "name" | "host" | "device" | "devicename" | "node" | "label" | "sysname" => Self::Hostname,
            "address" | "ip" | "ipaddress" | "ipaddr" | "managementip" | "mgmtip" | "primaryip" | "primaryip4"
            | "fqdn" | "addr" => Self::Address,
            "port" | "sshport" | "tcpport" => Self::Port,
            "platform" | "devicetype" | "type" | "model" | "os" | "driver" | "vendor" => Self::Platform,
            "transport" | "protocol" | "method" => Self::Transport,
            "username" | "user" | "login" | "account" => Self::Username,
            "password" | "pass" | "secret" => Self::Password,
            "enablepassword" | "enable" | "enablesecret" => Self::EnablePassword,
            "tags" | "tag" | "group" | "groups" | "site" => Self::Tags,
            "description" | "comment" | "comments" | "notes" | "note" => Self::Description,
            _ => Self::Ignored,
        }
    }
}

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What separates the cells.
    pub separator: char,
    /// Whether the first line names the columns.
    pub has_header: bool,
    /// What each column means.
    pub columns: Vec<Column>,
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
    /// The tag of its devices.
    pub tag: Option<TagId>,
    /// Who staged it; `None` for the console.
    pub user: Option<UserId>,
    /// That person's name.
    pub created_by: String,
    /// When it was staged.
    pub created_at: DateTime<Utc>,
    /// When it was carried out.
    pub applied_at: Option<DateTime<Utc>>,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
    /// Devices added.
    pub added: i32,
    /// Devices changed.
    pub changed: i32,
    /// Rows refused.
    pub rejected: i32,
}

impl Import {
    /// Whether it can still be undone.
    pub fn can_be_undone(&self, now: DateTime<Utc>) -> bool {
        self.state == ImportState::Applied && self.applied_at.is_some_and(|at| now < at + UNDO_FOR)
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A device is added.
    New,
    /// A device is changed: field, before, after.
    Update(Vec<(&'static str, String, String)>),
    /// The device is so already.
    Unchanged,
    /// The row says what another row or device says.
    Duplicate(String),
    /// The row cannot be taken: what is wrong and what to do, by column.
    Error(Vec<(String, String)>),
}

impl Verdict {
    /// Whether the row stands in the way.
    pub fn is_bad(&self) -> bool {
        matches!(self, Self::Duplicate(_) | Self::Error(_))
    }

    /// The word by which lists filter.
    pub fn word(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Update(_) => "update",
            Self::Unchanged => "unchanged",
            Self::Duplicate(_) => "duplicate",
            Self::Error(_) => "error",
        }
    }
}

/// How many rows have which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Added.
    pub new: usize,
    /// Changed.
    pub update: usize,
    /// Left as they are.
    pub unchanged: usize,
    /// In the way.
    pub bad: usize,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::New => self.new += 1,
            Verdict::Update(_) => self.update += 1,
            Verdict::Unchanged => self.unchanged += 1,
            Verdict::Duplicate(_) | Verdict::Error(_) => self.bad += 1,
        }
    }
}

/// A device before an import changed it, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Its name, address, platform, transport and description.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// Its platform's key.
    pub platform: String,
    /// How it was reached.
    pub transport: String,
    /// Free words.
    pub description: String,
    /// Whether schedules took it.
    pub is_enabled: bool,
    /// The tags that people had put on it.
    pub tags: Vec<String>,
}
