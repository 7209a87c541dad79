//! What proves us to a device.

mod candidate;

pub use candidate::{Answer, Candidate, MOST_TRIES, Skip, Step, plan};

use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{
    cap::Cap,
    id::{CredentialId, DeviceId, TagId},
    secret::Secret,
};

/// The name of a shared credential: 1 to 60 characters, compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialName(String);

/// A text that is no name of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Use 1 to 60 characters on one line.")]
pub struct InvalidCredentialName;

impl CredentialName {
    /// As the person wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two names are compared.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for CredentialName {
    type Err = InvalidCredentialName;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let name = raw.trim();
        match name.chars().count() {
            1..=60 if !name.chars().any(char::is_control) => Ok(Self(name.to_owned())),
            _ => Err(InvalidCredentialName),
        }
    }
}

/// Secrets to be kept; every `None` means "none", or, in an edit, "leave as it is".
#[derive(Debug, Default)]
pub struct NewCredential {
    /// The account on the device.
    pub username: String,
    /// For password and keyboard-interactive authentication.
    pub password: Option<Secret>,
    /// For privileged mode.
    pub enable: Option<Secret>,
    /// A private key in OpenSSH's or PEM form.
    pub private_key: Option<Secret>,
    /// Opens the private key.
    pub passphrase: Option<Secret>,
}

/// What a page may know of a credential: that secrets are there, never what they are (S-48).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The row.
    pub id: CredentialId,
    /// Its name, when it may serve many devices; `None` for a device's own.
    pub name: Option<String>,
    /// The account on the device.
    pub username: String,
    /// Whether a password is kept.
    pub has_password: bool,
    /// Whether an enable secret is kept.
    pub has_enable: bool,
    /// Whether a private key is kept.
    pub has_private_key: bool,
}

/// A credential with its secrets, on its way to a device.
#[derive(Debug)]
pub struct Unsealed {
    /// The account on the device.
    pub username: String,
    /// For password and keyboard-interactive authentication.
    pub password: Option<Secret>,
    /// For privileged mode.
    pub enable: Option<Secret>,
    /// A private key.
    pub private_key: Option<Secret>,
    /// Opens the private key.
    pub passphrase: Option<Secret>,
}

/// A credential that many devices share, as its page tells it.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Name, account, and which secrets are there.
    pub credential: Credential,
    /// What it is for.
    pub description: String,
    /// How many devices may be signed in to with it at once.
    pub most_sessions: Option<Cap>,
    /// Counts the edits.
    pub version: i32,
    /// Counts the changes of its secrets.
    pub revision: i32,
    /// The secrets before the last change, while they are kept.
    pub previous: Option<CredentialId>,
    /// When its secrets were changed last.
    pub rotated_at: Option<DateTime<Utc>>,
    /// How often devices accepted it.
    pub successes: i64,
    /// How often devices refused it.
    pub failures: i64,
    /// When a device last accepted it.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When a device last refused it.
    pub last_failure_at: Option<DateTime<Utc>>,
    /// Since when it is not used any more, because three devices in a row refused it.
    pub stopped_at: Option<DateTime<Utc>>,
}

/// What a person says of a shared credential.
#[derive(Debug)]
pub struct SharedEdit {
    /// Its name.
    pub name: CredentialName,
    /// What it is for.
    pub description: String,
    /// How many devices may be signed in to with it at once; `None` = as many as there are places.
    pub most_sessions: Option<Cap>,
    /// The account, and the secrets that change.
    pub secrets: NewCredential,
    /// Whether the secrets before stay until every device has accepted the new ones.
    pub keeps_old: bool,
}

/// A tag through which a shared credential is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialTag {
    /// The tag.
    pub tag: TagId,
    /// Its name.
    pub name: String,
    /// Higher is tried first.
    pub priority: i32,
    /// How often devices accepted it through this tag.
    pub successes: i64,
    /// How often devices refused it through this tag.
    pub failures: i64,
}

/// A device that a shared credential is for.
#[derive(Debug, Clone)]
pub struct CredentialUse {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// Whether it is the device's chosen one, or tried through a tag.
    pub is_direct: bool,
    /// How the device last answered, if it was tried.
    pub answer: Option<Answer>,
}

/// A credential that a device accepted, to be noted with the end of the job.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The row whose secrets were accepted; of a pair the old one's own row.
    pub row: CredentialId,
    /// The credential, under which it counts.
    pub credential: CredentialId,
    /// What the job's log calls it.
    pub name: String,
    /// The tag through which it was tried.
    pub tag: Option<TagId>,
    /// The revision of the accepted secrets.
    pub revision: i32,
    /// Whether the device is known to accept it already.
    pub is_known: bool,
}

/// Where a device gets its credential from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Login {
    /// It has its own, or none yet.
    #[default]
    Own,
    /// This shared one, and no other.
    Shared(CredentialId),
    /// Whichever of those that are tried through its tags is accepted.
    Tags,
}
