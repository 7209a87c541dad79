//! A saved platform file beside the one that the program brings.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{ManagePlatforms, ViewDevices},
        diff::{self, Diff},
        id::RevisionId,
        revision::{Revision, RevisionState},
    },
    service::{Core, platforms::revisions},
    web::{
        diff::DiffView, error::PageError, form::Params, href, pages::backups::view, parts::Badge, reply,
        session::May, shell::Shell,
    },
};

/// Lines around a change.
const CONTEXT: usize = 3;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    mode: String,
}

#[derive(Template)]
#[template(path = "platforms/revision.html")]
struct RevisionPage {
    shell: Shell,
    key: String,
    back: String,
    it: Revision,
    state: Badge,
    saved: crate::web::parts::Moment,
    diff: Option<DiffView>,
    may_take_up: bool,
    take_up: String,
}

fn view(asked: &Asked, it: &Revision, diff: &Diff) -> DiffView {
    let here = href::platform_revision(&it.platform, it.id);
    let split = asked.mode == "split";
    DiffView {
        caption: format!("The file of {} compared with revision {}", it.platform, it.id),
        added: diff.added,
        removed: diff.removed,
        split,
        unified: if split { Vec::new() } else { view::unified(diff, &here) },
        sides: if split { view::sides(diff, &here) } else { Vec::new() },
        split_href: href::with(&here, &[("mode", "split")]),
        unified_href: here,
    }
}

/// `GET /platforms/{key}/revisions/{id}`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    path: Path<(String, i64)>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let (key, id) = path.into_inner();
    let found = revisions::find(&core, &by, RevisionId(id)).await?;
    let it = found.filter(|it| it.platform == key).ok_or(PageError::NotFound)?;
    let compared =
        core.platforms.in_file(&key).map(|file| diff::compare(file.source(), &it.source, Some(CONTEXT)));
    reply::html(&RevisionPage {
        shell,
        back: href::platform(&key),
        state: super::state(it.state),
        saved: crate::web::parts::Moment::exact(it.saved_at),
        diff: compared.map(|diff| view(&asked, &it, &diff)),
        may_take_up: it.state != RevisionState::InUse && by.actor().may::<ManagePlatforms>(),
        take_up: href::platform_act(&key, "use"),
        key,
        it,
    })
}
