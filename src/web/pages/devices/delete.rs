//! Deleting a device: first what goes with it, then the deletion.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{found, looking};
use crate::{
    domain::{access::ManageDevices, id::DeviceId},
    service::{
        Core,
        devices::{self, Goes},
    },
    web::{
        error::PageError, flash::Flash, form::Form, form::Nothing, href, parts::Confirm, reply, request,
        session::May, shell::Shell, words,
    },
};

#[derive(Template)]
#[template(path = "devices/delete.html")]
struct DeletePage<'a> {
    shell: &'a Shell,
    name: String,
    device_href: String,
    confirm: Confirm<'a>,
}

fn touched(goes: Goes) -> Vec<String> {
    let mut lines = vec![
        match goes.backups {
            0 => "No version of its configuration: none was kept yet".to_owned(),
            backups => format!("{} of its configuration", words::count(backups, "version")),
        },
        "Its credential and its pinned host key".to_owned(),
        "A backup that waits or runs is stopped; the logs of past jobs stay".to_owned(),
    ];
    if goes.schedules > 0 {
        lines.push(format!("{} no longer take it", words::count(goes.schedules, "schedule")));
    }
    lines
}

/// `GET /devices/{id}/delete`: what goes with the device.
pub async fn ask(
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = DeviceId(*path);
    let device = found(&core, &looking(&by)?, id).await?.device;
    let goes = devices::what_goes(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    reply::html(&DeletePage {
        confirm: Confirm {
            question: format!("Delete {}? These go with it:", device.name),
            touched: touched(goes),
            consequence: "For 30 days it can be brought back with all of this; then it is removed for good.",
            verb: "Delete the device",
            action: href::delete_device(id),
            back: href::device(id),
            csrf: &shell.csrf,
        },
        shell: &shell,
        name: device.name,
        device_href: href::device(id),
    })
}

/// `POST /devices/{id}/delete`: deletes it with its history.
pub async fn delete(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = DeviceId(*path);
    let name = found(&core, &looking(&by)?, id).await?.device.name;
    if !devices::delete(&core, &by, id).await? {
        return Err(PageError::NotFound);
    }
    let flash = Flash::done(format!(
        "{name} has been deleted. It can be brought back for 30 days, under \"Deleted devices\"."
    ));
    Ok(reply::see_other_saying(href::devices(), &flash, &*request::site(&req)?))
}
