//! The versions of a device, and the choice of two to compare.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{RunBackups, ViewDevices},
        backup::{Backup, Suspect},
        id::DeviceId,
        page::Page,
    },
    service::{Core, backups, devices},
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Action, Empty, Moment, Pager},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PageQuery {
    page: String,
}

/// A row.
#[derive(Debug)]
pub struct VersionLine {
    id: String,
    href: String,
    diff: Option<String>,
    taken: Moment,
    seen: String,
    verified: Moment,
    added: String,
    removed: String,
    lines: String,
    size: String,
    is_old: bool,
    is_new: bool,
}

impl VersionLine {
    /// The row at `place`: at first the two newest are chosen. The first version has none before it to differ from.
    fn of(place: usize, version: &Backup, is_first: bool) -> Self {
        let signed = |sign: &str, count: i32| match count {
            many if many != 0 && !is_first => format!("{sign}{}", words::grouped(many.into())),
            _ => String::new(),
        };
        Self {
            id: version.id.to_string(),
            href: href::backup(version.id),
            diff: (!is_first).then(|| href::backup_diff(version.id)),
            taken: Moment::exact(version.taken_at),
            seen: words::count(version.seen.into(), "capture"),
            verified: Moment::relative(version.verified_at),
            added: signed("+", version.added),
            removed: signed("−", version.removed),
            lines: words::grouped(version.lines.into()),
            size: words::size(version.bytes),
            is_old: place == 1,
            is_new: place == 0,
        }
    }
}

/// A doubtful capture above the list.
#[derive(Debug)]
pub struct SuspectLine {
    href: String,
    taken: Moment,
    reason: String,
}

impl From<Suspect> for SuspectLine {
    fn from(suspect: Suspect) -> Self {
        Self {
            href: href::suspect(suspect.id),
            taken: Moment::exact(suspect.taken_at),
            reason: suspect.reason,
        }
    }
}

#[derive(Template)]
#[template(path = "backups/list.html")]
struct VersionsPage {
    shell: Shell,
    device: String,
    device_href: String,
    total: String,
    suspects: Vec<SuspectLine>,
    rows: Vec<VersionLine>,
    may_compare: bool,
    pager: Option<Pager>,
    empty: Empty,
}

/// `GET /devices/{id}/backups`: the newest first.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    Params(query): Params<PageQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = DeviceId(*id);
    let found = devices::find(&core, &by, id).await?;
    let device = found.ok_or(PageError::NotFound)?.device;
    let versions = backups::list(&core, &by, id, lists::requested(&query.page)).await?;
    let suspects = backups::suspects(&core, &by, id).await?;
    reply::html(&VersionsPage {
        shell,
        device: device.name,
        device_href: href::device(id),
        total: words::count(versions.total, "version"),
        suspects: suspects.into_iter().map(SuspectLine::from).collect(),
        may_compare: versions.rows.len() > 1,
        pager: lists::pager(&versions, |number| {
            href::with(&href::versions(id), &[("page", number)])
        }),
        rows: rows(versions),
        empty: empty(id, by.actor().may::<RunBackups>()),
    })
}

fn rows(versions: Page<Backup>) -> Vec<VersionLine> {
    let is_last_page = versions.request.number >= versions.last();
    let count = versions.rows.len();
    let rows = versions.rows.into_iter().enumerate();
    rows.map(|(place, version)| VersionLine::of(place, &version, is_last_page && place + 1 == count))
        .collect()
}

fn empty(device: DeviceId, may_run: bool) -> Empty {
    Empty {
        icon: "archive",
        title: "No version yet",
        text: "A version is kept when a capture has been proven whole and differs from the last one.",
        action: may_run.then(|| Action {
            label: "To the device, to back it up",
            href: href::device(device),
        }),
    }
}
