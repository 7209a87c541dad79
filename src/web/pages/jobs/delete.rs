//! Deleting a job's log, after a question.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{
        access::{DeleteJobs, ViewDevices},
        id::JobId,
    },
    service::{
        Core,
        jobs::{
            self,
            logs::{self, DeleteJobError},
        },
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
#[template(path = "jobs/delete.html")]
struct DeletePage<'a> {
    shell: &'a Shell,
    name: String,
    confirm: Confirm<'a>,
}

/// `GET /jobs/{id}/delete`: asks first.
pub async fn ask(
    core: Data<Core>,
    _by: May<DeleteJobs>,
    view: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = JobId(*id);
    let job = jobs::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    reply::html(&DeletePage {
        shell: &shell,
        name: format!("Job {id}"),
        confirm: Confirm {
            question: format!("Delete job {id} of {} with its log?", job.device_name),
            touched: vec![
                "Its log, its last screen and what was recorded of its session go with it.".to_owned(),
                "A version that it brought stays.".to_owned(),
            ],
            consequence: "This cannot be undone.",
            verb: "Delete the job",
            action: href::job_delete(id),
            back: href::job(id),
            csrf: &shell.csrf,
        },
    })
}

/// `POST /jobs/{id}/delete`.
pub async fn delete(
    core: Data<Core>,
    site: Data<Site>,
    by: May<DeleteJobs>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = JobId(*id);
    match logs::delete(&core, &by, id).await {
        Ok(()) => {
            let flash = Flash::done("The job and its log are deleted.");
            Ok(reply::see_other_saying(href::jobs(), &flash, &site))
        }
        Err(DeleteJobError::Gone) => Err(PageError::NotFound),
        Err(error @ DeleteJobError::NotOver) => {
            Ok(reply::see_other_saying(&href::job(id), &Flash::problem(error.to_string()), &site))
        }
        Err(DeleteJobError::Fault(fault)) => Err(fault.into()),
    }
}
