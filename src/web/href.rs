//! Every address of a page, in one place.

use crate::domain::id::{
    AuditId, BackupId, BatchId, BlackoutId, CredentialId, DataKeyId, DeviceId, ImportId, JobId, JumpHostId,
    RevisionId, RuleId, ScheduleId, SuspectId, TagId, UserId,
};

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

/// The answer to the question for the password (POST).
pub fn confirm() -> &'static str {
    "/confirm"
}

/// The question for the password before something that cannot be taken back, and on to `next` afterwards.
pub fn confirm_then(next: &str) -> String {
    let query = serde_html_form::to_string([("next", next)]).unwrap_or_default();
    format!("{}?{query}", confirm())
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

/// The form for a device like this one.
pub fn clone_device(id: DeviceId) -> String {
    format!("/devices/{id}/clone")
}

/// Looking whether devices can be reached (POST).
pub fn check_devices() -> &'static str {
    "/devices/check"
}

/// A shared credential.
pub fn credential(id: CredentialId) -> String {
    format!("/credentials/{id}")
}

/// The jump hosts.
pub fn jump_hosts() -> &'static str {
    "/jump-hosts"
}

/// The form for a new jump host.
pub fn jump_host_new() -> &'static str {
    "/jump-hosts/new"
}

/// A jump host.
pub fn jump_host(id: JumpHostId) -> String {
    format!("/jump-hosts/{id}")
}

/// Something that is done with a jump host: `delete`, `host-key`.
pub fn jump_host_act(id: JumpHostId, act: &str) -> String {
    format!("/jump-hosts/{id}/{act}")
}

/// The form for a new shared credential.
pub fn credential_new() -> &'static str {
    "/credentials/new"
}

/// Something that is done with a shared credential: `edit`, `delete`, `tags`, `test`, `resume`, `previous`.
pub fn credential_act(id: CredentialId, act: &str) -> String {
    format!("/credentials/{id}/{act}")
}

/// The question before a device is deleted, and its deletion (POST).
pub fn delete_device(id: DeviceId) -> String {
    format!("/devices/{id}/delete")
}

/// Confirming a device's platform (POST).
pub fn confirm_platform(id: DeviceId) -> String {
    format!("/devices/{id}/platform")
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

/// The batches.
pub fn batches() -> &'static str {
    "/batches"
}

/// A batch.
pub fn batch(id: BatchId) -> String {
    format!("/batches/{id}")
}

/// The question before what is left of a batch is canceled, and its end (POST).
pub fn batch_cancel(id: BatchId) -> String {
    format!("/batches/{id}/cancel")
}

/// Trying again what failed in a batch for one reason (POST).
pub fn batch_again(id: BatchId) -> String {
    format!("/batches/{id}/again")
}

/// The jobs of a batch, narrowed down by these fields.
pub fn batch_jobs(id: BatchId, fields: &[(&str, &str)]) -> String {
    let id = id.to_string();
    let fields: Vec<_> = std::iter::once(("batch", id.as_str())).chain(fields.iter().copied()).collect();
    with(jobs(), &fields)
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

/// One context of a version.
pub fn backup_in(id: BackupId, name: &str) -> String {
    with(&backup(id), &[("context", name)])
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

/// One context of two versions beside each other.
pub fn compared_in(old: BackupId, new: BackupId, name: &str) -> String {
    let (old, new) = (old.to_string(), new.to_string());
    with(compare(), &[("old", &old), ("new", &new), ("context_name", name)])
}

/// The difference of two versions as a patch.
pub fn patch(old: BackupId, new: BackupId) -> String {
    format!("/compare.patch?old={old}&new={new}")
}

/// The difference of one context of two versions as a patch.
pub fn patch_in(old: BackupId, new: BackupId, name: &str) -> String {
    let (old, new) = (old.to_string(), new.to_string());
    with("/compare.patch", &[("old", &old), ("new", &new), ("context_name", name)])
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

/// Where kept contents are.
pub fn storage() -> &'static str {
    "/storage"
}

/// Moves everything that is kept.
pub fn move_storage() -> &'static str {
    "/storage/move"
}

/// The processes at work.
pub fn nodes() -> &'static str {
    "/nodes"
}

/// The kinds of devices that NetRaven knows.
pub fn platforms() -> &'static str {
    "/platforms"
}

/// One of them.
pub fn platform(key: &str) -> String {
    format!("/platforms/{key}")
}

/// What flaps in a device's history.
pub fn device_noise(id: DeviceId) -> String {
    format!("/devices/{id}/noise")
}

/// Something that is done with platforms, none in particular: `new`, `propose`.
pub fn platforms_act(act: &str) -> String {
    format!("/platforms/{act}")
}

/// Something that is done with a platform: `edit`, `use`, `aside`.
pub fn platform_act(key: &str, act: &str) -> String {
    format!("/platforms/{key}/{act}")
}

/// What was saved of a platform, one of it.
pub fn platform_revision(key: &str, id: RevisionId) -> String {
    format!("/platforms/{key}/revisions/{id}")
}

/// The keys that seal data.
pub fn keys() -> &'static str {
    "/keys"
}

/// Making a new key (POST).
pub fn rotate_keys() -> &'static str {
    "/keys/rotate"
}

/// Removing a retired key (POST).
pub fn remove_key(id: DataKeyId) -> String {
    format!("/keys/{id}/remove")
}

/// The form for a new person.
pub fn user_new() -> &'static str {
    "/users/new"
}

/// A person.
pub fn user(id: UserId) -> String {
    format!("/users/{id}")
}

/// The form for a person.
pub fn user_edit(id: UserId) -> String {
    format!("/users/{id}/edit")
}

/// Letting a person in or not (POST).
pub fn user_toggle(id: UserId) -> String {
    format!("/users/{id}/toggle")
}

/// A link through which a person chooses a password (POST makes it).
pub fn user_link(id: UserId) -> String {
    format!("/users/{id}/link")
}

/// Signing a person out everywhere (POST).
pub fn user_sessions(id: UserId) -> String {
    format!("/users/{id}/sessions")
}

/// The question before a person is deleted, and the deletion (POST).
pub fn user_delete(id: UserId) -> String {
    format!("/users/{id}/delete")
}

/// Choosing a password through a link.
pub fn welcome() -> &'static str {
    "/welcome"
}

/// The own password (POST).
pub fn account_password() -> &'static str {
    "/account/password"
}

/// What one is told by mail (POST).
pub fn account_notices() -> &'static str {
    "/account/notices"
}

/// The mails that were written.
pub fn mails() -> &'static str {
    "/mails"
}

/// A mail to see whether the settings are right (POST).
pub fn mail_test() -> &'static str {
    "/mails/test"
}

/// Ending own sessions (POST).
pub fn account_sessions() -> &'static str {
    "/account/sessions"
}

/// The person's own account.
pub fn account() -> &'static str {
    "/account"
}

/// The audit trail.
pub fn audit() -> &'static str {
    "/audit"
}

/// A line of the audit trail.
pub fn audit_line(id: AuditId) -> String {
    format!("/audit/{id}")
}

/// Taking lines of the audit trail out (POST).
pub fn audit_export() -> &'static str {
    "/audit/export"
}

/// Asking whether the audit trail is as it was written (POST).
pub fn audit_verify() -> &'static str {
    "/audit/verify"
}

/// The question before settings go back to what was declared, and doing so (POST).
pub fn settings_reset() -> &'static str {
    "/settings/reset"
}

/// Versions as an archive: what it would hold, and its bytes (POST).
pub fn export() -> &'static str {
    "/backups/export"
}

/// The same with secrets.
pub fn export_raw() -> &'static str {
    "/backups/export/raw"
}

/// A version's masked text, to keep.
pub fn backup_text(id: BackupId) -> String {
    format!("/backups/{id}/text")
}

/// Pinning a version or letting it go (POST).
pub fn backup_pin(id: BackupId) -> String {
    format!("/backups/{id}/pin")
}

/// Writing a note on a version (POST).
pub fn backup_note(id: BackupId) -> String {
    format!("/backups/{id}/note")
}

/// Reading a version back (POST).
pub fn backup_verify(id: BackupId) -> String {
    format!("/backups/{id}/verify")
}

/// The question before a version is deleted, and its deletion (POST).
pub fn backup_delete(id: BackupId) -> String {
    format!("/backups/{id}/delete")
}

/// The question before a job's log is deleted, and its deletion (POST).
pub fn job_delete(id: JobId) -> String {
    format!("/jobs/{id}/delete")
}

/// What was sent and received in a job's session; its raw form (POST).
pub fn job_transcript(id: JobId) -> String {
    format!("/jobs/{id}/transcript")
}

/// What retention would delete, and its deletion (POST).
pub fn job_retention() -> &'static str {
    "/jobs/retention"
}

/// Deleting the job logs older than some days (POST).
pub fn older_jobs() -> &'static str {
    "/jobs/older"
}

/// A new tag.
pub fn tag_new() -> &'static str {
    "/tags/new"
}

/// A tag.
pub fn tag(id: TagId) -> String {
    format!("/tags/{id}")
}

/// A tag, to be changed.
pub fn tag_edit(id: TagId) -> String {
    format!("/tags/{id}/edit")
}

/// A tag, to be deleted.
pub fn tag_delete(id: TagId) -> String {
    format!("/tags/{id}/delete")
}

/// Putting a tag on a device (POST).
pub fn tag_attach(id: TagId) -> String {
    format!("/tags/{id}/attach")
}

/// Taking a tag from devices (POST).
pub fn tag_detach(id: TagId) -> String {
    format!("/tags/{id}/detach")
}

/// A new rule.
pub fn rule_new() -> &'static str {
    "/rules/new"
}

/// A rule, to be changed.
pub fn rule(id: RuleId) -> String {
    format!("/rules/{id}")
}

/// A rule, to be deleted.
pub fn rule_delete(id: RuleId) -> String {
    format!("/rules/{id}/delete")
}

/// A list of devices to be brought in: the page with its upload (POST).
pub fn import_new() -> &'static str {
    "/imports/new"
}

/// An import.
pub fn import(id: ImportId) -> String {
    format!("/imports/{id}")
}

/// Carrying an import out (POST).
pub fn import_apply(id: ImportId) -> String {
    format!("/imports/{id}/apply")
}

/// Throwing a list away (POST).
pub fn import_discard(id: ImportId) -> String {
    format!("/imports/{id}/discard")
}

/// The rows that an import refused, as a file.
pub fn import_rejected(id: ImportId) -> String {
    format!("/imports/{id}/rejected")
}

/// An import, to be undone.
pub fn import_undo(id: ImportId) -> String {
    format!("/imports/{id}/undo")
}

/// The deleted devices.
pub fn deleted_devices() -> &'static str {
    "/devices/deleted"
}

/// Bringing a deleted device back (POST).
pub fn restore_device(id: DeviceId) -> String {
    format!("/devices/{id}/restore")
}

/// Removing a deleted device for good.
pub fn purge_device(id: DeviceId) -> String {
    format!("/devices/{id}/purge")
}

/// Changing many devices at once (POST).
pub fn bulk_devices() -> &'static str {
    "/devices/bulk"
}

/// The devices that match, as CSV.
pub fn devices_csv() -> &'static str {
    "/devices.csv"
}
