//! Deleted devices: brought back with their history, or removed for good.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{
        access::{DeleteBackups, ManageDevices},
        device::DeletedDevice,
        id::DeviceId,
    },
    service::{
        Core,
        devices::{self, RestoreError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing, Params},
        href, lists,
        parts::{Action, Confirm, Empty, Moment, Pager},
        reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// What the address says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    page: String,
}

struct Row {
    name: String,
    place: String,
    deleted: Moment,
    by: String,
    versions: i64,
    until: Moment,
    restore: String,
    purge: String,
}

impl From<DeletedDevice> for Row {
    fn from(device: DeletedDevice) -> Self {
        Self {
            place: super::detail::place(&device.address, device.port),
            deleted: Moment::relative(device.deleted_at),
            by: device.deleted_by,
            versions: device.versions,
            until: Moment::relative(device.deleted_at + DeletedDevice::KEPT_FOR),
            restore: href::restore_device(device.id),
            purge: href::purge_device(device.id),
            name: device.name,
        }
    }
}

#[derive(Template)]
#[template(path = "devices/deleted.html")]
struct DeletedPage {
    shell: Shell,
    summary: String,
    rows: Vec<Row>,
    pager: Option<Pager>,
    may_purge: bool,
    empty: Empty,
}

/// `GET /devices/deleted`: what can be brought back.
pub async fn page(
    core: Data<Core>,
    by: May<ManageDevices>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let page = devices::deleted(&core, &by, lists::requested(&asked.page)).await?;
    reply::html(&DeletedPage {
        shell,
        summary: words::count(page.total, "deleted device"),
        pager: lists::pager(&page, |number| href::with(href::deleted_devices(), &[("page", number)])),
        rows: page.rows.into_iter().map(Row::from).collect(),
        may_purge: by.actor().may::<DeleteBackups>(),
        empty: Empty {
            icon: "trash",
            title: "Nothing is deleted",
            text: "A device that is deleted waits here for 30 days with its credential and all its versions.",
            action: Some(Action { label: "To the devices", href: href::devices().to_owned() }),
        },
    })
}

/// `POST /devices/{id}/restore`: brings one back.
pub async fn restore(
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
    site: Data<Site>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = DeviceId(*path);
    match devices::restore(&core, &by, id).await {
        Ok(name) => {
            let flash = Flash::done(format!("{name} is back with all its versions."));
            Ok(reply::see_other_saying(&href::device(id), &flash, &site))
        }
        Err(RestoreError::Unknown) => Err(PageError::NotFound),
        Err(RestoreError::Fault(fault)) => Err(fault.into()),
        Err(taken @ RestoreError::Taken(_)) => {
            let flash = Flash::problem(format!("Nothing was changed: {taken}."));
            Ok(reply::see_other_saying(href::deleted_devices(), &flash, &site))
        }
    }
}

#[derive(Template)]
#[template(path = "devices/delete.html")]
struct PurgePage<'a> {
    shell: &'a Shell,
    name: String,
    device_href: String,
    confirm: Confirm<'a>,
}

/// `GET /devices/{id}/purge`: what is lost for good.
pub async fn ask(
    core: Data<Core>,
    by: May<DeleteBackups>,
    path: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = DeviceId(*path);
    let device = devices::find_deleted(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    reply::html(&PurgePage {
        confirm: Confirm {
            question: format!("Remove {} for good?", device.name),
            touched: vec![
                format!("{} of its configuration", words::count(device.versions, "version")),
                "Its credential and its pinned host key".to_owned(),
            ],
            consequence: "This cannot be undone.",
            verb: "Remove it for good",
            action: href::purge_device(id),
            back: href::deleted_devices().to_owned(),
            csrf: &shell.csrf,
        },
        shell: &shell,
        name: device.name,
        device_href: href::deleted_devices().to_owned(),
    })
}

/// `POST /devices/{id}/purge`: removes it with its history.
pub async fn purge(
    core: Data<Core>,
    by: May<DeleteBackups>,
    path: Path<i64>,
    site: Data<Site>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let Some(name) = devices::purge(&core, &by, DeviceId(*path)).await? else {
        return Err(PageError::NotFound);
    };
    let flash = Flash::done(format!("{name} has been removed for good."));
    Ok(reply::see_other_saying(href::deleted_devices(), &flash, &site))
}
