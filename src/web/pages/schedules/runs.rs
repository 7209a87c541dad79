//! The next runs of a schedule, as pages show them.

use crate::{
    domain::{access::ViewDevices, id::ScheduleId, schedule::Recurrence},
    service::{
        Core,
        schedules::{self, Preview},
    },
    web::{error::PageError, parts::Moment, session::May},
};

/// How many runs are shown ahead.
const AHEAD: usize = 10;

/// A run to come.
#[derive(Debug)]
pub struct Run {
    /// In UTC.
    pub utc: Moment,
    /// By the schedule's wall clock; empty when that is UTC.
    pub local: String,
    /// What is unusual about it; empty when nothing is.
    pub remark: String,
}

impl From<Preview> for Run {
    fn from(preview: Preview) -> Self {
        let mut told = Vec::new();
        if let Some(name) = preview.blackout {
            told.push(format!("Nothing starts: black-out \"{name}\"."));
        }
        if !preview.run.remark.is_empty() {
            told.push(preview.run.remark);
        }
        Self { utc: Moment::exact(preview.run.at), local: preview.run.local, remark: told.join(" ") }
    }
}

/// The next runs of times that are a schedule's, or may become one's.
pub async fn next(
    core: &Core,
    by: &May<ViewDevices>,
    recurrence: &Recurrence,
    id: Option<ScheduleId>,
) -> Result<Vec<Run>, PageError> {
    let found = schedules::preview(core, by, recurrence, (id, AHEAD)).await?;
    Ok(found.into_iter().map(Run::from).collect())
}
