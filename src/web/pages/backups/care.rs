//! Pinning, annotating and checking a version.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

use crate::{
    domain::{access::NoteBackups, backup::BackupNote, id::BackupId},
    service::{Core, backups::care},
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href, reply,
        session::May,
        site::Site,
    },
};

/// The button that pins sends `yes`, the other one `no`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PinForm {
    pinned: String,
}

/// `POST /backups/{id}/pin`.
pub async fn pin(
    core: Data<Core>,
    site: Data<Site>,
    by: May<NoteBackups>,
    id: Path<i64>,
    Form(form): Form<PinForm>,
) -> Result<HttpResponse, PageError> {
    let (id, is_pinned) = (BackupId(*id), form.pinned == "yes");
    if !care::pin(&core, &by, id, is_pinned).await? {
        return Err(PageError::NotFound);
    }
    let flash = Flash::done(if is_pinned {
        "The version is pinned: it stays until somebody unpins it."
    } else {
        "The version is no longer pinned."
    });
    Ok(reply::see_other_saying(&href::backup(id), &flash, &site))
}

/// What is written on a version.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoteForm {
    pub(super) note: String,
}

/// `POST /backups/{id}/verify`: reads the kept bytes back.
pub async fn verify(
    core: Data<Core>,
    site: Data<Site>,
    by: May<NoteBackups>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = BackupId(*id);
    let flash = match care::verify(&core, &by, id).await? {
        None => return Err(PageError::NotFound),
        Some(true) => Flash::done("The kept bytes read back and have the hash they were kept with."),
        Some(false) => Flash::problem(
            "The kept bytes are damaged: they do not read back as they were kept. Back the device up again; an equal configuration mends them.",
        ),
    };
    Ok(reply::see_other_saying(&href::backup(id), &flash, &site))
}

/// Writes a note, or gives back what is wrong with it; `None` when there is no such version.
pub(super) async fn write_note(
    core: &Core,
    by: &May<NoteBackups>,
    (id, raw): (BackupId, &str),
) -> Result<Option<Result<(), String>>, PageError> {
    let note: BackupNote = match raw.parse() {
        Ok(note) => note,
        Err(complaint) => return Ok(Some(Err(format!("{complaint}")))),
    };
    Ok(care::note(core, by, id, &note).await?.then_some(Ok(())))
}
