//! The list of batches.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::view;
use crate::{
    domain::{
        access::{RunBackups, ViewDevices},
        batch::{Batch, BatchFilter, Progress},
        page::PageRequest,
    },
    service::{Core, batches, schedules},
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Action, Badge, Choice, Empty, Moment, Pager},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// The list's address, as text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BatchQuery {
    schedule: String,
    state: String,
    page: String,
}

/// Rows on a page: each may count thousands of jobs.
const ROWS: i64 = 20;

/// The word for batches with jobs that are not over.
const UNDER_WAY: &str = "under_way";

impl BatchQuery {
    fn filter(&self) -> BatchFilter {
        BatchFilter { schedule: self.schedule.parse().ok(), is_under_way: self.state == UNDER_WAY }
    }

    fn href(&self, page: &str) -> String {
        let fields = [("schedule", self.schedule.as_str()), ("state", &self.state), ("page", page)];
        href::with(href::batches(), &fields)
    }

    fn is_filtered(&self) -> bool {
        !self.schedule.is_empty() || !self.state.is_empty()
    }
}

/// A row.
#[derive(Debug)]
struct BatchLine {
    name: String,
    href: String,
    kind: &'static str,
    origin: String,
    at: Moment,
    badge: Badge,
    note: String,
    over: i64,
    total: i64,
    told: String,
}

impl From<(Batch, Progress)> for BatchLine {
    fn from((batch, progress): (Batch, Progress)) -> Self {
        let counts = &progress.counts;
        let told = [
            (counts.stored, "stored"),
            (counts.unchanged, "unchanged"),
            (counts.answered, "went well"),
            (counts.suspect, "doubtful"),
            (counts.failed, "failed"),
            (counts.discarded, "given up"),
            (counts.canceled, "canceled"),
            (counts.skipped, "skipped"),
            (counts.running, "running"),
            (counts.retrying, "retrying"),
            (counts.waiting, "waiting"),
        ];
        let told = told.into_iter().filter(|(number, _)| *number > 0);
        let told: Vec<String> =
            told.map(|(number, word)| format!("{} {word}", words::grouped(number))).collect();
        Self {
            name: format!("Batch {}", batch.id),
            href: href::batch(batch.id),
            kind: view::kind(progress.kind),
            origin: view::origin(&batch),
            at: Moment::relative(batch.slot.unwrap_or(batch.at)),
            badge: view::badge(counts),
            note: batch.note.unwrap_or_default(),
            over: counts.over(),
            total: counts.total(),
            told: told.join(" · "),
        }
    }
}

#[derive(Template)]
#[template(path = "batches/list.html")]
struct BatchesPage {
    shell: Shell,
    schedules: Vec<Choice>,
    states: Vec<Choice>,
    is_filtered: bool,
    is_busy: bool,
    rows: Vec<BatchLine>,
    pager: Option<Pager>,
    empty: Empty,
}

/// `GET /batches`: the newest first.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(query): Params<BatchQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let request = PageRequest { size: ROWS, ..lists::requested(&query.page) };
    let found = batches::list(&core, &by, &query.filter(), request).await?;
    let names = schedules::names(&core, &by).await?;
    let names: Vec<(String, String)> = names.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let under_way = [(UNDER_WAY, "Under way".to_owned())];
    reply::html(&BatchesPage {
        shell,
        schedules: lists::choices(
            "Any schedule",
            &query.schedule,
            names.iter().map(|(id, name)| (id.as_str(), name.clone())),
        ),
        states: lists::choices("Any state", &query.state, under_way.into_iter()),
        is_filtered: query.is_filtered(),
        is_busy: found.rows.iter().any(|(_, progress)| progress.counts.left() > 0),
        pager: lists::pager(&found, |number| query.href(number)),
        empty: empty(query.is_filtered(), by.actor().may::<RunBackups>()),
        rows: found.rows.into_iter().map(BatchLine::from).collect(),
    })
}

fn empty(is_filtered: bool, may_run: bool) -> Empty {
    if is_filtered {
        return Empty {
            icon: "filter",
            title: "No batch matches",
            text: "No batch fits these filters. Take some of them away.",
            action: Some(Action { label: "Show all batches", href: href::batches().to_owned() }),
        };
    }
    Empty {
        icon: "list-check",
        title: "No batches yet",
        text: "A batch is what one click or one schedule starts at a time: a job for each device that is meant.",
        action: may_run.then(|| Action { label: "To the devices", href: href::devices().to_owned() }),
    }
}
