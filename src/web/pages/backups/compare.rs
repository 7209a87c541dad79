//! Two versions beside each other.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    file_name,
    paste::{self, PasteForm},
    view,
};
use crate::{
    domain::{access::ViewDevices, backup::Backup, diff::Diff, id::BackupId},
    service::{Core, backups},
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

/// Which versions, and how they are shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CompareQuery {
    old: String,
    new: String,
    mode: String,
    context: String,
    device_old: String,
    device_new: String,
}

impl CompareQuery {
    fn ids(&self) -> Result<(BackupId, BackupId), PageError> {
        let id = |raw: &str| raw.trim().parse().map_err(|_| PageError::NotFound);
        Ok((id(&self.old)?, id(&self.new)?))
    }

    fn is_split(&self) -> bool {
        self.mode == "split"
    }

    /// Equal lines around a change: three, as many as asked for, or all.
    fn context(&self) -> Option<usize> {
        match self.context.as_str() {
            "all" => None,
            raw => Some(raw.parse().map_or(3, |lines: usize| lines.min(1_000))),
        }
    }

    /// The same page with another view, context or order; what is usual is left out.
    fn href((old, new): (&str, &str), mode: &str, context: &str) -> String {
        let fields = [
            ("old", old),
            ("new", new),
            ("mode", if mode == "split" { mode } else { "" }),
            ("context", if context == "3" { "" } else { context }),
        ];
        href::with(href::compare(), &fields)
    }

    fn shown(&self, mode: &str, context: &str) -> String {
        Self::href((&self.old, &self.new), mode, context)
    }
}

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
    let diff = backups::compare(&core, &by, (&old, &new), query.context()).await?;
    reply::html(&around(shell, &query, (&old, &new), &diff))
}

fn around(shell: Shell, query: &CompareQuery, (old, new): (&Backup, &Backup), diff: &Diff) -> ComparePage {
    let heading = if old.device == new.device {
        format!("What changed on {}", new.device_name)
    } else {
        format!("{} and {}", old.device_name, new.device_name)
    };
    ComparePage {
        shell,
        heading,
        sides: [("Old", Version::from(old)), ("New", Version::from(new))],
        remark: remark(old, new),
        swap: CompareQuery::href((&query.new, &query.old), &query.mode, &query.context),
        patch: href::patch(old.id, new.id),
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
    let text = backups::patch(&core, &by, (&old, &new)).await?;
    Ok(reply::download(&file_name(&new.device_name, new.taken_at, "patch"), text))
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
        }
    }

    fn query(text: &str) -> CompareQuery {
        serde_html_form::from_str(text).unwrap()
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
        let query = query("old=1&new=2&mode=split&context=all");
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

    #[test]
    fn nonsense_in_the_address_is_not_found_or_the_usual() {
        assert!(query("old=x&new=2").ids().is_err());
        assert!(query("old=1").ids().is_err());
        assert_eq!(query("context=many").context(), Some(3));
        assert_eq!(query("context=99999999").context(), Some(1_000));
    }
}
