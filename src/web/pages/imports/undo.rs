//! Undoing an import, after a question.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{access::ManageDevices, id::ImportId},
    service::{
        Core,
        import::undo::{self as undoing, UndoError, Undone},
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
        words,
    },
};

#[derive(Template)]
#[template(path = "imports/undo.html")]
struct UndoPage<'a> {
    shell: &'a Shell,
    id: ImportId,
    confirm: Confirm<'a>,
}

fn devices(count: usize) -> String {
    words::count(i64::try_from(count).unwrap_or(i64::MAX), "device")
}

fn refused(id: ImportId, refusal: UndoError, site: &Site) -> Result<HttpResponse, PageError> {
    match refusal {
        UndoError::Gone => Err(PageError::NotFound),
        UndoError::Fault(fault) => Err(fault.into()),
        other @ UndoError::NotUndoable => {
            Ok(reply::see_other_saying(&href::import(id), &Flash::problem(other.to_string()), site))
        }
    }
}

/// `GET /imports/{id}/undo`: what would happen.
pub async fn ask(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageDevices>,
    path: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = ImportId(*path);
    let Undone { deleted, restored, left } = match undoing::ask(&core, &by, id).await {
        Ok(would) => would,
        Err(refusal) => return refused(id, refusal, &site),
    };
    let mut touched = vec![
        format!("{} that it added are deleted; they can be brought back for 30 days.", devices(deleted)),
        format!("{} that it changed are as they were before.", devices(restored)),
    ];
    if left > 0 {
        touched
            .push(format!("{} stay as they are: somebody has changed or deleted them since.", devices(left)));
    }
    reply::html(&UndoPage {
        shell: &shell,
        id,
        confirm: Confirm {
            question: format!("Undo import {id}?"),
            touched,
            consequence: "Backups and job logs stay.",
            verb: "Undo the import",
            action: href::import_undo(id),
            back: href::import(id),
            csrf: &shell.csrf,
        },
    })
}

/// `POST /imports/{id}/undo`.
pub async fn undo(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageDevices>,
    path: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = ImportId(*path);
    match undoing::undo(&core, &by, id).await {
        Ok(Undone { deleted, restored, left }) => {
            let (deleted, restored, left) = (devices(deleted), devices(restored), devices(left));
            let text = format!("{deleted} deleted, {restored} as before, {left} left alone.");
            Ok(reply::see_other_saying(&href::import(id), &Flash::done(text), &site))
        }
        Err(refusal) => refused(id, refusal, &site),
    }
}
