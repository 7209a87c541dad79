//! One line of the audit trail.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::Line;
use crate::{
    domain::{access::ViewAudit, id::AuditId},
    service::{Core, audit},
    web::{error::PageError, href, reply, session::May, shell::Shell},
};

#[derive(Template)]
#[template(path = "audit/detail.html")]
struct LinePage {
    shell: Shell,
    line: Line,
    of_object: Option<String>,
    of_actor: String,
}

/// `GET /audit/{id}`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewAudit>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let line = audit::find(&core, &by, AuditId(*id)).await?.ok_or(PageError::NotFound)?;
    let of_object = line
        .target
        .map(|(kind, id)| href::with(href::audit(), &[("kind", kind.as_str()), ("id", &id.to_string())]));
    let of_actor = href::with(href::audit(), &[("actor", &line.actor)]);
    reply::html(&LinePage { shell, of_object, of_actor, line: Line::from(line) })
}
