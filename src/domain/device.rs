//! Devices: what is backed up.

mod place;
mod reach;

pub use place::{Address, DeviceName, InvalidAddress, InvalidDeviceName, InvalidPort, Port, Transport};
pub use reach::{Algorithms, FurtherAddress, InvalidFurther, Reach};

use chrono::{DateTime, Duration, Utc};

use super::{
    credential::{Login, NewCredential},
    failure::FailureClass,
    id::{BackupId, CredentialId, DeviceId, JobId, UserId},
    job::{JobState, Outcome},
    tag::TagName,
    text_enum,
    time_limit::TimeLimit,
};

/// A device to be added; also the full new state of one that is edited.
#[derive(Debug)]
pub struct NewDevice {
    /// Unique without regard to case.
    pub name: DeviceName,
    /// Where it is.
    pub address: Address,
    /// Where it listens.
    pub port: Port,
    /// A platform's key; checked against the known ones by the service.
    pub platform: String,
    /// How it is reached.
    pub transport: Transport,
    /// Free words.
    pub description: String,
    /// Whether schedules and "all" take it.
    pub is_enabled: bool,
    /// The device's own credential; `None` = none yet, or (edit) leave as it is.
    pub credential: Option<NewCredential>,
    /// All its tags.
    pub tags: Vec<TagName>,
    /// The serial number, as people write it; may be empty.
    pub serial_number: String,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// Where its credential comes from.
    pub login: Login,
    /// How long a job may talk to it; `None` leaves that to its platform and the configuration.
    pub time_limit: Option<TimeLimit>,
    /// How it is reached beyond address, port and transport.
    pub reach: Reach,
}

impl NewDevice {
    /// Where it is reached, in the order of trying.
    pub fn places(&self) -> Vec<(String, u16)> {
        let port = self.port.get();
        let own = (self.address.as_str().to_owned(), port);
        [vec![own], self.reach.further_places(port)].concat()
    }

    /// A further address that is another of its addresses, too.
    pub fn repeated(&self) -> Option<&FurtherAddress> {
        let places = self.places();
        let is_before =
            |at: usize| places.get(..=at).zip(places.get(at + 1)).is_some_and(|(b, it)| b.contains(it));
        self.reach.further.iter().enumerate().find(|(at, _)| is_before(*at)).map(|(_, it)| it)
    }
}

/// A device.
#[derive(Debug, Clone)]
pub struct Device {
    /// The row.
    pub id: DeviceId,
    /// Unique without regard to case.
    pub name: String,
    /// IP address or host name.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// The platform's key.
    pub platform: String,
    /// How it is reached.
    pub transport: Transport,
    /// Free words.
    pub description: String,
    /// Whether schedules and "all" take it.
    pub is_enabled: bool,
    /// The credential that a job uses.
    pub credential: Option<CredentialId>,
    /// Counts edits; an edit form carries it so that two people do not overwrite each other.
    pub version: i32,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// The newest good version.
    pub current_backup: Option<BackupId>,
    /// When a whole capture last arrived, changed or not.
    pub last_good_at: Option<DateTime<Utc>>,
    /// When the configuration last differed.
    pub last_changed_at: Option<DateTime<Utc>>,
    /// The newest job that ended.
    pub last_job: Option<LastJob>,
    /// The serial number, as people write it; may be empty.
    pub serial_number: String,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// What the last reachability check found; `None` before the first.
    pub reachability: Option<Reachability>,
    /// How long a job may talk to it; `None` leaves that to its platform and the configuration.
    pub time_limit: Option<TimeLimit>,
}

/// What a reachability check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reachability {
    /// Whether something answered at the device's place.
    pub is_reachable: bool,
    /// When it was looked.
    pub at: DateTime<Utc>,
    /// What was found, in words.
    pub note: String,
}

/// A device that was deleted and can still be brought back.
#[derive(Debug, Clone)]
pub struct DeletedDevice {
    /// The row.
    pub id: DeviceId,
    /// Its name; another device may have it by now.
    pub name: String,
    /// Where it was.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// When it was deleted.
    pub deleted_at: DateTime<Utc>,
    /// By whom.
    pub deleted_by: String,
    /// How many versions of its configuration wait with it.
    pub versions: i64,
}

impl DeletedDevice {
    /// How long a deleted device can be brought back.
    pub const KEPT_FOR: Duration = Duration::days(30);
}

/// How a device's newest ended job went.
#[derive(Debug, Clone)]
pub struct LastJob {
    /// The job.
    pub id: JobId,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Its state.
    pub state: JobState,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Why it failed.
    pub class: Option<FailureClass>,
}

text_enum! {
    /// The columns by which a device list can be ordered.
    pub enum DeviceOrder {
        /// By name.
        Name = "name",
        /// By address.
        Address = "address",
        /// By platform, then name.
        Platform = "platform",
        /// The one backed up longest ago first.
        Stalest = "stalest",
        /// The one that changed last first.
        Changed = "changed",
        /// The one added last first.
        Newest = "newest",
    }
}

/// Which devices a list shows.
#[derive(Debug, Clone, Default)]
pub struct DeviceFilter {
    /// A piece of the name, address, description or serial number.
    pub text: Option<String>,
    /// A platform's key.
    pub platform: Option<String>,
    /// A tag's name.
    pub tag: Option<String>,
    /// Enabled or disabled ones only.
    pub is_enabled: Option<bool>,
    /// How the last job must have gone.
    pub standing: Option<Standing>,
    /// Whether the last check reached it; `Some(None)` = never checked.
    pub is_reachable: Option<Option<bool>>,
    /// The owner's sign-in name.
    pub owner: Option<String>,
    /// The order; by name when `None`.
    pub order: Option<DeviceOrder>,
}

text_enum! {
    /// A device's state of backup in one word.
    pub enum Standing {
        /// The newest job brought a whole capture.
        Good = "good",
        /// The newest job failed.
        Failing = "failing",
        /// The newest job's capture was doubtful.
        Suspect = "suspect",
        /// There is no good version yet and no job has ended.
        Never = "never",
    }
}

impl Device {
    /// The state of backup in one word.
    pub fn standing(&self) -> Standing {
        match &self.last_job {
            None => Standing::Never,
            Some(job) if job.outcome == Some(Outcome::Suspect) => Standing::Suspect,
            Some(job) if job.state == JobState::Succeeded => Standing::Good,
            Some(_) => Standing::Failing,
        }
    }
}
