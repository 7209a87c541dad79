//! Row ids as types of their own, so that a device's id cannot be passed where a job's is due.

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                raw.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A person.
    UserId,
    /// A signed-in browser.
    SessionId,
    /// A device.
    DeviceId,
    /// A credential.
    CredentialId,
    /// A host that others are reached through.
    JumpHostId,
    /// A tag.
    TagId,
    /// A version of a device's configuration.
    BackupId,
    /// A capture that failed its proof.
    SuspectId,
    /// A schedule.
    ScheduleId,
    /// The jobs of one firing or one click.
    BatchId,
    /// One unit of work on one device.
    JobId,
    /// A line of the audit trail.
    AuditId,
    /// A rule that tags devices.
    RuleId,
    /// A setting's row.
    SettingId,
    /// A time in which no schedule starts anything.
    BlackoutId,
    /// A list of devices brought in at once.
    ImportId,
    /// A link that lets a person choose a password once.
    InvitationId,
    /// Something to tell.
    NoticeId,
    /// A mail to be sent, or sent.
    MailId,
    /// A platform file as somebody saved it.
    RevisionId,
    /// A key that seals data.
    DataKeyId,
}
