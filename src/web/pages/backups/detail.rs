//! One version: its text for people, where it comes from, its bytes to keep.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    browse::soundness_badge,
    care::{NoteForm, write_note},
    contexts::{self, ContextLine, ContextQuery},
    file_name, restore, shown_lines,
};
use crate::{
    domain::{
        access::{DeleteBackups, NoteBackups, ReadRaw, ViewDevices},
        backup::Backup,
        id::{BackupId, JobId},
    },
    service::{Core, backups, platforms},
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Params},
        href,
        parts::{Badge, ConfigText, Moment},
        reply,
        session::May,
        shell::Shell,
        site::Site,
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
    started_by: String,
    soundness: Badge,
    checked: Option<Moment>,
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
            started_by: version.started_by.clone(),
            soundness: soundness_badge(version.soundness()),
            checked: version.checked_at.map(Moment::exact),
        }
    }
}

/// What the reader may do with the version.
#[derive(Debug)]
pub struct Care {
    is_pinned: bool,
    note: String,
    pin: Option<String>,
    write: String,
    verify: String,
    delete: Option<String>,
    complaints: Complaints,
}

impl Care {
    fn of(version: &Backup, by: &May<ViewDevices>) -> Self {
        let actor = by.actor();
        Self {
            is_pinned: version.is_pinned,
            note: version.note.clone(),
            pin: actor.may::<NoteBackups>().then(|| href::backup_pin(version.id)),
            write: href::backup_note(version.id),
            verify: href::backup_verify(version.id),
            delete: actor.may::<DeleteBackups>().then(|| href::backup_delete(version.id)),
            complaints: Complaints::default(),
        }
    }
}

#[derive(Template)]
#[template(path = "backups/detail.html")]
struct BackupPage<'a> {
    shell: Shell,
    id: BackupId,
    from: Provenance,
    is_newest: bool,
    newest_href: Option<String>,
    previous: Option<String>,
    raw: Option<String>,
    text: String,
    care: Care,
    steps: &'static [&'static str],
    info: Option<String>,
    cut: Option<usize>,
    lacks_secrets: bool,
    leaks: Leaks,
    contexts: Vec<ContextLine>,
    context: Option<String>,
    whole: String,
    config: ConfigText<'a>,
}

/// Lines that may hold secrets which no rule covers: how many in words, and the first of them.
#[derive(Debug)]
struct Leaks {
    all: String,
    shown: Vec<(usize, String)>,
    more: usize,
}

impl Leaks {
    /// So many lines are named.
    const SHOWN: usize = 10;

    fn of(mut leaks: Vec<(usize, String)>) -> Self {
        let all = leaks.len();
        leaks.truncate(Self::SHOWN);
        Self {
            all: words::count(i64::try_from(all).unwrap_or(i64::MAX), "line"),
            more: all - leaks.len(),
            shown: leaks,
        }
    }
}

/// `GET /backups/{id}`: the masked text, numbered, with links to its lines; with `?context=` that of one context.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    Params(query): Params<ContextQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let version = backups::find(&core, &by, BackupId(*id)).await?;
    let version = version.ok_or(PageError::NotFound)?;
    let may = Care::of(&version, &by);
    show(&core, &by, (&version, query.name()), (shell, may)).await
}

async fn show(
    core: &Core,
    by: &May<ViewDevices>,
    (version, context): (&Backup, Option<&str>),
    (shell, may): (Shell, Care),
) -> Result<HttpResponse, PageError> {
    let previous = backups::before(core, by, version).await?;
    let newest = backups::newest(core, by, version.device).await?;
    let newest = newest.map(|newest| newest.id).filter(|id| *id != version.id);
    let backups::Read { mut text, mut leaks, lacks_secrets } = backups::read(core, by, version).await?;
    if let Some(name) = context {
        text = backups::contexts::masked(core, by, version, name).await?.ok_or(PageError::NotFound)?;
        // Their numbers are those of the whole.
        leaks.clear();
    }
    let listed = backups::contexts::list(core, by, version).await?;
    let may_read_raw = by.actor().may::<ReadRaw>();
    let (lines, cut) = shown_lines(&text);
    let complaints = may.complaints.clone();
    let page = BackupPage {
        shell,
        id: version.id,
        from: Provenance {
            changed: previous.map(|_| (version.added, version.removed)),
            platform: platforms::title(core, &version.platform),
            ..Provenance::from(version)
        },
        is_newest: newest.is_none(),
        newest_href: newest.map(href::backup),
        previous: previous.map(|_| href::backup_diff(version.id)),
        raw: may_read_raw.then(|| contexts::of(href::backup_raw(version.id), context)),
        info: backups::info(core, by, version).await?,
        cut,
        lacks_secrets,
        leaks: Leaks::of(leaks),
        config: ConfigText { label: "Configuration, secrets masked", lines },
        contexts: ContextLine::all(version, listed, (previous, context), may_read_raw),
        context: context.map(str::to_owned),
        whole: href::backup(version.id),
        text: contexts::of(href::backup_text(version.id), context),
        steps: restore::steps(&version.platform),
        care: may,
    };
    reply::form_page(&page, &complaints)
}

/// `POST /backups/{id}/note`: back to the version, or what is wrong with the note beside what was typed.
pub async fn note(
    core: Data<Core>,
    (by, view): (May<NoteBackups>, May<ViewDevices>),
    id: Path<i64>,
    (site, shell): (Data<Site>, Shell),
    Form(form): Form<NoteForm>,
) -> Result<HttpResponse, PageError> {
    let id = BackupId(*id);
    let version = backups::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    match write_note(&core, &by, (id, &form.note)).await?.ok_or(PageError::NotFound)? {
        Ok(()) => Ok(reply::see_other_saying(&href::backup(id), &Flash::done("The note is kept."), &site)),
        Err(complaint) => {
            let complaints = Complaints::on_field("note", complaint);
            let may = Care { note: form.note, complaints, ..Care::of(&version, &view) };
            show(&core, &view, (&version, None), (shell, may)).await
        }
    }
}

/// `GET /backups/{id}/text`: the masked text as a file, or that of one context.
pub async fn text(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    Params(query): Params<ContextQuery>,
) -> Result<HttpResponse, PageError> {
    let version = backups::find(&core, &by, BackupId(*id)).await?;
    let version = version.ok_or(PageError::NotFound)?;
    let text = match query.name() {
        Some(name) => {
            backups::contexts::masked(&core, &by, &version, name).await?.ok_or(PageError::NotFound)?
        }
        None => backups::masked(&core, &by, &version).await?,
    };
    let name = contexts::file_of(&version.device_name, query.name());
    Ok(reply::download(&file_name(&name, version.taken_at, "masked.cfg"), text))
}

/// `GET /backups/{id}/raw`: the bytes for restoring, or those of one context, with their secrets; it is written down who took
/// them (S-77).
pub async fn raw(
    core: Data<Core>,
    by: May<ReadRaw>,
    view: May<ViewDevices>,
    id: Path<i64>,
    Params(query): Params<ContextQuery>,
) -> Result<HttpResponse, PageError> {
    let version = backups::find(&core, &view, BackupId(*id)).await?;
    let version = version.ok_or(PageError::NotFound)?;
    let bytes = match query.name() {
        Some(name) => {
            backups::contexts::download(&core, &by, &version, name).await?.ok_or(PageError::NotFound)?
        }
        None => backups::download(&core, &by, &version).await?,
    };
    let name = contexts::file_of(&version.device_name, query.name());
    let name = file_name(&name, version.taken_at, "cfg");
    Ok(reply::download(&name, bytes))
}
