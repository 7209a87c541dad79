//! Deleting a version, after a question.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{DeleteBackups, Grant, ViewDevices},
        backup::Backup,
        id::BackupId,
    },
    service::{
        Core,
        backups::{
            self,
            care::{self, DeleteBackupError},
        },
    },
    web::{
        complaints::Complaints, error::PageError, flash::Flash, form::Form, href, reply, session::May,
        shell::Shell, site::Site, words,
    },
};

/// Whether the newest good version may go.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeleteForm {
    force: String,
}

#[derive(Template)]
#[template(path = "backups/delete.html")]
struct DeletePage {
    shell: Shell,
    name: String,
    back: String,
    action: String,
    touched: Vec<String>,
    is_pinned: bool,
    is_newest: bool,
    force: bool,
    complaints: Complaints,
}

async fn around(
    core: &Core,
    by: &Grant<DeleteBackups>,
    version: &Backup,
    (shell, force, complaints): (Shell, bool, Complaints),
) -> Result<HttpResponse, PageError> {
    let page = DeletePage {
        shell,
        name: format!("{}, {}", version.device_name, version.taken_at.format("%-d %b %Y, %H:%M UTC")),
        back: href::backup(version.id),
        action: href::backup_delete(version.id),
        touched: vec![
            format!(
                "Version {} of {}: {}, {}, seen {} on the device",
                version.id,
                version.device_name,
                words::size(version.bytes),
                words::count(version.lines.into(), "line"),
                words::count(version.seen.into(), "time"),
            ),
            "Its text and the device information beside it, unless another version has the same".to_owned(),
            "The job that took it and its log stay; other versions stay".to_owned(),
        ],
        is_pinned: version.is_pinned,
        is_newest: care::is_newest_good(core, by, version).await?,
        force,
        complaints,
    };
    let complaints = page.complaints.clone();
    reply::form_page(&page, &complaints)
}

async fn found(core: &Core, by: &May<ViewDevices>, id: i64) -> Result<Backup, PageError> {
    backups::find(core, by, BackupId(id)).await?.ok_or(PageError::NotFound)
}

/// `GET /backups/{id}/delete`: says what is lost.
pub async fn ask(
    core: Data<Core>,
    by: May<DeleteBackups>,
    view: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let version = found(&core, &view, *id).await?;
    around(&core, &by, &version, (shell, false, Complaints::default())).await
}

/// `POST /backups/{id}/delete`.
pub async fn delete(
    core: Data<Core>,
    (by, view): (May<DeleteBackups>, May<ViewDevices>),
    id: Path<i64>,
    (site, shell): (Data<Site>, Shell),
    Form(form): Form<DeleteForm>,
) -> Result<HttpResponse, PageError> {
    let is_forced = form.force == "on";
    let complaint = match care::delete(&core, &by, BackupId(*id), is_forced).await {
        Ok(gone) => {
            let flash = Flash::done(format!("Version {} of {} is deleted.", gone.id, gone.device_name));
            return Ok(reply::see_other_saying(&href::versions(gone.device), &flash, &site));
        }
        Err(DeleteBackupError::Gone) => return Err(PageError::NotFound),
        Err(DeleteBackupError::Fault(fault)) => return Err(fault.into()),
        Err(error @ DeleteBackupError::Newest) => Complaints::on_field("force", error),
        Err(error @ (DeleteBackupError::Pinned | DeleteBackupError::Busy)) => Complaints::on_form(error),
    };
    let version = found(&core, &view, *id).await?;
    around(&core, &by, &version, (shell, is_forced, complaint)).await
}
