//! What the events are about: how the list of the audit trail is narrowed down.

use super::{AuditEvent, AuditEvent as E};
use crate::domain::text_enum;

text_enum! {
    /// A group of events.
    pub enum EventGroup {
        /// Sign-in, sessions, refusals.
        SignIn = "sign_in",
        /// People and their passwords.
        People = "people",
        /// Devices, host keys, imports.
        Devices = "devices",
        /// Credentials.
        Credentials = "credentials",
        /// What was read with its secrets or taken out.
        Secrets = "secrets",
        /// Jobs, versions, retention.
        Backups = "backups",
        /// Schedules and black-outs.
        Schedules = "schedules",
        /// Tags and their rules.
        Tags = "tags",
        /// Settings and keys.
        System = "system",
    }
}

impl EventGroup {
    /// The group of an event.
    #[expect(clippy::too_many_lines, reason = "one line for each event")]
    pub fn of(event: AuditEvent) -> Self {
        match event {
            E::SetUp
            | E::SignedIn
            | E::SignInRefused
            | E::SignedOut
            | E::SessionsEnded
            | E::Confirmed
            | E::ConfirmationRefused
            | E::AccessRefused => Self::SignIn,
            E::UserCreated
            | E::UserDisabled
            | E::PasswordReset
            | E::UserChanged
            | E::UserEnabled
            | E::UserDeleted
            | E::InvitationCreated
            | E::PasswordChanged => Self::People,
            E::DeviceCreated
            | E::DeviceChanged
            | E::DeviceDeleted
            | E::DeviceRestored
            | E::DevicePurged
            | E::DevicesChanged
            | E::DevicesImported
            | E::ImportUndone
            | E::ReachabilityChecked
            | E::JumpHostCreated
            | E::JumpHostChanged
            | E::JumpHostDeleted
            | E::JumpHostRefused
            | E::HostKeyPinned
            | E::HostKeyRefused
            | E::HostKeyAccepted => Self::Devices,
            E::CredentialChanged
            | E::CredentialCreated
            | E::CredentialDeleted
            | E::CredentialRotated
            | E::CredentialStopped
            | E::CredentialResumed
            | E::CredentialTested
            | E::CredentialUsed => Self::Credentials,
            E::RawRead | E::TranscriptRead | E::Exported => Self::Secrets,
            E::BackupsStarted
            | E::JobCanceled
            | E::BatchCanceled
            | E::JobsDeleted
            | E::BackupDeleted
            | E::BackupNoted
            | E::BackupChecked
            | E::ContentChecked
            | E::RetentionApplied => Self::Backups,
            E::ScheduleCreated
            | E::ScheduleChanged
            | E::ScheduleDeleted
            | E::ScheduleRun
            | E::BlackoutChanged => Self::Schedules,
            E::TagCreated
            | E::TagChanged
            | E::TagDeleted
            | E::RuleCreated
            | E::RuleChanged
            | E::RuleDeleted => Self::Tags,
            E::PlatformSaved
            | E::PlatformTakenUp
            | E::PlatformPutAside
            | E::SettingChanged
            | E::SettingsReset
            | E::MailTested
            | E::KeysRotated
            | E::KeyRemoved
            | E::StorageVerified
            | E::StorageMoved
            | E::SelfBackedUp
            | E::Restored => Self::System,
        }
    }

    /// Its events.
    pub fn events(self) -> impl Iterator<Item = AuditEvent> {
        AuditEvent::ALL.iter().copied().filter(move |event| Self::of(*event) == self)
    }
}
