//! A schedule: when it runs, of which devices, and what came of it; switched and started from here.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    runs::{self, Run},
    state,
};
use crate::{
    domain::{
        access::{ManageSchedules, RunBackups, ViewDevices},
        id::ScheduleId,
        schedule::{Aim, Firing},
    },
    service::{
        Core,
        schedules::{self, Details, Ran, SaveScheduleError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href,
        parts::{Badge, Moment},
        reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// What came of a slot.
#[derive(Debug)]
struct FiringLine {
    href: String,
    at: Moment,
    origin: String,
    counts: Vec<(Badge, i64)>,
    note: String,
}

impl FiringLine {
    fn new(firing: Firing) -> Self {
        let word = |(state, outcome, count): &(
            crate::domain::job::JobState,
            Option<crate::domain::job::Outcome>,
            i64,
        )| {
            let word = outcome.filter(|_| state.is_over()).map_or(state.as_str(), |outcome| outcome.as_str());
            (Badge::of_word(word), *count)
        };
        Self {
            href: href::batch(firing.batch),
            at: Moment::exact(firing.slot.unwrap_or(firing.at)),
            origin: if firing.slot.is_some() {
                "by the clock".to_owned()
            } else {
                format!("by {}", firing.started_by)
            },
            counts: firing.jobs.iter().map(word).collect(),
            note: firing.note.unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "schedules/detail.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template shows or not")]
struct SchedulePage {
    shell: Shell,
    id: ScheduleId,
    name: String,
    description: String,
    words: String,
    badge: Badge,
    is_enabled: bool,
    targets: String,
    matching: i64,
    is_backed: bool,
    owner: String,
    grace: String,
    /// Over how long a slot's jobs are spread, if they are.
    spread: Option<String>,
    retention: String,
    next: Option<(Moment, String)>,
    last: Option<Moment>,
    runs: Vec<Run>,
    firings: Vec<FiringLine>,
    blackouts: Vec<(String, String)>,
    may_edit: bool,
    may_run: bool,
    /// Whether the person could change it, if it were the person's.
    is_foreign: bool,
}

impl SchedulePage {
    fn new(shell: Shell, runs: Vec<Run>, details: Details) -> Self {
        let schedule = details.schedule;
        let named = details.targets.join(", ");
        Self {
            shell,
            runs,
            id: schedule.id,
            words: schedule.recurrence.in_words(),
            badge: state(schedule.is_enabled),
            is_enabled: schedule.is_enabled,
            targets: match schedule.aim {
                Aim::All => "All enabled devices".to_owned(),
                Aim::Tags => format!("Devices tagged {named}"),
                Aim::Devices => named,
            },
            matching: details.matching,
            is_backed: details.is_backed,
            owner: schedule.owner.name,
            grace: words::count(i64::from(schedule.grace_minutes), "minute"),
            spread: (schedule.spread_minutes > 0)
                .then(|| words::count(i64::from(schedule.spread_minutes), "minute")),
            retention: schedule.retention_days.map_or_else(
                || "as the settings say".to_owned(),
                |days| words::count(i64::from(days), "day"),
            ),
            next: schedule.next_run_at.map(|at| (Moment::exact(at), schedule.recurrence.local(at))),
            last: schedule.last_run_at.map(Moment::relative),
            firings: details.firings.into_iter().map(FiringLine::new).collect(),
            blackouts: details.blackouts.into_iter().map(|one| (one.name, one.window.in_words())).collect(),
            may_edit: false,
            may_run: false,
            is_foreign: false,
            name: schedule.name,
            description: schedule.description,
        }
    }
}

/// `GET /schedules/{id}`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = ScheduleId(*id);
    let details = schedules::details(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let runs = runs::next(&core, &by, &details.schedule.recurrence, Some(id)).await?;
    let may_run = by.actor().may::<RunBackups>();
    let edits = by.actor().clone().grant::<ManageSchedules>().ok();
    let may_edit = edits.as_ref().is_some_and(|edits| schedules::may_change(edits, &details.schedule));
    let is_foreign = edits.is_some() && !may_edit;
    reply::html(&SchedulePage { may_edit, may_run, is_foreign, ..SchedulePage::new(shell, runs, details) })
}

/// Which way the switch goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switch {
    to: String,
}

/// `POST /schedules/{id}/toggle`: switches it on or off.
pub async fn toggle(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSchedules>,
    id: Path<i64>,
    Form(form): Form<Switch>,
) -> Result<HttpResponse, PageError> {
    let id = ScheduleId(*id);
    let flash = match schedules::set_enabled(&core, &by, id, form.to == "on").await {
        Ok(now) if now.is_enabled => Flash::done("The schedule is on."),
        Ok(_) => Flash::done("The schedule is off: it starts nothing until it is switched on again."),
        Err(SaveScheduleError::Over) => {
            Flash::problem("It stays off: its time has passed. Edit it and choose a later one.")
        }
        Err(refusal @ SaveScheduleError::Scope) => Flash::problem(format!("Nothing was changed: {refusal}.")),
        Err(SaveScheduleError::Gone) => return Err(PageError::NotFound),
        Err(SaveScheduleError::Fault(fault)) => return Err(fault.into()),
        Err(other @ (SaveScheduleError::NameTaken | SaveScheduleError::Stale(_))) => {
            return Err(PageError::Internal(other.into()));
        }
    };
    Ok(reply::see_other_saying(&href::schedule(id), &flash, &site))
}

/// `POST /schedules/{id}/run`: starts it now, out of turn.
pub async fn run(
    (core, site): (Data<Core>, Data<Site>),
    by: May<RunBackups>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = ScheduleId(*id);
    let (to, flash) = match schedules::run(&core, &by, id).await?.ok_or(PageError::NotFound)? {
        Ran::Started(batch, jobs) => {
            (href::batch(batch), Flash::done(format!("{} started.", words::count(jobs, "backup"))))
        }
        Ran::Busy => {
            let text = "Nothing was started: its devices are being backed up already.";
            (href::schedule(id), Flash::warning(text))
        }
        Ran::Nothing => {
            (href::schedule(id), Flash::problem("Nothing was started: no enabled device matches."))
        }
    };
    Ok(reply::see_other_saying(&to, &flash, &site))
}
