//! The audit trail: searched, looked into, taken out, verified.

pub mod detail;
pub mod export;
pub mod list;
pub mod verify;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;

use crate::{
    domain::audit::{AuditEvent, AuditFilter, AuditLine, EventGroup},
    web::{
        href,
        parts::{Badge, Moment, Tone},
        words::{self, audit::visible},
    },
};

/// What the address says.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Asked {
    event: String,
    actor: String,
    object: String,
    kind: String,
    id: String,
    outcome: String,
    address: String,
    from: String,
    to: String,
    page: String,
}

/// What begins the word of a whole group of events.
const GROUP: &str = "group:";

impl Asked {
    fn fields(&self) -> [(&'static str, &str); 9] {
        [
            ("event", &self.event),
            ("actor", &self.actor),
            ("object", &self.object),
            ("kind", &self.kind),
            ("id", &self.id),
            ("outcome", &self.outcome),
            ("address", &self.address),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn href(&self, page: &str) -> String {
        let mut fields = self.fields().to_vec();
        fields.push(("page", page));
        href::with(href::audit(), &fields)
    }

    fn is_filtered(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.trim().is_empty())
    }

    /// How the lines were narrowed down, for the trail itself.
    fn told(&self) -> String {
        let said = self.fields().into_iter().filter(|(_, value)| !value.trim().is_empty());
        let said: Vec<String> = said.map(|(name, value)| format!("{name} {}", value.trim())).collect();
        if said.is_empty() { "all lines".to_owned() } else { format!("lines with {}", said.join(", ")) }
    }

    fn filter(&self) -> AuditFilter {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        AuditFilter {
            events: events(&self.event),
            actor: given(&self.actor),
            object: given(&self.object),
            kind: self.kind.parse().ok(),
            object_id: self.id.trim().parse().ok(),
            outcome: self.outcome.parse().ok(),
            address: given(&self.address),
            from: midnight(&self.from, 0),
            until: midnight(&self.to, 1),
        }
    }
}

/// The events that a word stands for: one, or those of a group; none for nonsense.
fn events(word: &str) -> Vec<AuditEvent> {
    match word.strip_prefix(GROUP) {
        Some(group) => {
            group.parse().map_or_else(|_| Vec::new(), |group: EventGroup| group.events().collect())
        }
        None => word.parse().into_iter().collect(),
    }
}

/// The beginning of the day so many days after this one.
fn midnight(day: &str, after: u64) -> Option<DateTime<Utc>> {
    let day = day.trim().parse::<NaiveDate>().ok()?.checked_add_days(Days::new(after))?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

/// A changed field.
#[derive(Debug)]
struct ChangeLine {
    field: String,
    before: String,
    after: String,
}

/// A line as the pages show it: what names may hide is visible.
#[derive(Debug)]
struct Line {
    href: String,
    at: Moment,
    actor: String,
    badge: Badge,
    refused: Option<Badge>,
    object: String,
    kind: String,
    detail: String,
    changes: Vec<ChangeLine>,
    address: String,
    request: String,
    session: String,
    number: String,
    seal: String,
}

impl From<AuditLine> for Line {
    fn from(line: AuditLine) -> Self {
        let shown = |text: Option<String>| text.as_deref().map(visible).unwrap_or_default();
        let change = |change: crate::domain::audit::Change| ChangeLine {
            field: visible(&change.field),
            before: shown(change.before),
            after: shown(change.after),
        };
        Self {
            href: href::audit_line(line.id),
            at: Moment::exact(line.at),
            actor: visible(&line.actor),
            badge: words::audit::event_badge(line.event),
            refused: words::audit::is_refused(line.outcome).then(|| Badge::new(Tone::Bad, "ban", "Refused")),
            object: visible(&line.object),
            kind: line
                .target
                .map_or_else(String::new, |(kind, id)| format!("{} {id}", words::audit::kind(kind))),
            detail: shown(line.detail),
            changes: line.changes.0.into_iter().map(change).collect(),
            address: shown(line.address),
            request: shown(line.request),
            session: line.session.map(|id| id.to_string()).unwrap_or_default(),
            number: line.seq.map(|seq| seq.to_string()).unwrap_or_default(),
            seal: line.mac.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::{AuditOutcome, ObjectKind};

    #[test]
    fn the_address_holds_everything() {
        let asked: Asked = serde_html_form::from_str(
            "event=group:sign_in&actor=+olga&object=core&kind=device&id=7&outcome=refused&address=192.0.2.&from=2026-03-01&to=2026-03-02",
        )
        .unwrap();
        let filter = asked.filter();
        assert_eq!(filter.events.len(), EventGroup::SignIn.events().count());
        assert_eq!(filter.actor.as_deref(), Some("olga"));
        assert_eq!((filter.kind, filter.object_id), (Some(ObjectKind::Device), Some(7)));
        assert_eq!(filter.outcome, Some(AuditOutcome::Refused));
        // The last day belongs to the span.
        assert_eq!(filter.from.unwrap().to_rfc3339(), "2026-03-01T00:00:00+00:00");
        assert_eq!(filter.until.unwrap().to_rfc3339(), "2026-03-03T00:00:00+00:00");
        assert!(
            asked.is_filtered() && asked.href("2").ends_with("&to=2026-03-02&page=2"),
            "{}",
            asked.href("2")
        );
        assert!(asked.told().contains("kind device, id 7"), "{}", asked.told());
    }

    #[test]
    fn nonsense_filters_nothing() {
        let asked: Asked =
            serde_html_form::from_str("event=x&kind=y&id=z&outcome=w&from=v&to=99999-01-01").unwrap();
        let filter = asked.filter();
        assert!(filter.events.is_empty() && filter.kind.is_none() && filter.object_id.is_none());
        assert!(filter.from.is_none() && filter.until.is_none());
        assert_eq!(
            (Asked::default().href(""), Asked::default().told()),
            ("/audit".to_owned(), "all lines".to_owned())
        );
    }
}
