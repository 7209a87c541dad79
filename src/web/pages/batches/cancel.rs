//! Stopping what is left of a batch, after a question.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{
        access::{RunBackups, ViewDevices},
        id::BatchId,
    },
    service::{Core, batches},
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
        words,
    },
};

#[derive(Template)]
#[template(path = "batches/cancel.html")]
struct CancelPage<'a> {
    shell: &'a Shell,
    name: String,
    confirm: Confirm<'a>,
}

/// `GET /batches/{id}/cancel`: asks first, with the numbers.
pub async fn ask(
    core: Data<Core>,
    _by: May<RunBackups>,
    view: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = BatchId(*id);
    let (_, progress) = batches::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    let counts = progress.counts;
    let touched = match (counts.waiting + counts.retrying, counts.running) {
        (0, 0) => vec!["Nothing: all its jobs are over.".to_owned()],
        (waiting, running) => vec![
            format!("{} that wait are canceled at once.", words::count(waiting, "job")),
            format!("{} that run close their sessions within seconds.", words::count(running, "job")),
            format!("{} that are over stay as they are.", words::count(counts.over(), "job")),
        ],
    };
    reply::html(&CancelPage {
        shell: &shell,
        name: format!("Batch {id}"),
        confirm: Confirm {
            question: format!("Cancel what is left of batch {id}?"),
            touched,
            consequence: "The devices keep the versions they have. They can be backed up again at any time.",
            verb: "Cancel the batch",
            action: href::batch_cancel(id),
            back: href::batch(id),
            csrf: &shell.csrf,
        },
    })
}

/// `POST /batches/{id}/cancel`.
pub async fn cancel(
    (core, site): (Data<Core>, Data<Site>),
    by: May<RunBackups>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = BatchId(*id);
    let (ended, asked) = batches::cancel(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let jobs = |count: usize| words::count(i64::try_from(count).unwrap_or(i64::MAX), "job");
    let flash = match (ended, asked) {
        (0, 0) => Flash::warning("All its jobs were over already."),
        (ended, 0) => Flash::done(format!("{} canceled.", jobs(ended))),
        (ended, asked) => {
            Flash::done(format!("{} canceled; {} will stop in a moment.", jobs(ended), jobs(asked)))
        }
    };
    Ok(reply::see_other_saying(&href::batch(id), &flash, &site))
}
