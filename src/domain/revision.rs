//! Platform files as people change them: saved, tried on one device, in use for all, put aside.

use chrono::{DateTime, Utc};

use super::{
    id::{DeviceId, RevisionId},
    text_enum,
};

text_enum! {
    /// How far a saved platform file has come.
    pub enum RevisionState {
        /// One device is backed up by it.
        Trial = "trial",
        /// Every device of its platform is, but for the one on which another is tried.
        InUse = "in_use",
        /// None is. It can be taken up again.
        Past = "past",
    }
}

/// A platform file as somebody saved it.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Its number.
    pub id: RevisionId,
    /// The platform's key.
    pub platform: String,
    /// The TOML text.
    pub source: String,
    /// What it is for, in words.
    pub note: String,
    /// Who saved it.
    pub saved_by: String,
    /// When.
    pub saved_at: DateTime<Utc>,
    /// How far it has come.
    pub state: RevisionState,
    /// The device that it is or was tried on.
    pub device: Option<DeviceId>,
}

/// What is saved.
#[derive(Debug, Clone)]
pub struct NewRevision {
    /// The platform's key.
    pub platform: String,
    /// The TOML text.
    pub source: String,
    /// What it is for, in words.
    pub note: String,
    /// Who saves it.
    pub saved_by: String,
    /// The device that it is tried on; `None` where it is for all at once.
    pub device: Option<DeviceId>,
}
