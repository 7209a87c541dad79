//! One version: its text for people, where it comes from, its bytes to keep.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{file_name, shown_lines};
use crate::{
    domain::{
        access::{ReadRaw, ViewDevices},
        backup::Backup,
        id::{BackupId, JobId},
    },
    service::{Core, backups, platforms},
    web::{
        error::PageError,
        href,
        parts::{ConfigText, Moment},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// Where a version comes from.
#[derive(Debug)]
pub struct Provenance {
    device: String,
    device_href: String,
    versions_href: String,
    title: String,
    taken: Moment,
    verified: Moment,
    seen: String,
    job: Option<(JobId, String)>,
    platform: String,
    size: String,
    sha256: String,
    changed: Option<(i32, i32)>,
}

impl From<&Backup> for Provenance {
    fn from(version: &Backup) -> Self {
        Self {
            device: version.device_name.clone(),
            device_href: href::device(version.device),
            versions_href: href::versions(version.device),
            title: version.taken_at.format("%-d %b %Y, %H:%M").to_string(),
            taken: Moment::exact(version.taken_at),
            verified: Moment::exact(version.verified_at),
            seen: words::count(version.seen.into(), "capture"),
            job: version.job.map(|id| (id, href::job(id))),
            platform: version.platform.clone(),
            size: format!("{}, {}", words::size(version.bytes), words::count(version.lines.into(), "line")),
            sha256: version.sha256.clone(),
            changed: None,
        }
    }
}

#[derive(Template)]
#[template(path = "backups/detail.html")]
struct BackupPage<'a> {
    shell: Shell,
    from: Provenance,
    is_newest: bool,
    newest_href: Option<String>,
    previous: Option<String>,
    raw: Option<String>,
    info: Option<String>,
    cut: Option<usize>,
    config: ConfigText<'a>,
}

/// `GET /backups/{id}`: the masked text, numbered, with links to its lines.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let version = backups::find(&core, &by, BackupId(*id)).await?;
    let version = version.ok_or(PageError::NotFound)?;
    let previous = backups::before(&core, &by, &version).await?;
    let newest = backups::newest(&core, &by, version.device).await?;
    let newest = newest.map(|newest| newest.id).filter(|id| *id != version.id);
    let text = backups::masked(&core, &by, &version).await?;
    let (lines, cut) = shown_lines(&text);
    reply::html(&BackupPage {
        shell,
        from: Provenance {
            changed: previous.map(|_| (version.added, version.removed)),
            platform: platforms::title(&core, &version.platform),
            ..Provenance::from(&version)
        },
        is_newest: newest.is_none(),
        newest_href: newest.map(href::backup),
        previous: previous.map(|_| href::backup_diff(version.id)),
        raw: by.actor().may::<ReadRaw>().then(|| href::backup_raw(version.id)),
        info: backups::info(&core, &by, &version).await?,
        cut,
        config: ConfigText { label: "Configuration, secrets masked", lines },
    })
}

/// `GET /backups/{id}/raw`: the bytes for restoring, with their secrets; it is written down who took them (S-77).
pub async fn raw(
    core: Data<Core>,
    by: May<ReadRaw>,
    view: May<ViewDevices>,
    id: Path<i64>,
) -> Result<HttpResponse, PageError> {
    let version = backups::find(&core, &view, BackupId(*id)).await?;
    let version = version.ok_or(PageError::NotFound)?;
    let bytes = backups::download(&core, &by, &version).await?;
    let name = file_name(&version.device_name, version.taken_at, "cfg");
    Ok(reply::download(&name, bytes))
}
