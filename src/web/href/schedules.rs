//! Schedules and black-outs.

use crate::domain::id::{BlackoutId, ScheduleId};

/// The schedules.
pub fn schedules() -> &'static str {
    "/schedules"
}

/// A new schedule.
pub fn schedule_new() -> &'static str {
    "/schedules/new"
}

/// A schedule.
pub fn schedule(id: ScheduleId) -> String {
    format!("/schedules/{id}")
}

/// A schedule, to be changed.
pub fn schedule_edit(id: ScheduleId) -> String {
    format!("/schedules/{id}/edit")
}

/// Switching a schedule on or off (POST).
pub fn schedule_toggle(id: ScheduleId) -> String {
    format!("/schedules/{id}/toggle")
}

/// Starting a schedule out of turn (POST).
pub fn schedule_run(id: ScheduleId) -> String {
    format!("/schedules/{id}/run")
}

/// Times in which no schedule starts anything.
pub fn blackouts() -> &'static str {
    "/blackouts"
}

/// A new black-out.
pub fn blackout_new() -> &'static str {
    "/blackouts/new"
}

/// A black-out, to be changed.
pub fn blackout(id: BlackoutId) -> String {
    format!("/blackouts/{id}")
}

/// A black-out, to be deleted.
pub fn blackout_delete(id: BlackoutId) -> String {
    format!("/blackouts/{id}/delete")
}

/// A schedule, to be deleted.
pub fn schedule_delete(id: ScheduleId) -> String {
    format!("/schedules/{id}/delete")
}
