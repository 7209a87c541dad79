//! A capture that failed its proof: shown, never taken for a backup.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::shown_lines;
use crate::{
    domain::{
        access::{NoteBackups, ViewDevices},
        id::{JobId, SuspectId},
    },
    service::{
        Core,
        backups::{
            self,
            care::{self, Accepted},
        },
        platforms,
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href,
        parts::{ConfigText, Moment},
        reply,
        session::May,
        shell::Shell,
        site::Site,
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
    accept: Option<String>,
    is_accepted: bool,
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
        is_accepted: good.as_ref().is_some_and(|good| good.accepted_lines == Some(suspect.lines)),
        accept: good
            .as_ref()
            .filter(|good| by.actor().may::<NoteBackups>() && good.verified_at <= suspect.taken_at)
            .map(|_| href::accept_suspect(suspect.id)),
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

/// `POST /suspects/{id}/accept`: a person says that the device's configuration is as short as this.
pub async fn accept(
    core: Data<Core>,
    site: Data<Site>,
    by: May<NoteBackups>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = SuspectId(*id);
    let flash = match care::accept(&core, &by, id).await? {
        Accepted::Done => {
            Flash::done("Accepted. The next backup that is as short becomes the current version.")
        }
        Accepted::Overtaken => Flash::problem("A good backup has come since; there is nothing to accept."),
        Accepted::Gone => return Err(PageError::NotFound),
    };
    Ok(reply::see_other_saying(&href::suspect(id), &flash, &site))
}
