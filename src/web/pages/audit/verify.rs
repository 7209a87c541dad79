//! Whether the audit trail is as it was written, asked by a button.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use crate::{
    domain::access::ViewAudit,
    service::{Core, audit},
    web::{
        error::PageError,
        form::{Form, Nothing},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

#[derive(Template)]
#[template(path = "audit/verified.html")]
struct VerifiedPage {
    shell: Shell,
    first_bad: Option<String>,
    facts: Vec<String>,
}

/// What was found, for people.
fn facts(verdict: &audit::Verdict) -> Vec<String> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut facts = vec![format!("{} of the chain checked.", words::count(verdict.lines, "line"))];
    if verdict.first_bad.is_none() {
        facts.push(match verdict.anchors {
            0 => "No end of the chain was written down outside of the database yet; it is, every hour."
                .to_owned(),
            some => format!("{} outside of the database agree.", words::count(count(some), "note")),
        });
    }
    if verdict.before > 0 {
        let before = words::count(verdict.before, "line");
        facts.push(format!("{before} from before there was a chain: nothing can be said about them."));
    }
    if verdict.unsealed > 0 {
        let unsealed = words::count(verdict.unsealed, "line");
        facts.push(format!("{unsealed} without a seal, written while NetRaven had no key."));
    }
    if verdict.unreadable_anchors > 0 {
        let lines = words::count(count(verdict.unreadable_anchors), "line");
        facts.push(format!("{lines} of {} cannot be read.", audit::ANCHORS));
    }
    facts
}

/// `POST /audit/verify`: reads the whole trail.
pub async fn verify(
    core: Data<Core>,
    by: May<ViewAudit>,
    Form(Nothing {}): Form<Nothing>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let verdict = audit::verify(&core, &by).await?;
    let first_bad = verdict.first_bad.as_ref().map(ToString::to_string);
    reply::html(&VerifiedPage { shell, facts: facts(&verdict), first_bad })
}
