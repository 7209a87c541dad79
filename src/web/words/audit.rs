//! What people read about the audit trail: a line for every event.

use std::fmt::Write as _;

use crate::{
    domain::audit::{AuditEvent, AuditOutcome, EventGroup, ObjectKind},
    web::parts::{Badge, Tone},
};

/// Every event with its colour, picture and words; refusals and secrets stand out. A test holds that none is missing.
const EVENTS: &[(AuditEvent, Tone, &str, &str)] = &[
    (AuditEvent::SetUp, Tone::Idle, "user", "Set up NetRaven"),
    (AuditEvent::SignedIn, Tone::Idle, "login-2", "Signed in"),
    (AuditEvent::SignInRefused, Tone::Bad, "ban", "Sign-in refused"),
    (AuditEvent::SignedOut, Tone::Idle, "logout", "Signed out"),
    (AuditEvent::UserCreated, Tone::Idle, "users", "Added a person"),
    (AuditEvent::UserDisabled, Tone::Warn, "users", "Disabled a person"),
    (AuditEvent::PasswordReset, Tone::Warn, "key", "Set a new password"),
    (AuditEvent::DeviceCreated, Tone::Idle, "router", "Added a device"),
    (AuditEvent::DeviceChanged, Tone::Idle, "pencil", "Changed a device"),
    (AuditEvent::DeviceDeleted, Tone::Warn, "trash", "Deleted a device"),
    (AuditEvent::DevicesImported, Tone::Idle, "upload", "Imported devices"),
    (AuditEvent::CredentialChanged, Tone::Idle, "key", "Changed a credential"),
    (AuditEvent::HostKeyPinned, Tone::Idle, "fingerprint", "Pinned a host key"),
    (AuditEvent::HostKeyRefused, Tone::Bad, "fingerprint", "Refused a changed host key"),
    (AuditEvent::HostKeyAccepted, Tone::Warn, "fingerprint", "Accepted a changed host key"),
    (AuditEvent::BackupsStarted, Tone::Idle, "player-play", "Started backups"),
    (AuditEvent::JobCanceled, Tone::Idle, "ban", "Canceled a job"),
    (AuditEvent::BatchCanceled, Tone::Idle, "ban", "Canceled a batch"),
    (AuditEvent::RawRead, Tone::Warn, "eye", "Read secrets of a configuration"),
    (AuditEvent::ScheduleCreated, Tone::Idle, "calendar-time", "Added a schedule"),
    (AuditEvent::ScheduleChanged, Tone::Idle, "pencil", "Changed a schedule"),
    (AuditEvent::ScheduleDeleted, Tone::Warn, "trash", "Deleted a schedule"),
    (AuditEvent::UserChanged, Tone::Idle, "users", "Changed a person"),
    (AuditEvent::UserEnabled, Tone::Idle, "users", "Enabled a person"),
    (AuditEvent::UserDeleted, Tone::Warn, "users", "Deleted a person"),
    (AuditEvent::InvitationCreated, Tone::Idle, "users", "Made an invitation link"),
    (AuditEvent::PasswordChanged, Tone::Idle, "key", "Changed the own password"),
    (AuditEvent::SessionsEnded, Tone::Idle, "logout", "Ended sessions"),
    (AuditEvent::Confirmed, Tone::Idle, "key", "Confirmed identity"),
    (AuditEvent::ConfirmationRefused, Tone::Bad, "ban", "Confirmation refused"),
    (AuditEvent::AccessRefused, Tone::Bad, "ban", "Access refused"),
    (AuditEvent::DeviceRestored, Tone::Idle, "router", "Restored a device"),
    (AuditEvent::DevicePurged, Tone::Warn, "trash", "Removed a device for good"),
    (AuditEvent::DevicesChanged, Tone::Idle, "pencil", "Changed devices together"),
    (AuditEvent::ReachabilityChecked, Tone::Idle, "router", "Checked reachability"),
    (AuditEvent::Exported, Tone::Warn, "download", "Exported a list"),
    (AuditEvent::ImportUndone, Tone::Warn, "upload", "Undid an import"),
    (AuditEvent::TagCreated, Tone::Idle, "pencil", "Added a tag"),
    (AuditEvent::TagChanged, Tone::Idle, "pencil", "Changed a tag"),
    (AuditEvent::TagDeleted, Tone::Warn, "trash", "Deleted a tag"),
    (AuditEvent::RuleCreated, Tone::Idle, "pencil", "Added a tag rule"),
    (AuditEvent::RuleChanged, Tone::Idle, "pencil", "Changed a tag rule"),
    (AuditEvent::RuleDeleted, Tone::Warn, "trash", "Deleted a tag rule"),
    (AuditEvent::JumpHostCreated, Tone::Idle, "pencil", "Added a jump host"),
    (AuditEvent::JumpHostChanged, Tone::Idle, "pencil", "Changed a jump host"),
    (AuditEvent::JumpHostDeleted, Tone::Warn, "trash", "Deleted a jump host"),
    (AuditEvent::JumpHostRefused, Tone::Bad, "key", "A jump host refused its credential"),
    (AuditEvent::CredentialCreated, Tone::Idle, "key", "Added a credential"),
    (AuditEvent::CredentialDeleted, Tone::Warn, "trash", "Deleted a credential"),
    (AuditEvent::CredentialRotated, Tone::Warn, "key", "Rotated a credential"),
    (AuditEvent::CredentialStopped, Tone::Bad, "key", "Stopped a credential"),
    (AuditEvent::CredentialResumed, Tone::Warn, "key", "Let a credential go on"),
    (AuditEvent::CredentialTested, Tone::Idle, "key", "Tested a credential"),
    (AuditEvent::CredentialUsed, Tone::Idle, "key", "Used a credential"),
    (AuditEvent::BackupDeleted, Tone::Warn, "trash", "Deleted a version"),
    (AuditEvent::BackupNoted, Tone::Idle, "pencil", "Pinned or annotated a version"),
    (AuditEvent::BackupChecked, Tone::Idle, "eye", "Checked a version"),
    (AuditEvent::JobsDeleted, Tone::Warn, "trash", "Deleted job logs"),
    (AuditEvent::TranscriptRead, Tone::Warn, "eye", "Read a raw session"),
    (AuditEvent::ScheduleRun, Tone::Idle, "player-play", "Started a schedule"),
    (AuditEvent::BlackoutChanged, Tone::Idle, "calendar-time", "Changed a black-out"),
    (AuditEvent::PlatformSaved, Tone::Warn, "pencil", "Changed a platform"),
    (AuditEvent::PlatformTakenUp, Tone::Warn, "circle-check", "Took a platform file up"),
    (AuditEvent::PlatformPutAside, Tone::Idle, "history", "Put a platform file aside"),
    (AuditEvent::SettingChanged, Tone::Idle, "pencil", "Changed a setting"),
    (AuditEvent::SettingsReset, Tone::Warn, "pencil", "Put settings back to defaults"),
    (AuditEvent::MailTested, Tone::Idle, "upload", "Sent a test mail"),
    (AuditEvent::KeysRotated, Tone::Warn, "key", "Rotated the keys"),
    (AuditEvent::KeyRemoved, Tone::Warn, "key", "Removed a retired key"),
    (AuditEvent::RetentionApplied, Tone::Idle, "trash", "Applied retention"),
    (AuditEvent::StorageVerified, Tone::Idle, "eye", "Read kept contents back"),
    (AuditEvent::ContentChecked, Tone::Warn, "archive", "Found a content damaged or mended"),
    (AuditEvent::StorageMoved, Tone::Warn, "archive", "Moved kept contents"),
    (AuditEvent::SelfBackedUp, Tone::Idle, "download", "Copied NetRaven itself"),
    (AuditEvent::Restored, Tone::Warn, "upload", "Restored NetRaven from a copy"),
];

/// What happened, in words.
pub fn event(event: AuditEvent) -> &'static str {
    EVENTS.iter().find(|(known, ..)| *known == event).map_or(event.as_str(), |(.., words)| *words)
}

/// The badge of an event.
pub fn event_badge(of: AuditEvent) -> Badge {
    let known = EVENTS.iter().find(|(known, ..)| *known == of);
    let (tone, icon) = known.map_or((Tone::Idle, "info-circle"), |(_, tone, icon, _)| (*tone, *icon));
    Badge::new(tone, icon, event(of))
}

/// A group of events, for people.
pub fn group(group: EventGroup) -> &'static str {
    match group {
        EventGroup::SignIn => "Sign-in and refusals",
        EventGroup::People => "People",
        EventGroup::Devices => "Devices and imports",
        EventGroup::Credentials => "Credentials",
        EventGroup::Secrets => "Secrets read, lists taken out",
        EventGroup::Backups => "Jobs and versions",
        EventGroup::Schedules => "Schedules",
        EventGroup::Tags => "Tags and rules",
        EventGroup::System => "Settings and keys",
    }
}

/// A kind of object, for people.
pub fn kind(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "Person",
        ObjectKind::Device => "Device",
        ObjectKind::Tag => "Tag",
        ObjectKind::Rule => "Tag rule",
        ObjectKind::Credential => "Credential",
        ObjectKind::JumpHost => "Jump host",
        ObjectKind::Backup => "Version",
        ObjectKind::Job => "Job",
        ObjectKind::Schedule => "Schedule",
        ObjectKind::Setting => "Setting",
        ObjectKind::Import => "Import",
        ObjectKind::Key => "Key",
        ObjectKind::Platform => "Platform",
    }
}

/// Whether an act was not allowed.
pub fn is_refused(outcome: AuditOutcome) -> bool {
    match outcome {
        AuditOutcome::Refused => true,
        AuditOutcome::Done => false,
    }
}

/// A name as it may be shown on one line: control characters and marks that turn or hide text are made visible.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '\0'..='\u{1f}' => shown.push(char::from_u32(0x2400 + u32::from(symbol)).unwrap_or('\u{fffd}')),
            '\u{7f}' => shown.push('␡'),
            '\u{80}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {
                // Writing into a String cannot fail.
                let _ = write!(shown, "<U+{:04X}>", u32::from(symbol));
            }
            _ => shown.push(symbol),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_event_has_words_of_its_own() {
        let told: BTreeSet<&str> = AuditEvent::ALL.iter().map(|known| event(*known)).collect();
        assert_eq!(told.len(), AuditEvent::ALL.len());
        for known in AuditEvent::ALL {
            assert!(EVENTS.iter().any(|(listed, ..)| listed == known), "{known} has no words");
        }
    }

    #[test]
    fn names_cannot_move_the_cursor_or_turn_the_text() {
        assert_eq!(visible("a\r\nb\u{1b}[2J\u{202e}x"), "a␍␊b␛[2J<U+202E>x");
        assert_eq!(visible("Zürich 1"), "Zürich 1");
    }
}
