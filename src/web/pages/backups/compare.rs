//! Two versions beside each other, or one context of them.

mod contexts;
mod query;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use contexts::{ContextLink, links, sides};
pub use query::CompareQuery;

use super::{
    contexts::file_of,
    file_name,
    paste::{self, PasteForm},
    view,
};
use crate::{
    domain::{access::ViewDevices, backup::Backup, diff::Diff, id::BackupId},
    service::{
        Core,
        backups::{
            self,
            compare::{compare_any, patch_any},
        },
    },
    web::{
        complaints::Complaints,
        diff::DiffView,
        error::PageError,
        flash::Flash,
        form::Params,
        href,
        parts::{Badge, Empty, Moment},
        reply,
        session::May,
        shell::Shell,
        site::Site,
    },
};

/// One of the two versions.
#[derive(Debug)]
pub struct Version {
    device: String,
    device_href: String,
    href: String,
    taken: Moment,
}

impl From<&Backup> for Version {
    fn from(version: &Backup) -> Self {
        Self {
            device: version.device_name.clone(),
            device_href: href::device(version.device),
            href: href::backup(version.id),
            taken: Moment::exact(version.taken_at),
        }
    }
}

/// What the reader has to know about the choice.
fn remark(old: &Backup, new: &Backup) -> Option<&'static str> {
    if old.id == new.id {
        Some("These are the same version twice. Choose another one to compare it with.")
    } else if old.device != new.device {
        Some("These versions belong to different devices.")
    } else if old.taken_at > new.taken_at {
        Some(
            "The first version is the younger one: + marks lines that have gone since, − lines that have come. Swap them to read it in the order of time.",
        )
    } else {
        None
    }
}

#[derive(Template)]
#[template(path = "backups/compare.html")]
struct ComparePage {
    shell: Shell,
    heading: String,
    sides: [(&'static str, Version); 2],
    remark: Option<&'static str>,
    swap: String,
    patch: String,
    everything: Option<String>,
    is_equal: bool,
    equal: Empty,
    diff: DiffView,
    badge: Option<Badge>,
    contexts: Vec<ContextLink>,
}

type Pair = (Backup, Backup);

async fn both(core: &Core, by: &May<ViewDevices>, query: &CompareQuery) -> Result<Pair, PageError> {
    let (old, new) = query.ids()?;
    let old = backups::find(core, by, old).await?.ok_or(PageError::NotFound)?;
    let new = backups::find(core, by, new).await?.ok_or(PageError::NotFound)?;
    Ok((old, new))
}

/// `GET /compare`: any two versions; the address is a permanent link. Without any, the choice of them.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(query): Params<CompareQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    if query.old.is_empty() && query.new.is_empty() {
        let form = PasteForm::of_devices(&query.device_old, &query.device_new);
        return paste::show(&core, &by, form, (shell, Complaints::default(), None)).await;
    }
    let (old, new) = both(&core, &by, &query).await?;
    let contexts = links(&core, &by, &query, (&old, &new)).await?;
    let diff = compare_any(&core, &by, sides(&query, (&old, &new)), query.context()).await?;
    reply::html(&ComparePage { contexts, ..around(shell, &query, (&old, &new), &diff) })
}

fn around(shell: Shell, query: &CompareQuery, (old, new): (&Backup, &Backup), diff: &Diff) -> ComparePage {
    let mut heading = if old.device == new.device {
        format!("What changed on {}", new.device_name)
    } else {
        format!("{} and {}", old.device_name, new.device_name)
    };
    if let Some(name) = query.name() {
        heading = format!("{heading}, context {name}");
    }
    ComparePage {
        shell,
        heading,
        sides: [("Old", Version::from(old)), ("New", Version::from(new))],
        remark: remark(old, new),
        swap: query.swapped(),
        patch: match query.name() {
            Some(name) => href::patch_in(old.id, new.id, name),
            None => href::patch(old.id, new.id),
        },
        everything: query.context().map(|_| query.shown(&query.mode, "all")),
        is_equal: diff.added == 0 && diff.removed == 0,
        equal: Empty {
            icon: "equal",
            title: "No difference",
            text: "The two texts are the same. Lines that change by themselves, such as counters and dates, are left out of the comparison.",
            action: None,
        },
        diff: shown(query, (old, new), diff),
        badge: (old.device == new.device && old.id == new.id).then(|| Badge::of_word("unchanged")),
        contexts: Vec::new(),
    }
}

fn shown(query: &CompareQuery, (old, new): (&Backup, &Backup), diff: &Diff) -> DiffView {
    let split = query.is_split();
    let all = query.shown(&query.mode, "all");
    DiffView {
        caption: format!(
            "{} version {} compared with {} version {}",
            old.device_name, old.id, new.device_name, new.id
        ),
        added: diff.added,
        removed: diff.removed,
        split,
        unified_href: query.shown("unified", &query.context),
        split_href: query.shown("split", &query.context),
        unified: if split { Vec::new() } else { view::unified(diff, &all) },
        sides: if split { view::sides(diff, &all) } else { Vec::new() },
    }
}

/// `GET /compare.patch`: the same for `patch -p0`, masked.
pub async fn patch(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(query): Params<CompareQuery>,
) -> Result<HttpResponse, PageError> {
    let (old, new) = both(&core, &by, &query).await?;
    links(&core, &by, &query, (&old, &new)).await?;
    let text = patch_any(&core, &by, sides(&query, (&old, &new))).await?;
    Ok(reply::download(&file_name(&file_of(&new.device_name, query.name()), new.taken_at, "patch"), text))
}

/// `GET /backups/{id}/diff`: what this version changed.
pub async fn with_previous(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ViewDevices>,
    id: Path<i64>,
) -> Result<HttpResponse, PageError> {
    let version = backups::find(&core, &by, BackupId(*id)).await?;
    let version = version.ok_or(PageError::NotFound)?;
    Ok(match backups::before(&core, &by, &version).await? {
        Some(before) => reply::see_other(&href::compared(before, version.id)),
        None => reply::see_other_saying(
            &href::backup(version.id),
            &Flash::done("This is the first version: there is none before it to compare it with."),
            &site,
        ),
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};

    use super::*;
    use crate::domain::id::DeviceId;

    fn version(id: i64, device: i64) -> Backup {
        Backup {
            id: BackupId(id),
            device: DeviceId(device),
            device_name: format!("core-{device}"),
            platform: "linux".into(),
            job: None,
            taken_at: DateTime::UNIX_EPOCH + Duration::minutes(id),
            verified_at: DateTime::UNIX_EPOCH,
            seen: 1,
            sha256: String::new(),
            fingerprint: String::new(),
            bytes: 0,
            lines: 0,
            added: 0,
            removed: 0,
            is_pinned: false,
            note: String::new(),
            started_by: String::new(),
            checked_at: None,
            is_damaged: false,
            accepted_lines: None,
        }
    }

    #[test]
    fn the_order_is_explained() {
        assert_eq!(remark(&version(1, 1), &version(2, 1)), None);
        assert!(remark(&version(2, 1), &version(1, 1)).is_some_and(|told| told.contains("Swap")));
        assert!(remark(&version(2, 1), &version(1, 2)).is_some_and(|told| told.contains("different")));
        assert!(remark(&version(2, 1), &version(2, 1)).is_some_and(|told| told.contains("same")));
    }

    #[test]
    fn links_keep_what_was_chosen() {
        let query: CompareQuery = serde_html_form::from_str("old=1&new=2&mode=split&context=all").unwrap();
        assert!(query.is_split() && query.context().is_none());
        assert_eq!(query.shown("unified", "all"), "/compare?old=1&new=2&context=all");
        let page = around(
            Shell::bare(),
            &query,
            (&version(1, 1), &version(2, 1)),
            &crate::domain::diff::compare("a\n", "b\n", None),
        );
        assert_eq!(page.swap, "/compare?old=2&new=1&mode=split&context=all");
        assert_eq!((page.everything, page.is_equal), (None, false));
        assert!(page.diff.unified.is_empty() && page.diff.sides.len() == 1);
    }
}
