//! Everything that leaves a line in the audit trail.

use crate::domain::text_enum;

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
        /// A jump host was added.
        JumpHostCreated = "jump_host_created",
        /// A jump host was changed.
        JumpHostChanged = "jump_host_changed",
        /// A jump host was deleted.
        JumpHostDeleted = "jump_host_deleted",
        /// A jump host refused its credential; no job tries it again until somebody sees to it.
        JumpHostRefused = "jump_host_refused",
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
        /// What was left of a batch was canceled.
        BatchCanceled = "batch_canceled",
        /// A configuration was read or downloaded with its secrets.
        RawRead = "raw_read",
        /// A schedule was added.
        ScheduleCreated = "schedule_created",
        /// A schedule was changed.
        ScheduleChanged = "schedule_changed",
        /// A schedule was deleted.
        ScheduleDeleted = "schedule_deleted",
        /// A person's profile or administration was changed.
        UserChanged = "user_changed",
        /// A person may sign in again.
        UserEnabled = "user_enabled",
        /// A person was deleted.
        UserDeleted = "user_deleted",
        /// A link was made with which a person chooses a password.
        InvitationCreated = "invitation_created",
        /// A person changed the own password.
        PasswordChanged = "password_changed",
        /// Sessions were ended by a person.
        SessionsEnded = "sessions_ended",
        /// A person proved again who it is.
        Confirmed = "confirmed",
        /// Proof was asked for again and was wrong.
        ConfirmationRefused = "confirmation_refused",
        /// Somebody asked for what the role or the scope does not allow.
        AccessRefused = "access_refused",
        /// A deleted device was restored with its history.
        DeviceRestored = "device_restored",
        /// A deleted device was removed for good, with its versions.
        DevicePurged = "device_purged",
        /// Devices were changed together.
        DevicesChanged = "devices_changed",
        /// The reachability of devices was checked.
        ReachabilityChecked = "reachability_checked",
        /// A list was exported.
        Exported = "exported",
        /// An import was undone.
        ImportUndone = "import_undone",
        /// A tag was added.
        TagCreated = "tag_created",
        /// A tag was changed.
        TagChanged = "tag_changed",
        /// A tag was deleted.
        TagDeleted = "tag_deleted",
        /// A tag rule was added.
        RuleCreated = "rule_created",
        /// A tag rule was changed.
        RuleChanged = "rule_changed",
        /// A tag rule was deleted.
        RuleDeleted = "rule_deleted",
        /// A shared credential was added.
        CredentialCreated = "credential_created",
        /// A credential was deleted.
        CredentialDeleted = "credential_deleted",
        /// A credential's secrets were replaced, the old ones kept until all devices answer.
        CredentialRotated = "credential_rotated",
        /// A credential was stopped after devices in a row refused it.
        CredentialStopped = "credential_stopped",
        /// A stopped credential was let go on by a person.
        CredentialResumed = "credential_resumed",
        /// A job of a batch is about to show a credential to a device, the first one of that batch.
        CredentialUsed = "credential_used",
        /// A credential was tried against devices.
        CredentialTested = "credential_tested",
        /// A version was deleted.
        BackupDeleted = "backup_deleted",
        /// A version was pinned, unpinned or annotated.
        BackupNoted = "backup_noted",
        /// A version's kept bytes were read back and compared.
        BackupChecked = "backup_checked",
        /// Job logs were deleted.
        JobsDeleted = "jobs_deleted",
        /// A job's raw session was read.
        TranscriptRead = "transcript_read",
        /// A schedule was started out of turn.
        ScheduleRun = "schedule_run",
        /// A black-out window was added, changed or deleted.
        BlackoutChanged = "blackout_changed",
        /// A platform's file was changed: for one device first, or for all.
        PlatformSaved = "platform_saved",
        /// A saved platform file was taken up for all devices.
        PlatformTakenUp = "platform_taken_up",
        /// A saved platform file was put aside.
        PlatformPutAside = "platform_put_aside",
        /// A setting was changed.
        SettingChanged = "setting_changed",
        /// Settings were put back to their defaults.
        SettingsReset = "settings_reset",
        /// A test mail was sent.
        MailTested = "mail_tested",
        /// The keys that seal secrets were rotated.
        KeysRotated = "keys_rotated",
        /// A retired key was removed.
        KeyRemoved = "key_removed",
        /// Old versions or job logs were removed by their retention.
        RetentionApplied = "retention_applied",
        /// Kept contents were read back, and what of them was damaged.
        StorageVerified = "storage_verified",
        /// A kept content was found damaged, or whole again.
        ContentChecked = "content_checked",
        /// Kept contents are being moved, or all of them have been.
        StorageMoved = "storage_moved",
        /// A copy of NetRaven itself was made.
        SelfBackedUp = "self_backed_up",
        /// NetRaven was restored from such a copy.
        Restored = "restored",
    }
}
