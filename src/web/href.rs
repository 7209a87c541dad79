//! Every address of a page, in one place.

use crate::domain::id::{BackupId, BatchId, BlackoutId, DeviceId, JobId, ScheduleId, SuspectId};

/// The start page.
pub fn dashboard() -> &'static str {
    "/"
}
/// Sign-in.
pub fn login() -> &'static str {
    "/login"
}
/// Sign-in, and back to `next` afterwards.
pub fn login_then(next: &str) -> String {
    let query = serde_html_form::to_string([("next", next)]).unwrap_or_default();
    format!("{}?{query}", login())
}
/// The question for the password before something that cannot be taken back, and on to `next` afterwards.
pub fn confirm_then(next: &str) -> String {
    let query = serde_html_form::to_string([("next", next)]).unwrap_or_default();
    format!("/confirm?{query}")
}
/// Sign-out (POST).
pub fn logout() -> &'static str {
    "/logout"
}
/// Making the first admin.
pub fn setup() -> &'static str {
    "/setup"
}
/// The form for a new device.
pub fn new_device() -> &'static str {
    "/devices/new"
}
/// The form for a device.
pub fn edit_device(id: DeviceId) -> String {
    format!("/devices/{id}/edit")
}
/// The question before a device is deleted, and its deletion (POST).
pub fn delete_device(id: DeviceId) -> String {
    format!("/devices/{id}/delete")
}
/// Accepting a device's changed host key (POST).
pub fn host_key(id: DeviceId) -> String {
    format!("/devices/{id}/host-key")
}
/// Starting backups (POST).
pub fn run_backups() -> &'static str {
    "/backups/run"
}
/// Light, dark or as the system says (POST).
pub fn theme() -> &'static str {
    "/account/theme"
}
/// The devices.
pub fn devices() -> &'static str {
    "/devices"
}
/// A device.
pub fn device(id: DeviceId) -> String {
    format!("/devices/{id}")
}
/// The schedules.
pub fn schedules() -> &'static str {
    "/schedules"
}
/// The jobs.
pub fn jobs() -> &'static str {
    "/jobs"
}

/// `path` with those of `fields` that say something as its query.
pub fn with(path: &str, fields: &[(&str, &str)]) -> String {
    let said: Vec<_> = fields.iter().filter(|(_, value)| !value.is_empty()).collect();
    let query = serde_html_form::to_string(said).unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
/// The jobs of a batch.
pub fn batch(id: BatchId) -> String {
    format!("/jobs?batch={id}")
}
/// A job.
pub fn job(id: JobId) -> String {
    format!("/jobs/{id}")
}
/// A job's lines as they come.
pub fn job_events(id: JobId) -> String {
    format!("/jobs/{id}/events")
}
/// Stopping a job (POST).
pub fn job_cancel(id: JobId) -> String {
    format!("/jobs/{id}/cancel")
}
/// A device's versions.
pub fn versions(device: DeviceId) -> String {
    format!("/devices/{device}/backups")
}
/// A version.
pub fn backup(id: BackupId) -> String {
    format!("/backups/{id}")
}
/// A version's bytes, to keep.
pub fn backup_raw(id: BackupId) -> String {
    format!("/backups/{id}/raw")
}
/// A version beside the one before it.
pub fn backup_diff(id: BackupId) -> String {
    format!("/backups/{id}/diff")
}
/// A capture that is not a backup.
pub fn suspect(id: SuspectId) -> String {
    format!("/suspects/{id}")
}
/// Two versions beside each other: the form's target.
pub fn compare() -> &'static str {
    "/compare"
}
/// Two versions beside each other.
pub fn compared(old: BackupId, new: BackupId) -> String {
    format!("/compare?old={old}&new={new}")
}
/// The difference of two versions as a patch.
pub fn patch(old: BackupId, new: BackupId) -> String {
    format!("/compare.patch?old={old}&new={new}")
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
/// The versions of all devices.
pub fn backups() -> &'static str {
    "/backups"
}
/// The tags.
pub fn tags() -> &'static str {
    "/tags"
}
/// The rules that assign tags.
pub fn rules() -> &'static str {
    "/rules"
}
/// The shared credentials.
pub fn credentials() -> &'static str {
    "/credentials"
}
/// Devices from a file or a text.
pub fn imports() -> &'static str {
    "/imports"
}
/// The people.
pub fn users() -> &'static str {
    "/users"
}
/// What the whole installation goes by.
pub fn settings() -> &'static str {
    "/settings"
}
/// The person's own account.
pub fn account() -> &'static str {
    "/account"
}
/// The audit trail.
pub fn audit() -> &'static str {
    "/audit"
}
