//! The list of the audit trail.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::{Asked, GROUP, Line};
use crate::{
    domain::{
        access::ViewAudit,
        audit::{AuditOutcome, EventGroup, ObjectKind},
    },
    service::{Core, audit},
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Action, Choice, Empty, Pager},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// Events of a group, as options.
struct Group {
    label: &'static str,
    choices: Vec<Choice>,
}

fn groups(asked: &str) -> Vec<Group> {
    let choice = |value: String, label: String| Choice { chosen: value == asked, value, label };
    let group = |group: EventGroup| {
        let label = words::audit::group(group);
        let all = choice(format!("{GROUP}{group}"), format!("{label}: all"));
        let each = group
            .events()
            .map(|event| choice(event.as_str().to_owned(), words::audit::event(event).to_owned()));
        Group { label, choices: std::iter::once(all).chain(each).collect() }
    };
    EventGroup::ALL.iter().map(|known| group(*known)).collect()
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct AuditPage {
    shell: Shell,
    asked: Asked,
    is_filtered: bool,
    groups: Vec<Group>,
    kinds: Vec<Choice>,
    outcomes: Vec<Choice>,
    found: String,
    unsent: Option<String>,
    rows: Vec<Line>,
    pager: Option<Pager>,
    empty: Empty,
}

/// `GET /audit`: the lines that match, the newest first.
pub async fn page(
    core: Data<Core>,
    by: May<ViewAudit>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = audit::list(&core, &by, &asked.filter(), lists::recent(&asked.page)).await?;
    let unsent = audit::unsent(&core, &by).await?.map(|count| match count {
        0 => "The log server has every line.".to_owned(),
        1 => "1 line waits for the log server.".to_owned(),
        count => format!("{count} lines wait for the log server."),
    });
    let kinds = ObjectKind::ALL.iter().map(|kind| (kind.as_str(), words::audit::kind(*kind).to_owned()));
    let outcomes = AuditOutcome::ALL.iter().map(|outcome| (outcome.as_str(), lists::label(outcome.as_str())));
    reply::html(&AuditPage {
        shell,
        is_filtered: asked.is_filtered(),
        groups: groups(&asked.event),
        kinds: lists::choices("Any kind", &asked.kind, kinds),
        outcomes: lists::choices("Done and refused", &asked.outcome, outcomes),
        unsent,
        found: lists::total(&found, "line"),
        pager: lists::pager(&found, |number| asked.href(number)),
        rows: found.rows.into_iter().map(Line::from).collect(),
        empty: empty(asked.is_filtered()),
        asked,
    })
}

fn empty(is_filtered: bool) -> Empty {
    let (title, text) = if is_filtered {
        ("No line matches", "Take a filter away, or look for another word.")
    } else {
        ("Nothing here", "Everything that people do in NetRaven leaves a line here.")
    };
    let all = || Action { label: "Show all lines", href: href::audit().to_owned() };
    Empty { icon: "history", title, text, action: is_filtered.then(all) }
}
