//! Which lines of a log a page shows.

use serde::Deserialize;

use crate::{
    domain::{
        entry::{EntryFilter, Level},
        failure::Stage,
        id::JobId,
    },
    web::{
        href, lists,
        parts::{Choice, Pager},
        words,
    },
};

/// Lines of a filtered log on one page.
pub const FOUND: i64 = 500;

/// Where the log on the page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LogQuery {
    /// The number of the line before the first one.
    pub after: String,
    level: String,
    stage: String,
    text: String,
    /// The page of a filtered log.
    pub page: String,
}

impl LogQuery {
    /// What is asked for, when it is not the whole log.
    pub fn filter(&self) -> Option<EntryFilter> {
        let text = Some(self.text.trim().to_owned()).filter(|text| !text.is_empty());
        let filter = EntryFilter { level: self.level.parse().ok(), stage: self.stage.parse().ok(), text };
        (filter != EntryFilter::default()).then_some(filter)
    }

    /// The address of a page of the filtered log.
    pub fn href(&self, id: JobId, page: &str) -> String {
        let fields =
            [("level", self.level.as_str()), ("stage", &self.stage), ("text", &self.text), ("page", page)];
        href::with(&href::job(id), &fields)
    }
}

/// The filters above the log.
#[derive(Debug)]
pub struct Filters {
    /// Where the form goes.
    pub action: String,
    /// The levels.
    pub levels: Vec<Choice>,
    /// The stages.
    pub stages: Vec<Choice>,
    /// The words that are looked for.
    pub text: String,
    /// How many lines match, in words; `None` for the whole log.
    pub found: Option<String>,
    /// The pages of a filtered log.
    pub pager: Option<Pager>,
}

/// The filters as they were chosen, and what they found.
pub fn filters(id: JobId, query: &LogQuery, found: Option<(i64, Option<Pager>)>) -> Filters {
    let levels = Level::ALL.iter().map(|level| level.as_str());
    let stages = Stage::ALL.iter().map(|stage| stage.as_str());
    let (total, pager) = found.map_or((None, None), |(total, pager)| (Some(total), pager));
    Filters {
        action: href::job(id),
        levels: lists::choices(
            "Any level",
            &query.level,
            levels.map(|word| (word, format!("{} and above", lists::label(word)))),
        ),
        stages: lists::choices("Any category", &query.stage, stages.map(|word| (word, lists::label(word)))),
        text: query.text.clone(),
        found: total.map(|total| words::count(total, "line")),
        pager,
    }
}
