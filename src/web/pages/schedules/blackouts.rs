//! Black-outs: listed, added and changed.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::ManageSchedules,
        id::{BlackoutId, ScheduleId},
        schedule::{Blackout, NewBlackout, Window, weekday_name},
    },
    service::{
        Core,
        blackouts::{self, SaveBlackoutError, Stoppable},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::Form,
        href, lists,
        parts::{Action, Choice, Empty},
        reply,
        session::May,
        shell::Shell,
        site::Site,
    },
};

/// A row.
#[derive(Debug)]
struct Line {
    /// Where it is changed, by those who may.
    href: Option<String>,
    name: String,
    stops: String,
    words: String,
}

impl Line {
    fn new(one: Blackout, stoppable: &Stoppable) -> Self {
        Self {
            href: stoppable.has(&one).then(|| href::blackout(one.id)),
            words: one.window.in_words(),
            stops: one.schedule.map_or_else(|| "All schedules".to_owned(), |(_, name)| name),
            name: one.name,
        }
    }
}

#[derive(Template)]
#[template(path = "schedules/blackouts.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Line>,
    empty: Empty,
}

/// `GET /blackouts`.
pub async fn list(
    core: Data<Core>,
    by: May<ManageSchedules>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let stoppable = blackouts::stoppable(&core, &by).await?;
    let rows = blackouts::list(&core, &by).await?.into_iter().map(|one| Line::new(one, &stoppable)).collect();
    let empty = Empty {
        icon: "clock",
        title: "No black-out yet",
        text: "In a black-out no schedule starts anything: during business hours, a maintenance window, a freeze. People still can.",
        action: Some(Action { label: "Add a black-out", href: href::blackout_new().to_owned() }),
    };
    reply::html(&ListPage { shell, rows, empty })
}

/// What a person typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlackoutForm {
    name: String,
    schedule: String,
    days: Vec<String>,
    starts: String,
    ends: String,
    zone: String,
}

impl BlackoutForm {
    fn fresh() -> Self {
        Self { starts: "08:00".into(), ends: "18:00".into(), zone: "UTC".into(), ..Self::default() }
    }

    fn parse(&self) -> Result<NewBlackout, Complaints> {
        let mut complaints = Complaints::default();
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            complaints.add("name", "Give the black-out a name of 1 to 100 characters.");
        }
        let schedule: Option<Option<ScheduleId>> = match self.schedule.trim() {
            "" => Some(None),
            raw => raw.parse().ok().map(Some),
        };
        if schedule.is_none() {
            complaints.add("schedule", "Choose a schedule, or all.");
        }
        let window = Window::parse(&self.days, (&self.starts, &self.ends), &self.zone)
            .map_err(|wrong| wrong.into_iter().for_each(|one| complaints.add(one.field, one.why)))
            .ok();
        match (schedule, window) {
            (Some(schedule), Some(window)) if complaints.is_empty() => {
                Ok(NewBlackout { name: name.to_owned(), schedule, window })
            }
            _ => Err(complaints),
        }
    }
}

impl From<&Blackout> for BlackoutForm {
    fn from(one: &Blackout) -> Self {
        Self {
            name: one.name.clone(),
            schedule: one.schedule.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default(),
            days: one.window.days.iter().map(|day| day.to_string()).collect(),
            starts: one.window.starts.format("%H:%M").to_string(),
            ends: one.window.ends.format("%H:%M").to_string(),
            zone: one.window.zone.to_string(),
        }
    }
}

#[derive(Template)]
#[template(path = "schedules/blackout.html")]
struct FormPage {
    shell: Shell,
    heading: &'static str,
    action: String,
    delete: Option<String>,
    form: BlackoutForm,
    complaints: Complaints,
    schedules: Vec<Choice>,
    days: Vec<Choice>,
    zones: Vec<&'static str>,
}

async fn page(
    (core, by, shell): (&Core, &May<ManageSchedules>, Shell),
    id: Option<BlackoutId>,
    form: BlackoutForm,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let stoppable = blackouts::stoppable(core, by).await?;
    let named: Vec<(String, String)> =
        stoppable.schedules.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let words = named.iter().map(|(id, name)| (id.as_str(), name.clone()));
    let none = if stoppable.all { "All schedules" } else { "Choose one of your own" };
    let view = FormPage {
        shell,
        heading: if id.is_some() { "Change a black-out" } else { "Add a black-out" },
        action: id.map_or_else(|| href::blackout_new().to_owned(), href::blackout),
        delete: id.map(href::blackout_delete),
        schedules: lists::choices(none, form.schedule.trim(), words),
        days: (0..7)
            .map(|day: u32| Choice {
                value: day.to_string(),
                label: weekday_name(day).to_owned(),
                chosen: form.days.contains(&day.to_string()),
            })
            .collect(),
        zones: chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect(),
        form,
        complaints,
    };
    reply::form_page(&view, &view.complaints)
}

fn refused(error: SaveBlackoutError) -> Result<Complaints, PageError> {
    match error {
        SaveBlackoutError::NoSchedule => Ok(Complaints::on_field(
            "schedule",
            "This schedule has been deleted. Choose another one, or all.",
        )),
        SaveBlackoutError::Gone => Ok(Complaints::on_form(
            "Somebody has deleted this black-out in the meantime. Add a new one instead.",
        )),
        SaveBlackoutError::Scope => Ok(Complaints::on_field(
            "schedule",
            "This account sees only some devices: choose a schedule that you have saved yourself.",
        )),
        SaveBlackoutError::Fault(fault) => Err(fault.into()),
    }
}

/// The black-out that is to be changed, or where to go instead, with the reason.
pub(super) async fn to_change(
    (core, site): (&Core, &Site),
    by: &May<ManageSchedules>,
    id: BlackoutId,
) -> Result<Result<Blackout, HttpResponse>, PageError> {
    let found = blackouts::find(core, by, id).await?.ok_or(PageError::NotFound)?;
    if blackouts::stoppable(core, by).await?.has(&found) {
        return Ok(Ok(found));
    }
    let flash = Flash::problem(format!("Nothing was changed: {}.", SaveBlackoutError::Scope));
    Ok(Err(reply::see_other_saying(href::blackouts(), &flash, site)))
}

/// `GET /blackouts/new`.
pub async fn new(
    core: Data<Core>,
    by: May<ManageSchedules>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    page((&core, &by, shell), None, BlackoutForm::fresh(), Complaints::default()).await
}

/// `POST /blackouts/new`.
pub async fn create(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSchedules>,
    Form(form): Form<BlackoutForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let new = match form.parse() {
        Ok(new) => new,
        Err(complaints) => return page((&core, &by, shell), None, form, complaints).await,
    };
    match blackouts::create(&core, &by, &new).await {
        Ok(_) => {
            let flash = Flash::done(format!("The black-out {} is added.", new.name));
            Ok(reply::see_other_saying(href::blackouts(), &flash, &site))
        }
        Err(error) => page((&core, &by, shell), None, form, refused(error)?).await,
    }
}

/// `GET /blackouts/{id}`.
pub async fn edit(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSchedules>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = BlackoutId(*id);
    let found = match to_change((&core, &site), &by, id).await? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    page((&core, &by, shell), Some(id), BlackoutForm::from(&found), Complaints::default()).await
}

/// `POST /blackouts/{id}`.
pub async fn update(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSchedules>,
    id: Path<i64>,
    Form(form): Form<BlackoutForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = BlackoutId(*id);
    if let Err(elsewhere) = to_change((&core, &site), &by, id).await? {
        return Ok(elsewhere);
    }
    let new = match form.parse() {
        Ok(new) => new,
        Err(complaints) => return page((&core, &by, shell), Some(id), form, complaints).await,
    };
    match blackouts::update(&core, &by, id, &new).await {
        Ok(()) => {
            let flash = Flash::done(format!("The black-out {} is saved.", new.name));
            Ok(reply::see_other_saying(href::blackouts(), &flash, &site))
        }
        Err(error) => page((&core, &by, shell), Some(id), form, refused(error)?).await,
    }
}
