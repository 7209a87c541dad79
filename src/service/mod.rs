//! Use cases: what people and workers can have done, each with its permission, its transaction and its
//! line in the audit trail.
//!
//! A use case asks for a [`Grant`](crate::domain::access::Grant), so it cannot be called without the check.
//! Nothing outward happens inside a transaction; what must follow a change is a row in the same transaction.

pub mod account;
pub mod audit;
pub mod backups;
pub mod batches;
pub mod blackouts;
pub mod capture;
pub mod counters;
pub mod credentials;
pub mod dashboard;
pub mod database;
pub mod devices;
pub mod duties;
pub mod following;
pub mod host_keys;
pub mod import;
pub mod jobs;
pub mod jump_hosts;
pub mod keys;
pub mod metrics;
pub mod nodes;
pub mod notices;
pub mod platforms;
pub mod queue;
pub mod readiness;
pub mod rules;
pub mod schedules;
mod secrets;
pub mod self_backup;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod silence;
pub mod storage;
pub mod tags;
pub mod throttle;
pub mod unlock;
pub mod upkeep;
pub mod users;

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    archive::{ArchiveError, Shelf},
    crypt::{Keyring, SealError, password::Passwords, token::NoRandomness},
    platform::{MaskKey, Platforms},
    store::{Db, StoreError},
};

/// The one source of "now": the system's clock, or a test's.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What any use case may need.
#[derive(Clone)]
pub struct Core {
    /// The database.
    pub db: Db,
    /// The data folder.
    pub data_dir: Arc<Path>,
    /// The time, in whole microseconds: what PostgreSQL keeps.
    pub clock: Clock,
    /// The data keys; without any, NetRaven runs sealed.
    pub keyring: Arc<Keyring>,
    /// Tags masked secrets.
    pub mask: Arc<MaskKey>,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// The known platforms.
    pub platforms: Platforms,
    /// What admins set, as it is in force.
    pub settings: settings::Live,
    /// The disks that it needs room on.
    pub disks: storage::Disks,
    /// Wakes this process's workers; a hint, never relied on.
    pub wake: Arc<Notify>,
    /// What this process has counted.
    pub counters: Arc<counters::Counters>,
    /// Who follows a job in this process.
    pub following: following::Following,
    /// Whether the database answers, as this process found it.
    pub outage: Arc<database::Outage>,
    /// What this process does for all nodes.
    pub duties: duties::Own,
    /// Goes off when this process has been told to stop, before anything of it ends.
    pub stopping: CancellationToken,
}

impl Core {
    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// What finds and opens kept texts.
    pub fn shelf(&self) -> Shelf {
        Shelf { keyring: self.keyring.clone(), folder: self.data_dir.clone(), bucket: self.settings.bucket() }
    }
}

/// Something that should not happen did. People see a reference; the log sees the cause.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database or the bucket does not answer: it may in a while.
    #[error("{0}")]
    Unavailable(String),
    /// NetRaven runs without its keys.
    #[error("NetRaven is sealed: {0}")]
    Sealed(String),
    /// Anything else.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            other @ (StoreError::Conflict | StoreError::Query(_) | StoreError::Unreadable { .. }) => {
                Self::Broken(other.into())
            }
        }
    }
}

impl From<SealError> for Fault {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Sealed(why) => Self::Sealed(why),
            other @ (SealError::NoEnvelope(_)
            | SealError::UnknownKey(..)
            | SealError::Forged(_)
            | SealError::Randomness(_)) => Self::Broken(other.into()),
        }
    }
}

impl From<ArchiveError> for Fault {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Store(error) => error.into(),
            ArchiveError::Seal(error) => error.into(),
            other @ ArchiveError::Unreachable(..) => Self::Unavailable(other.to_string()),
            other @ (ArchiveError::Compression(..)
            | ArchiveError::Missing(_)
            | ArchiveError::File(..)
            | ArchiveError::Damaged(..)) => Self::Broken(other.into()),
        }
    }
}

impl From<NoRandomness> for Fault {
    fn from(error: NoRandomness) -> Self {
        Self::Broken(error.into())
    }
}
