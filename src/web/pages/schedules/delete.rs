//! Deleting a schedule, after a question.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::form::elsewhere;
use crate::{
    domain::{
        access::{ManageSchedules, ViewDevices},
        id::ScheduleId,
    },
    service::{
        Core,
        schedules::{self, SaveScheduleError},
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
#[template(path = "schedules/delete.html")]
struct DeletePage<'a> {
    shell: &'a Shell,
    name: String,
    confirm: Confirm<'a>,
}

/// `GET /schedules/{id}/delete`: asks first.
pub async fn ask(
    (core, site): (Data<Core>, Data<Site>),
    (by, view): (May<ManageSchedules>, May<ViewDevices>),
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = ScheduleId(*id);
    let found = schedules::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    if let Some(elsewhere) = elsewhere(&by, &found, &site) {
        return Ok(elsewhere);
    }
    reply::html(&DeletePage {
        shell: &shell,
        confirm: Confirm {
            question: format!("Delete the schedule {}?", found.name),
            touched: vec![format!("Backups no longer start {}.", found.recurrence.in_words())],
            consequence: "This cannot be undone. The jobs it has started and the versions they brought stay.",
            verb: "Delete the schedule",
            action: href::schedule_delete(id),
            back: href::schedule(id),
            csrf: &shell.csrf,
        },
        name: found.name,
    })
}

/// `POST /schedules/{id}/delete`.
pub async fn delete(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageSchedules>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = ScheduleId(*id);
    match schedules::delete(&core, &by, id).await {
        Ok(true) => {
            let flash = Flash::done("The schedule is deleted.");
            Ok(reply::see_other_saying(href::schedules(), &flash, &site))
        }
        Ok(false) => Err(PageError::NotFound),
        Err(SaveScheduleError::Fault(fault)) => Err(fault.into()),
        Err(refusal) => {
            let flash = Flash::problem(format!("Nothing was deleted: {refusal}."));
            Ok(reply::see_other_saying(&href::schedule(id), &flash, &site))
        }
    }
}
