//! The list of schedules.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::runs;
use crate::{
    domain::{
        access::{ManageSchedules, ViewDevices},
        schedule::Schedule,
    },
    service::{Core, schedules},
    web::{
        error::PageError,
        href,
        parts::{Action, Badge, Empty, Moment, Tone},
        reply,
        session::May,
        shell::Shell,
    },
};

/// A row.
#[derive(Debug)]
pub struct ScheduleLine {
    href: String,
    name: String,
    words: String,
    badge: Badge,
    next: Option<(Moment, String)>,
    last: Option<Moment>,
}

impl From<Schedule> for ScheduleLine {
    fn from(schedule: Schedule) -> Self {
        Self {
            href: href::schedule(schedule.id),
            words: schedule.recurrence.in_words(),
            badge: if schedule.is_enabled {
                Badge::new(Tone::Ok, "circle-check", "On")
            } else {
                Badge::new(Tone::Idle, "player-pause", "Off")
            },
            next: schedule.next_run_at.map(|at| (Moment::exact(at), runs::local(&schedule.recurrence, at))),
            last: schedule.last_run_at.map(Moment::relative),
            name: schedule.name,
        }
    }
}

#[derive(Template)]
#[template(path = "schedules/list.html")]
struct SchedulesPage {
    shell: Shell,
    may_edit: bool,
    rows: Vec<ScheduleLine>,
    empty: Empty,
}

/// `GET /schedules`.
pub async fn page(core: Data<Core>, by: May<ViewDevices>, shell: Shell) -> Result<HttpResponse, PageError> {
    let found = schedules::list(&core, &by).await?;
    let may_edit = by.actor().may::<ManageSchedules>();
    reply::html(&SchedulesPage {
        shell,
        may_edit,
        rows: found.into_iter().map(ScheduleLine::from).collect(),
        empty: Empty {
            icon: "calendar-time",
            title: "No schedule yet",
            text: "A schedule backs up all enabled devices by itself: every few minutes, or once a day at a time of your choice.",
            action: may_edit
                .then(|| Action { label: "Add a schedule", href: href::schedule_new().to_owned() }),
        },
    })
}
