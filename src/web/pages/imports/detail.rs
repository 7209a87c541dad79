//! An import: what a waiting list would do, or what one that was carried out did.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{view, waiting};
use crate::{
    domain::{
        access::ManageDevices,
        id::ImportId,
        import::{Deed, Import, ImportState},
    },
    service::{
        Core,
        import::{self, staged},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        form::Params,
        href, lists,
        parts::{Badge, Moment, Pager, Tone},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The verdict whose rows are shown; all without one.
    pub(super) show: String,
    /// The page.
    pub(super) page: String,
}

struct DeedRow {
    name: String,
    href: String,
    badge: Badge,
    is_as_left: bool,
}

impl From<Deed> for DeedRow {
    fn from(deed: Deed) -> Self {
        let badge = if deed.before.is_some() {
            Badge::new(Tone::Run, "pencil", "Changed")
        } else {
            Badge::new(Tone::Ok, "plus", "Added")
        };
        Self { href: href::device(deed.device), name: deed.name, badge, is_as_left: deed.is_as_left }
    }
}

#[derive(Template)]
#[template(path = "imports/done.html")]
struct DonePage {
    shell: Shell,
    title: String,
    badge: Badge,
    by: String,
    applied: Option<Moment>,
    undone: Option<Moment>,
    added: String,
    changed: String,
    rejected: String,
    rejected_href: Option<String>,
    tag: Option<(String, String)>,
    undo: Option<(String, Moment)>,
    rows: Vec<DeedRow>,
    total: String,
    pager: Option<Pager>,
}

/// `GET /imports/{id}`.
pub async fn page(
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = ImportId(*path);
    let import = import::by_id(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    match import.state {
        ImportState::Staged => {
            let form = waiting::ApplyForm::usual(&import);
            waiting::show(&core, &by, (&import, asked), (form, Complaints::default()), shell).await
        }
        ImportState::Applied | ImportState::Undone => done(&core, &by, import, &asked, shell).await,
    }
}

async fn done(
    core: &Core,
    by: &May<ManageDevices>,
    import: Import,
    asked: &Asked,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = import.id;
    let deeds = staged::deeds(core, by, id, view::requested(&asked.page)).await?;
    let undo = import.undo_until(core.now());
    reply::html(&DonePage {
        shell,
        title: format!("Import {id}"),
        badge: view::state(import.state),
        applied: import.applied_at.map(Moment::exact),
        undone: import.undone_at.map(Moment::exact),
        added: words::grouped(import.added.into()),
        changed: words::grouped(import.changed.into()),
        rejected: words::grouped(import.rejected.into()),
        rejected_href: (import.rejected > 0 && undo.is_some()).then(|| href::import_rejected(id)),
        undo: undo.map(|until| (href::import_undo(id), Moment::relative(until))),
        pager: lists::pager(&deeds, |number| href::with(&href::import(id), &[("page", number)])),
        total: words::count(deeds.total, "device"),
        rows: deeds.rows.into_iter().map(DeedRow::from).collect(),
        tag: import.tag.map(|tag| (href::with(href::devices(), &[("tag", &tag)]), tag)),
        by: import.created_by,
    })
}
