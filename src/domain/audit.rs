//! Who did what: the words of the audit trail.

mod event;
mod group;

pub use event::AuditEvent;
pub use group::EventGroup;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    id::{AuditId, SessionId},
    text_enum,
};

text_enum! {
    /// How an act ended.
    pub enum AuditOutcome {
        /// It was done.
        Done = "done",
        /// It was refused.
        Refused = "refused",
    }
}

text_enum! {
    /// What kind of thing an act was about.
    pub enum ObjectKind {
        /// A person.
        User = "user",
        /// A device.
        Device = "device",
        /// A tag.
        Tag = "tag",
        /// A tag rule.
        Rule = "rule",
        /// A credential.
        Credential = "credential",
        /// A jump host.
        JumpHost = "jump_host",
        /// A version.
        Backup = "backup",
        /// A job.
        Job = "job",
        /// A schedule.
        Schedule = "schedule",
        /// A setting.
        Setting = "setting",
        /// A list of devices brought in at once.
        Import = "import",
        /// A key that seals data.
        Key = "key",
        /// A saved platform file.
        Platform = "platform",
    }
}

/// A field's value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field's name, as forms have it.
    pub field: String,
    /// What it was; `None` when there was nothing.
    pub before: Option<String>,
    /// What it is now; `None` when there is nothing.
    pub after: Option<String>,
}

/// The changed fields of an object. Unchanged ones are left out, secrets say no more than "changed".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(pub Vec<Change>);

impl Changes {
    /// Notes `field` if it differs; an empty text is nothing.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "texts, numbers and words are handed over as they come"
    )]
    pub fn field(mut self, field: &str, before: impl ToString, after: impl ToString) -> Self {
        let (before, after) = (before.to_string(), after.to_string());
        if before != after {
            let said = |text: String| (!text.is_empty()).then_some(text);
            self.0.push(Change { field: field.to_owned(), before: said(before), after: said(after) });
        }
        self
    }

    /// Notes that a secret was changed, if it was; never which one it was or is.
    #[must_use]
    pub fn secret(mut self, field: &str, is_changed: bool) -> Self {
        if is_changed {
            self.0.push(Change { field: field.to_owned(), before: None, after: Some("changed".to_owned()) });
        }
        self
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An act on its way into the audit trail.
#[derive(Debug, Clone)]
pub struct Act<'a> {
    /// What happened.
    pub event: AuditEvent,
    /// To which object, by name.
    pub object: &'a str,
    /// Which object, where it has a row.
    pub target: Option<(ObjectKind, i64)>,
    /// More about it, without secrets.
    pub detail: Option<&'a str>,
    /// The fields that changed.
    pub changes: Changes,
    /// How it ended.
    pub outcome: AuditOutcome,
}

impl<'a> Act<'a> {
    /// `event` happened to `object`.
    pub fn new(event: AuditEvent, object: &'a str) -> Self {
        Self {
            event,
            object,
            target: None,
            detail: None,
            changes: Changes::default(),
            outcome: AuditOutcome::Done,
        }
    }

    /// `event` happened to the object with this name, with more about it.
    pub fn about(event: AuditEvent, (object, detail): (&'a str, Option<&'a str>)) -> Self {
        Self { detail, ..Self::new(event, object) }
    }

    /// The object's row.
    #[must_use]
    pub fn on(self, kind: ObjectKind, id: i64) -> Self {
        Self { target: Some((kind, id)), ..self }
    }

    /// More about it, without secrets.
    #[must_use]
    pub fn detail(self, detail: &'a str) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// The fields that changed.
    #[must_use]
    pub fn changes(self, changes: Changes) -> Self {
        Self { changes, ..self }
    }

    /// It was not allowed.
    #[must_use]
    pub fn refused(self) -> Self {
        Self { outcome: AuditOutcome::Refused, ..self }
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
    /// The session that it came in.
    pub session: Option<SessionId>,
    /// Which object, where it has a row.
    pub target: Option<(ObjectKind, i64)>,
    /// The fields that changed.
    pub changes: Changes,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Its place in the chain; `None` for lines from before there was one.
    pub seq: Option<i64>,
    /// Its seal over the line before; `None` or empty where there is none.
    pub mac: Option<String>,
    /// The row.
    pub id: AuditId,
}

impl AuditLine {
    /// The line as one JSON object, as it is taken out and as a log server gets it (S-78).
    pub fn to_json(&self) -> serde_json::Value {
        let at = self.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        serde_json::json!({
            "number": self.seq, "time": at, "actor": self.actor, "address": self.address,
            "event": self.event.as_str(), "object": self.object,
            "kind": self.target.map(|(kind, _)| kind.as_str()), "id": self.target.map(|(_, id)| id),
            "outcome": self.outcome.as_str(), "details": self.detail, "changes": self.changes,
            "request": self.request, "session": self.session.map(|id| id.0), "seal": self.mac,
        })
    }
}

/// Which lines are asked for; everything that is said must hold.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// What happened: one of these; none means anything.
    pub events: Vec<AuditEvent>,
    /// A piece of the actor's name.
    pub actor: Option<String>,
    /// A piece of the object's name or of the details.
    pub object: Option<String>,
    /// The kind of object.
    pub kind: Option<ObjectKind>,
    /// The object's row.
    pub object_id: Option<i64>,
    /// How it ended.
    pub outcome: Option<AuditOutcome>,
    /// A piece of the address.
    pub address: Option<String>,
    /// From this time on.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub until: Option<DateTime<Utc>>,
}
