//! A capture that failed its proof: shown, never taken for a backup.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::shown_lines;
use crate::{
    domain::{
        access::ViewDevices,
        id::{JobId, SuspectId},
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

#[derive(Template)]
#[template(path = "backups/suspect.html")]
struct SuspectPage<'a> {
    shell: Shell,
    device: String,
    device_href: String,
    versions_href: String,
    taken: Moment,
    reason: String,
    job: Option<(JobId, String)>,
    good: Option<String>,
    platform: String,
    size: String,
    sha256: String,
    cut: Option<usize>,
    config: ConfigText<'a>,
}

/// `GET /suspects/{id}`: the masked text with the reason why it is not believed.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let suspect = backups::find_suspect(&core, &by, SuspectId(*id)).await?;
    let suspect = suspect.ok_or(PageError::NotFound)?;
    let good = backups::newest(&core, &by, suspect.device).await?;
    let text = backups::masked_suspect(&core, &by, &suspect).await?;
    let (lines, cut) = shown_lines(&text);
    reply::html(&SuspectPage {
        shell,
        device_href: href::device(suspect.device),
        versions_href: href::versions(suspect.device),
        taken: Moment::exact(suspect.taken_at),
        job: suspect.job.map(|id| (id, href::job(id))),
        good: good.map(|good| href::backup(good.id)),
        size: format!("{}, {}", words::size(suspect.bytes), words::count(suspect.lines.into(), "line")),
        device: suspect.device_name,
        reason: suspect.reason,
        platform: platforms::title(&core, &suspect.platform),
        sha256: suspect.sha256,
        cut,
        config: ConfigText { label: "Doubtful capture, secrets masked", lines },
    })
}
