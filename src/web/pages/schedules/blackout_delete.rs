//! Deleting a black-out, after a question.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::blackouts::to_change;
use crate::{
    domain::{access::ManageSchedules, id::BlackoutId},
    service::{
        Core,
        blackouts::{self, SaveBlackoutError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href,
        parts::Confirm,
        reply,
        session::May,
        shell::Shell,
        site::Site,
    },
};

#[derive(Template)]
#[template(path = "schedules/blackout_delete.html")]
struct DeletePage<'a> {
    shell: &'a Shell,
    confirm: Confirm<'a>,
}

/// `GET /blackouts/{id}/delete`: asks first.
pub async fn ask(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSchedules>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = BlackoutId(*id);
    let found = match to_change((&core, &site), &by, id).await? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let stops = found.schedule.map_or_else(|| "All schedules".to_owned(), |(_, name)| name);
    reply::html(&DeletePage {
        shell: &shell,
        confirm: Confirm {
            question: format!("Delete the black-out {}?", found.name),
            touched: vec![format!("{stops}: backups start again {}.", found.window.in_words())],
            consequence: "This cannot be undone.",
            verb: "Delete the black-out",
            action: href::blackout_delete(id),
            back: href::blackout(id),
            csrf: &shell.csrf,
        },
    })
}

/// `POST /blackouts/{id}/delete`.
pub async fn delete(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSchedules>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let flash = match blackouts::delete(&core, &by, BlackoutId(*id)).await {
        Ok(true) => Flash::done("The black-out is deleted."),
        Ok(false) => return Err(PageError::NotFound),
        Err(SaveBlackoutError::Fault(fault)) => return Err(fault.into()),
        Err(refusal) => Flash::problem(format!("Nothing was deleted: {refusal}.")),
    };
    Ok(reply::see_other_saying(href::blackouts(), &flash, &site))
}
