//! Adding and changing a schedule.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::runs::{self, Run};
use crate::{
    domain::{
        access::{ManageSchedules, ViewDevices},
        id::ScheduleId,
        schedule::{InvalidRecurrence, NewSchedule, Recurrence, Schedule},
    },
    service::{
        Core,
        schedules::{self, SaveScheduleError},
    },
    web::{
        complaints::Complaints, error::PageError, flash::Flash, form::Form, href, reply, session::May,
        shell::Shell, site::Site,
    },
};

/// What a person typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleForm {
    name: String,
    kind: String,
    minutes: String,
    time: String,
    zone: String,
    enabled: String,
    intent: String,
}

impl ScheduleForm {
    fn fresh() -> Self {
        Self {
            kind: "daily".into(),
            minutes: "60".into(),
            time: "02:00".into(),
            zone: "UTC".into(),
            enabled: "on".into(),
            ..Self::default()
        }
    }

    fn recurrence(&self, complaints: &mut Complaints) -> Option<Recurrence> {
        let given = match self.kind.as_str() {
            "every" => Recurrence::every(&self.minutes),
            "daily" => Recurrence::daily(&self.time, &self.zone),
            _ => {
                complaints.add("kind", "Choose when it runs.");
                return None;
            }
        };
        let error = match given {
            Ok(recurrence) => return Some(recurrence),
            Err(error) => error,
        };
        let field = match error {
            InvalidRecurrence::Minutes => "minutes",
            InvalidRecurrence::Time => "time",
            InvalidRecurrence::Zone(_) => "zone",
        };
        complaints.add(field, &error);
        // A wrong time hides a wrong zone; both are to be told.
        if let (InvalidRecurrence::Time, Err(zone)) = (error, Recurrence::daily("00:00", &self.zone)) {
            complaints.add("zone", zone);
        }
        None
    }

    fn parse(&self) -> Result<NewSchedule, Complaints> {
        let mut complaints = Complaints::default();
        let name = self.name.trim();
        if name.is_empty() {
            complaints.add("name", "Give the schedule a name.");
        } else if name.chars().count() > 100 {
            complaints.add("name", "Use at most 100 characters.");
        } else if name.chars().any(char::is_control) {
            complaints.add("name", "Leave control characters out of the name.");
        }
        match self.recurrence(&mut complaints) {
            Some(recurrence) if complaints.is_empty() => {
                Ok(NewSchedule { name: name.to_owned(), recurrence, is_enabled: !self.enabled.is_empty() })
            }
            _ => Err(complaints),
        }
    }

    fn is_preview(&self) -> bool {
        self.intent == "preview"
    }
}

impl From<&Schedule> for ScheduleForm {
    fn from(schedule: &Schedule) -> Self {
        let mut form = Self {
            name: schedule.name.clone(),
            enabled: if schedule.is_enabled { "on" } else { "" }.into(),
            ..Self::fresh()
        };
        match &schedule.recurrence {
            Recurrence::Every { minutes } => {
                form.kind = "every".into();
                form.minutes = minutes.to_string();
            }
            Recurrence::Daily { at, zone } => {
                form.time = at.format("%H:%M").to_string();
                form.zone = zone.to_string();
            }
        }
        form
    }
}

#[derive(Template)]
#[template(path = "schedules/form.html")]
struct SchedulePage {
    shell: Shell,
    heading: &'static str,
    action: String,
    delete: Option<String>,
    form: ScheduleForm,
    complaints: Complaints,
    words: String,
    runs: Vec<Run>,
    zones: Vec<&'static str>,
}

fn page(
    core: &Core,
    shell: Shell,
    id: Option<ScheduleId>,
    form: ScheduleForm,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let recurrence = form.recurrence(&mut Complaints::default());
    let view = SchedulePage {
        shell,
        heading: if id.is_some() { "Change a schedule" } else { "Add a schedule" },
        action: id.map_or_else(|| href::schedule_new().to_owned(), href::schedule),
        delete: id.map(href::schedule_delete),
        words: recurrence.as_ref().map_or_else(String::new, Recurrence::in_words),
        runs: recurrence.map_or_else(Vec::new, |when| runs::next(&when, core.now())),
        zones: chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect(),
        form,
        complaints,
    };
    reply::form_page(&view, &view.complaints)
}

/// `GET /schedules/new`.
pub async fn new(
    core: Data<Core>,
    _by: May<ManageSchedules>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    page(&core, shell, None, ScheduleForm::fresh(), Complaints::default())
}

/// `POST /schedules/new`: adds it, or shows its next runs without adding it.
pub async fn create(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageSchedules>,
    Form(form): Form<ScheduleForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let new = match form.parse() {
        Ok(new) if !form.is_preview() => new,
        given => return page(&core, shell, None, form, given.err().unwrap_or_default()),
    };
    match schedules::create(&core, &by, &new).await {
        Ok(_) => Ok(saved("added", &new, &site)),
        Err(error) => page(&core, shell, None, form, refused(error)?),
    }
}

/// `GET /schedules/{id}`.
pub async fn edit(
    core: Data<Core>,
    _by: May<ManageSchedules>,
    view: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = ScheduleId(*id);
    let found = schedules::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    let form = ScheduleForm::from(&found);
    page(&core, shell, Some(id), form, Complaints::default())
}

/// `POST /schedules/{id}`: changes it, or shows its next runs without changing it.
pub async fn update(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSchedules>,
    id: Path<i64>,
    Form(form): Form<ScheduleForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = ScheduleId(*id);
    let new = match form.parse() {
        Ok(new) if !form.is_preview() => new,
        given => return page(&core, shell, Some(id), form, given.err().unwrap_or_default()),
    };
    match schedules::update(&core, &by, id, &new).await {
        Ok(()) => Ok(saved("saved", &new, &site)),
        Err(error) => page(&core, shell, Some(id), form, refused(error)?),
    }
}

fn saved(done: &str, new: &NewSchedule, site: &Site) -> HttpResponse {
    let flash = Flash::done(format!("The schedule {} is {done}.", new.name));
    reply::see_other_saying(href::schedules(), &flash, site)
}

fn refused(error: SaveScheduleError) -> Result<Complaints, PageError> {
    match error {
        SaveScheduleError::NameTaken => Ok(Complaints::on_field(
            "name",
            "Another schedule has this name already. Choose a different one.",
        )),
        SaveScheduleError::Gone => Ok(Complaints::on_form(
            "Somebody has deleted this schedule in the meantime. Add a new one instead.",
        )),
        SaveScheduleError::Fault(fault) => Err(fault.into()),
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
