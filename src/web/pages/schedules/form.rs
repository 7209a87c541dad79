//! Adding and changing a schedule.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    fields::{Known, ScheduleForm},
    runs::{self, Run},
};
use crate::{
    domain::{
        access::{ManageSchedules, ViewDevices},
        id::ScheduleId,
        schedule::{Recurrence, Schedule, weekday_name},
    },
    service::{
        Core,
        schedules::{self, SaveScheduleError},
    },
    web::{
        complaints::Complaints, error::PageError, flash::Flash, form::Form, href, parts::Choice, reply,
        session::May, shell::Shell, site::Site, words,
    },
};

/// Who fills the form in, and for which schedule.
struct Desk<'a> {
    core: &'a Core,
    by: &'a May<ManageSchedules>,
    view: &'a May<ViewDevices>,
    id: Option<ScheduleId>,
}

#[derive(Template)]
#[template(path = "schedules/form.html")]
struct SchedulePage {
    shell: Shell,
    heading: &'static str,
    action: String,
    back: String,
    crumb: Option<String>,
    form: ScheduleForm,
    complaints: Complaints,
    words: String,
    runs: Vec<Run>,
    matching: String,
    matches_none: bool,
    days: Vec<Choice>,
    tags: Vec<Choice>,
    zones: Vec<&'static str>,
    person: String,
}

impl Desk<'_> {
    /// What the form may name.
    async fn known(&self, form: &ScheduleForm) -> Result<Known, PageError> {
        let tags = schedules::tags(self.core, self.view).await?;
        let devices = schedules::devices_named(self.core, self.by, &form.device_names()).await?;
        Ok(Known { tags, devices })
    }

    async fn page(
        &self,
        shell: Shell,
        form: ScheduleForm,
        known: &Known,
        complaints: Complaints,
    ) -> Result<HttpResponse, PageError> {
        let recurrence = form.recurrence(&mut Complaints::default());
        let matching = match form.targets(known, &mut Complaints::default()) {
            Some(targets) => Some(schedules::count(self.core, self.by, &targets).await?),
            None => None,
        };
        let runs = match &recurrence {
            Some(when) => runs::next(self.core, self.view, when, self.id).await?,
            None => Vec::new(),
        };
        let is_chosen = |value: &String, chosen: &[String]| chosen.contains(value);
        let choice = |value: String, label: String, chosen: &[String]| Choice {
            chosen: is_chosen(&value, chosen),
            value,
            label,
        };
        let view = SchedulePage {
            heading: if self.id.is_some() { "Change a schedule" } else { "Add a schedule" },
            action: self.id.map_or_else(|| href::schedule_new().to_owned(), href::schedule_edit),
            back: self.id.map_or_else(|| href::schedules().to_owned(), href::schedule),
            crumb: self.id.map(href::schedule),
            words: recurrence.as_ref().map_or_else(String::new, Recurrence::in_words),
            runs,
            matches_none: matching == Some(0),
            matching: matching.map_or_else(String::new, |count| words::count(count, "enabled device")),
            days: (0..7)
                .map(|day: u32| choice(day.to_string(), weekday_name(day).to_owned(), &form.days))
                .collect(),
            tags: known
                .tags
                .iter()
                .map(|(id, name)| choice(id.to_string(), name.clone(), &form.tags))
                .collect(),
            zones: chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect(),
            person: self.by.actor().name.clone(),
            shell,
            form,
            complaints,
        };
        reply::form_page(&view, &view.complaints)
    }
}

/// `GET /schedules/new`.
pub async fn new(
    core: Data<Core>,
    by: May<ManageSchedules>,
    view: May<ViewDevices>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let desk = Desk { core: &core, by: &by, view: &view, id: None };
    let form = ScheduleForm::fresh();
    let known = desk.known(&form).await?;
    desk.page(shell, form, &known, Complaints::default()).await
}

/// `POST /schedules/new`: adds it, or shows its next runs without adding it.
pub async fn create(
    (core, site): (Data<Core>, Data<Site>),
    (by, view): (May<ManageSchedules>, May<ViewDevices>),
    Form(form): Form<ScheduleForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let desk = Desk { core: &core, by: &by, view: &view, id: None };
    let known = desk.known(&form).await?;
    let new = match form.parse(&known) {
        Ok(new) if !form.is_preview() => new,
        given => return desk.page(shell, form, &known, given.err().unwrap_or_default()).await,
    };
    match schedules::create(&core, &by, &new).await {
        Ok(id) => {
            let flash = Flash::done(format!("The schedule {} is added.", new.name));
            Ok(reply::see_other_saying(&href::schedule(id), &flash, &site))
        }
        Err(error) => {
            let complaints = refused(error)?.0;
            desk.page(shell, form, &known, complaints).await
        }
    }
}

/// The way back to a schedule that this person may not change, with the reason; `None` when the person may.
pub(super) fn elsewhere(by: &May<ManageSchedules>, schedule: &Schedule, site: &Site) -> Option<HttpResponse> {
    (!schedules::may_change(by, schedule)).then(|| {
        let flash = Flash::problem(format!("Nothing was changed: {}.", SaveScheduleError::Scope));
        reply::see_other_saying(&href::schedule(schedule.id), &flash, site)
    })
}

/// `GET /schedules/{id}/edit`.
pub async fn edit(
    (core, site): (Data<Core>, Data<Site>),
    (by, view): (May<ManageSchedules>, May<ViewDevices>),
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = ScheduleId(*id);
    let found = schedules::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    if let Some(elsewhere) = elsewhere(&by, &found, &site) {
        return Ok(elsewhere);
    }
    let (targets, names) = schedules::targets(&core, &by, &found).await?;
    let desk = Desk { core: &core, by: &by, view: &view, id: Some(id) };
    let form = ScheduleForm::of(&found, &targets, &names);
    let known = desk.known(&form).await?;
    desk.page(shell, form, &known, Complaints::default()).await
}

/// `POST /schedules/{id}/edit`: changes it, or shows its next runs without changing it.
pub async fn update(
    (core, site): (Data<Core>, Data<Site>),
    (by, view): (May<ManageSchedules>, May<ViewDevices>),
    id: Path<i64>,
    Form(mut form): Form<ScheduleForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = ScheduleId(*id);
    let found = schedules::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    if let Some(elsewhere) = elsewhere(&by, &found, &site) {
        return Ok(elsewhere);
    }
    let desk = Desk { core: &core, by: &by, view: &view, id: Some(id) };
    let known = desk.known(&form).await?;
    let new = match form.parse(&known) {
        Ok(new) if !form.is_preview() => new,
        given => return desk.page(shell, form, &known, given.err().unwrap_or_default()).await,
    };
    let version = form.version.parse().unwrap_or_default();
    match schedules::update(&core, &by, (id, version), &new).await {
        Ok(()) => {
            let flash = Flash::done(format!("The schedule {} is saved.", new.name));
            Ok(reply::see_other_saying(&href::schedule(id), &flash, &site))
        }
        Err(error) => {
            let (complaints, theirs) = refused(error)?;
            if let Some(theirs) = theirs {
                // Saving again is then on purpose.
                form.version = theirs.to_string();
            }
            desk.page(shell, form, &known, complaints).await
        }
    }
}

/// What to complain about, and the version that is kept now where that is another one.
fn refused(error: SaveScheduleError) -> Result<(Complaints, Option<i32>), PageError> {
    match error {
        SaveScheduleError::NameTaken => Ok((
            Complaints::on_field("name", "Another schedule has this name already. Choose a different one."),
            None,
        )),
        SaveScheduleError::Gone => Ok((
            Complaints::on_form("Somebody has deleted this schedule in the meantime. Add a new one instead."),
            None,
        )),
        SaveScheduleError::Over => Ok((
            Complaints::on_field(
                "kind",
                "This time has passed: choose a later one, or leave the schedule off.",
            ),
            None,
        )),
        SaveScheduleError::Stale(theirs) => {
            let version = theirs.version;
            Ok((Complaints::on_form(told(&theirs)), Some(version)))
        }
        refusal @ SaveScheduleError::Scope => {
            Ok((Complaints::on_form(format!("Nothing was changed: {refusal}.")), None))
        }
        SaveScheduleError::Fault(fault) => Err(fault.into()),
    }
}

/// What is kept now, beside what is in the form.
fn told(theirs: &Schedule) -> String {
    let on = if theirs.is_enabled { "on" } else { "off" };
    format!(
        "{} saved this schedule while you were at it. Kept now: \"{}\", {}, {} devices, {on}, {} minutes of grace. \
         Below is yours; saving again puts it in the place of theirs.",
        theirs.owner.name,
        theirs.name,
        theirs.recurrence.in_words(),
        theirs.aim,
        theirs.grace_minutes
    )
}
