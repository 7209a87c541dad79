//! Who did what: the words of the audit trail.

use chrono::{DateTime, Utc};

use super::text_enum;

text_enum! {
    /// What happened.
    pub enum AuditEvent {
        /// The first admin was made with the set-up token.
        SetUp = "set_up",
        /// Somebody signed in.
        SignedIn = "signed_in",
        /// Somebody tried to sign in and was refused.
        SignInRefused = "sign_in_refused",
        /// Somebody signed out.
        SignedOut = "signed_out",
        /// A person was added.
        UserCreated = "user_created",
        /// A person may no longer sign in.
        UserDisabled = "user_disabled",
        /// A person's password was set anew.
        PasswordReset = "password_reset",
        /// A device was added.
        DeviceCreated = "device_created",
        /// A device was changed.
        DeviceChanged = "device_changed",
        /// A device was deleted.
        DeviceDeleted = "device_deleted",
        /// Devices were imported.
        DevicesImported = "devices_imported",
        /// A device's credential was set or changed.
        CredentialChanged = "credential_changed",
        /// A host key was pinned at first contact.
        HostKeyPinned = "host_key_pinned",
        /// A changed host key was refused.
        HostKeyRefused = "host_key_refused",
        /// A changed host key was accepted by a person.
        HostKeyAccepted = "host_key_accepted",
        /// Backups were started by a person.
        BackupsStarted = "backups_started",
        /// A job was canceled.
        JobCanceled = "job_canceled",
        /// A configuration was read or downloaded with its secrets.
        RawRead = "raw_read",
        /// A schedule was added.
        ScheduleCreated = "schedule_created",
        /// A schedule was changed.
        ScheduleChanged = "schedule_changed",
        /// A schedule was deleted.
        ScheduleDeleted = "schedule_deleted",
    }
}

/// A line of the audit trail.
#[derive(Debug, Clone)]
pub struct AuditLine {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// From which address.
    pub address: Option<String>,
    /// What.
    pub event: AuditEvent,
    /// To which object, by name.
    pub object: String,
    /// More about it; secrets appear as "changed" only.
    pub detail: Option<String>,
    /// The request that did it.
    pub request: Option<String>,
}
