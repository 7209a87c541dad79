//! The versions of all devices: filtered, searched, chosen for an archive.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{RunBackups, ViewDevices},
        backup::{Backup, BackupFilter, Soundness},
    },
    service::{
        Core,
        backups::search::{self, Cut, Found, Hit},
        platforms,
    },
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Action, Badge, Choice, Empty, Moment, Pager, Tone},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// The list's address, as text.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct BackupQuery {
    pub(super) device: String,
    pub(super) tag: String,
    pub(super) platform: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) changed: String,
    pub(super) by: String,
    pub(super) pinned: String,
    pub(super) state: String,
    pub(super) text: String,
    pub(super) page: String,
}

impl BackupQuery {
    /// What is asked for; words that mean nothing filter nothing.
    pub(super) fn filter(&self) -> BackupFilter {
        let said = |raw: &str| Some(raw.trim().to_owned()).filter(|text| !text.is_empty());
        BackupFilter {
            device: said(&self.device),
            tag: said(&self.tag),
            platform: said(&self.platform),
            from: lists::day(&self.from),
            until: lists::day_after(&self.until),
            changed: self.changed.trim().parse().ok().filter(|lines| *lines > 0),
            started_by: said(&self.by),
            is_pinned: match self.pinned.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            soundness: self.state.parse().ok(),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// The filters as fields of an address or a form.
    pub(super) fn fields(&self) -> [(&'static str, &str); 10] {
        [
            ("device", &self.device),
            ("tag", &self.tag),
            ("platform", &self.platform),
            ("from", &self.from),
            ("until", &self.until),
            ("changed", &self.changed),
            ("by", &self.by),
            ("pinned", &self.pinned),
            ("state", &self.state),
            ("text", &self.text),
        ]
    }

    fn is_filtered(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.trim().is_empty())
    }

    fn href(&self, page: &str) -> String {
        let fields: Vec<_> = self.fields().into_iter().chain([("page", page)]).collect();
        href::with(href::backups(), &fields)
    }
}

/// What the last check of a version's bytes said, as a badge.
pub(super) fn soundness_badge(of: Soundness) -> Badge {
    match of {
        Soundness::Unchecked => Badge::new(Tone::Idle, "circle-dashed", "Not checked"),
        Soundness::Good => Badge::new(Tone::Ok, "circle-check", "Checked"),
        Soundness::Damaged => Badge::new(Tone::Bad, "circle-x", "Damaged"),
    }
}

/// A row.
#[derive(Debug)]
pub struct Line {
    id: String,
    href: String,
    device: String,
    versions: String,
    taken: Moment,
    change: Option<(String, String)>,
    by: String,
    size: String,
    soundness: Badge,
    is_pinned: bool,
    note: String,
    hit: Option<Hit>,
}

impl Line {
    fn of(version: Backup, hit: Option<Hit>) -> Self {
        let is_first = version.removed == 0 && version.added >= version.lines;
        let counted = |number: i32| words::grouped(number.into());
        Self {
            id: version.id.to_string(),
            href: href::backup(version.id),
            versions: href::versions(version.device),
            taken: Moment::exact(version.taken_at),
            change: (!is_first).then(|| (counted(version.added), counted(version.removed))),
            size: words::size(version.bytes),
            soundness: soundness_badge(version.soundness()),
            is_pinned: version.is_pinned,
            note: version.note,
            by: version.started_by,
            device: version.device_name,
            hit,
        }
    }
}

#[derive(Template)]
#[template(path = "backups/browse.html")]
struct BrowsePage {
    shell: Shell,
    total: String,
    platforms: Vec<Choice>,
    pinned: Vec<Choice>,
    states: Vec<Choice>,
    is_filtered: bool,
    cut: Option<String>,
    export: String,
    rows: Vec<Line>,
    pager: Option<Pager>,
    empty: Empty,
    query: BackupQuery,
}

/// `GET /backups`: the newest first; the address holds the filters.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(query): Params<BackupQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let filter = query.filter();
    let Found { page: found, mut lines, cut } =
        search::search(&core, &by, (&filter, query.text()), lists::recent(&query.page)).await?;
    reply::html(&BrowsePage {
        shell,
        total: lists::total(&found, "version"),
        platforms: platforms_of(&core, &query.platform),
        pinned: choices("Pinned or not", &query.pinned, &[("yes", "Pinned"), ("no", "Not pinned")]),
        states: choices(
            "Any check",
            &query.state,
            &[("unchecked", "Not checked"), ("good", "Checked"), ("damaged", "Damaged")],
        ),
        is_filtered: query.is_filtered(),
        cut: cut.map(told),
        export: href::with(href::export(), &query.fields()),
        pager: lists::pager(&found, |number| query.href(number)),
        rows: found
            .rows
            .into_iter()
            .map(|version| {
                let hit = lines.remove(&version.id);
                Line::of(version, hit)
            })
            .collect(),
        empty: empty(query.is_filtered(), by.actor().may::<RunBackups>()),
        query,
    })
}

fn platforms_of(core: &Core, chosen: &str) -> Vec<Choice> {
    let known = platforms::by_title(core);
    lists::choices("Any platform", chosen, known.iter().map(|(key, title)| (key.as_str(), title.clone())))
}

fn choices(any: &str, chosen: &str, words: &[(&str, &str)]) -> Vec<Choice> {
    lists::choices(any, chosen, words.iter().map(|(value, label)| (*value, (*label).to_owned())))
}

fn told((cut, looked): (Cut, usize)) -> String {
    let looked = words::count(i64::try_from(looked).unwrap_or(i64::MAX), "version");
    let why = match cut {
        Cut::Count => "which is as many as one search takes",
        Cut::Time => "which is how far it came in two seconds",
    };
    format!(
        "The search looked through the newest {looked}, {why}. Narrow it by device or time to look further back."
    )
}

fn empty(is_filtered: bool, may_run: bool) -> Empty {
    if is_filtered {
        return Empty {
            icon: "filter",
            title: "No version matches",
            text: "No version fits these filters. Take some of them away.",
            action: Some(Action { label: "Show all versions", href: href::backups().to_owned() }),
        };
    }
    Empty {
        icon: "archive",
        title: "No versions yet",
        text: "A version is kept when a capture has been proven whole and differs from the last one of its device.",
        action: may_run
            .then(|| Action { label: "To the devices, to back them up", href: href::devices().to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_what_was_chosen_and_nonsense_filters_nothing() {
        let query: BackupQuery = serde_html_form::from_str(
            "device=core&from=2026-03-01&until=2026-03-01&changed=x&pinned=yes&state=good&text=+&page=2",
        )
        .unwrap();
        let filter = query.filter();
        assert_eq!(filter.device.as_deref(), Some("core"));
        assert_eq!(filter.until.zip(filter.from).map(|(end, start)| (end - start).num_hours()), Some(24));
        assert_eq!(
            (filter.changed, filter.is_pinned, filter.soundness),
            (None, Some(true), Some(Soundness::Good))
        );
        assert!(query.text().is_none());
        assert_eq!(
            query.href(""),
            "/backups?device=core&from=2026-03-01&until=2026-03-01&changed=x&pinned=yes&state=good&text=+"
        );
        assert_eq!(BackupQuery::default().href(""), "/backups");
    }
}
