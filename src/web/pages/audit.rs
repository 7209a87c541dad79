//! The audit trail: who did what, when, from where.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::ViewAudit,
        audit::{AuditEvent, AuditLine},
    },
    service::{Core, audit},
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Badge, Empty, Moment, Pager, Tone},
        reply,
        session::May,
        shell::Shell,
    },
};

/// Which page of the trail.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PageQuery {
    page: String,
}

/// A row.
#[derive(Debug)]
pub struct Line {
    at: Moment,
    actor: String,
    badge: Badge,
    object: String,
    detail: String,
    address: String,
    request: String,
}

impl From<AuditLine> for Line {
    fn from(line: AuditLine) -> Self {
        Self {
            at: Moment::exact(line.at),
            actor: line.actor,
            badge: badge(line.event),
            object: line.object,
            detail: line.detail.unwrap_or_default(),
            address: line.address.unwrap_or_default(),
            request: line.request.unwrap_or_default(),
        }
    }
}

/// What happened, in words; refusals and secrets stand out.
fn badge(event: AuditEvent) -> Badge {
    let (tone, icon, words) = match event {
        AuditEvent::SetUp => (Tone::Idle, "user", "Set up NetRaven"),
        AuditEvent::SignedIn => (Tone::Idle, "login-2", "Signed in"),
        AuditEvent::SignInRefused => (Tone::Bad, "ban", "Sign-in refused"),
        AuditEvent::SignedOut => (Tone::Idle, "logout", "Signed out"),
        AuditEvent::UserCreated => (Tone::Idle, "users", "Added a person"),
        AuditEvent::UserDisabled => (Tone::Warn, "users", "Disabled a person"),
        AuditEvent::PasswordReset => (Tone::Warn, "key", "Set a new password"),
        AuditEvent::DeviceCreated => (Tone::Idle, "router", "Added a device"),
        AuditEvent::DeviceChanged => (Tone::Idle, "pencil", "Changed a device"),
        AuditEvent::DeviceDeleted => (Tone::Warn, "trash", "Deleted a device"),
        AuditEvent::DevicesImported => (Tone::Idle, "upload", "Imported devices"),
        AuditEvent::CredentialChanged => (Tone::Idle, "key", "Changed a credential"),
        AuditEvent::HostKeyPinned => (Tone::Idle, "fingerprint", "Pinned a host key"),
        AuditEvent::HostKeyRefused => (Tone::Bad, "fingerprint", "Refused a changed host key"),
        AuditEvent::HostKeyAccepted => (Tone::Warn, "fingerprint", "Accepted a changed host key"),
        AuditEvent::BackupsStarted => (Tone::Idle, "player-play", "Started backups"),
        AuditEvent::JobCanceled => (Tone::Idle, "ban", "Canceled a job"),
        AuditEvent::RawRead => (Tone::Warn, "eye", "Read secrets of a configuration"),
        AuditEvent::ScheduleCreated => (Tone::Idle, "calendar-time", "Added a schedule"),
        AuditEvent::ScheduleChanged => (Tone::Idle, "pencil", "Changed a schedule"),
        AuditEvent::ScheduleDeleted => (Tone::Warn, "trash", "Deleted a schedule"),
        AuditEvent::UserChanged => (Tone::Idle, "users", "Changed a person"),
        AuditEvent::UserEnabled => (Tone::Idle, "users", "Enabled a person"),
        AuditEvent::UserDeleted => (Tone::Warn, "users", "Deleted a person"),
        AuditEvent::InvitationCreated => (Tone::Idle, "users", "Made an invitation link"),
        AuditEvent::PasswordChanged => (Tone::Idle, "key", "Changed the own password"),
        AuditEvent::SessionsEnded => (Tone::Idle, "logout", "Ended sessions"),
        AuditEvent::Confirmed => (Tone::Idle, "key", "Confirmed identity"),
        AuditEvent::ConfirmationRefused => (Tone::Bad, "ban", "Confirmation refused"),
        AuditEvent::AccessRefused => (Tone::Bad, "ban", "Access refused"),
        AuditEvent::DeviceRestored => (Tone::Idle, "router", "Restored a device"),
        AuditEvent::DevicePurged => (Tone::Warn, "trash", "Removed a device for good"),
        AuditEvent::DevicesChanged => (Tone::Idle, "pencil", "Changed devices together"),
        AuditEvent::ReachabilityChecked => (Tone::Idle, "router", "Checked reachability"),
        AuditEvent::Exported => (Tone::Warn, "download", "Exported a list"),
        AuditEvent::ImportUndone => (Tone::Warn, "upload", "Undid an import"),
        AuditEvent::TagCreated => (Tone::Idle, "pencil", "Added a tag"),
        AuditEvent::TagChanged => (Tone::Idle, "pencil", "Changed a tag"),
        AuditEvent::TagDeleted => (Tone::Warn, "trash", "Deleted a tag"),
        AuditEvent::RuleCreated => (Tone::Idle, "pencil", "Added a tag rule"),
        AuditEvent::RuleChanged => (Tone::Idle, "pencil", "Changed a tag rule"),
        AuditEvent::RuleDeleted => (Tone::Warn, "trash", "Deleted a tag rule"),
        AuditEvent::CredentialCreated => (Tone::Idle, "key", "Added a credential"),
        AuditEvent::CredentialDeleted => (Tone::Warn, "trash", "Deleted a credential"),
        AuditEvent::CredentialRotated => (Tone::Warn, "key", "Rotated a credential"),
        AuditEvent::CredentialStopped => (Tone::Bad, "key", "Stopped a credential"),
        AuditEvent::CredentialResumed => (Tone::Warn, "key", "Let a credential go on"),
        AuditEvent::CredentialTested => (Tone::Idle, "key", "Tested a credential"),
        AuditEvent::BackupDeleted => (Tone::Warn, "trash", "Deleted a version"),
        AuditEvent::BackupNoted => (Tone::Idle, "pencil", "Pinned or annotated a version"),
        AuditEvent::BackupChecked => (Tone::Idle, "eye", "Checked a version"),
        AuditEvent::JobsDeleted => (Tone::Warn, "trash", "Deleted job logs"),
        AuditEvent::TranscriptRead => (Tone::Warn, "eye", "Read a raw session"),
        AuditEvent::ScheduleRun => (Tone::Idle, "player-play", "Started a schedule"),
        AuditEvent::BlackoutChanged => (Tone::Idle, "calendar-time", "Changed a black-out"),
        AuditEvent::SettingChanged => (Tone::Idle, "pencil", "Changed a setting"),
        AuditEvent::SettingsReset => (Tone::Warn, "pencil", "Put settings back to defaults"),
        AuditEvent::MailTested => (Tone::Idle, "upload", "Sent a test mail"),
        AuditEvent::KeysRotated => (Tone::Warn, "key", "Rotated the keys"),
        AuditEvent::KeyRemoved => (Tone::Warn, "key", "Removed a retired key"),
        AuditEvent::RetentionApplied => (Tone::Idle, "trash", "Applied retention"),
    };
    Badge::new(tone, icon, words)
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct AuditPage {
    shell: Shell,
    rows: Vec<Line>,
    pager: Option<Pager>,
    empty: Empty,
}

/// `GET /audit`: the newest line first.
pub async fn page(
    core: Data<Core>,
    by: May<ViewAudit>,
    Params(query): Params<PageQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = audit::list(&core, &by, lists::requested(&query.page)).await?;
    reply::html(&AuditPage {
        shell,
        pager: lists::pager(&found, |number| href::with(href::audit(), &[("page", number)])),
        rows: found.rows.into_iter().map(Line::from).collect(),
        empty: Empty {
            icon: "history",
            title: "Nothing here",
            text: "Everything that people do in NetRaven leaves a line here.",
            action: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_event_has_words_of_its_own() {
        let told: BTreeSet<String> =
            AuditEvent::ALL.iter().filter_map(|event| badge(*event).render().ok()).collect();
        assert_eq!(told.len(), AuditEvent::ALL.len());
    }
}
