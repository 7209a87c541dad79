//! What is written on a device besides edits of it: how its jobs went, and whether it takes part.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::Scope,
        id::{BackupId, CredentialId, DeviceId, JobId},
        job::{JobState, Outcome},
    },
    store::{
        Conn, StoreError, on,
        prepared::prepared,
        schema::{credentials, devices},
        scope,
    },
};

/// What lists show about the device's newest ended job.
pub struct JobMark<'a> {
    /// The job.
    pub job: JobId,
    /// How it ended.
    pub state: JobState,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it failed.
    pub class: Option<&'a str>,
    /// The version it stored or confirmed.
    pub backup: Option<BackupId>,
}

/// Moves the device's marks forward to a job that has just ended; an earlier end than the one that is marked moves
/// none of them, so that what a slow node tells late does not turn the time back. The version that it stored is the
/// current one in any case: what the next capture is compared with must not depend on the clock.
pub async fn mark(
    conn: &mut Conn,
    id: DeviceId,
    mark: &JobMark<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let now = now.naive_utc();
    let is_later = devices::last_job_at.is_null().or(devices::last_job_at.assume_not_null().le(now));
    let row = devices::table.filter(devices::id.eq(id.0)).filter(is_later.assume_not_null());
    let last = (
        devices::last_job_id.eq(mark.job.0),
        devices::last_job_at.eq(now),
        devices::last_job_state.eq(mark.state.as_str()),
        devices::last_job_outcome.eq(mark.outcome.as_str()),
        devices::last_job_class.eq(mark.class),
    );
    match (mark.outcome, mark.backup) {
        (Outcome::Stored, Some(backup)) => {
            let current = devices::current_backup_id.eq(backup.0);
            on!(conn, |c| prepared(diesel::update(devices::table.find(id.0)).set(current)).execute(c))?;
            let good = (devices::last_good_at.eq(now), devices::last_changed_at.eq(now));
            on!(conn, |c| prepared(diesel::update(row).set((last, good))).execute(c))?;
        }
        (Outcome::Unchanged, _) => {
            let values = (last, devices::last_good_at.eq(now));
            on!(conn, |c| prepared(diesel::update(row).set(values)).execute(c))?;
        }
        (Outcome::Stored | Outcome::Suspect | Outcome::Error, _) => {
            on!(conn, |c| prepared(diesel::update(row).set(last)).execute(c))?;
        }
    }
    Ok(())
}

/// Writes down whether the device could be reached, only forward in time.
pub async fn set_reachable(
    conn: &mut Conn,
    id: DeviceId,
    (is, note): (bool, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let now = now.naive_utc();
    let is_later = devices::reachability_at.is_null().or(devices::reachability_at.assume_not_null().le(now));
    let row = devices::table.filter(devices::id.eq(id.0)).filter(is_later.assume_not_null());
    let values =
        (devices::is_reachable.eq(is), devices::reachability_at.eq(now), devices::reachability_note.eq(note));
    on!(conn, |c| diesel::update(row).set(values).execute(c))?;
    Ok(())
}

/// Gives devices this credential, or none; gives those that they had.
pub async fn set_credential(
    conn: &mut Conn,
    ids: &[DeviceId],
    credential: Option<CredentialId>,
    now: DateTime<Utc>,
) -> Result<Vec<CredentialId>, StoreError> {
    let mut before = Vec::new();
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let had: Vec<Option<i64>> = on!(conn, |c| devices::table
            .filter(devices::id.eq_any(&ids))
            .select(devices::credential_id)
            .load(c))?;
        before.extend(had.into_iter().flatten().map(CredentialId).filter(|had| Some(*had) != credential));
        let values = (
            devices::credential_id.eq(credential.map(|id| id.0)),
            devices::version.eq(devices::version + 1),
            devices::updated_at.eq(now.naive_utc()),
        );
        on!(conn, |c| diesel::update(devices::table.filter(devices::id.eq_any(&ids)))
            .set(values)
            .execute(c))?;
    }
    Ok(before)
}

/// Switches devices on or off; gives those that changed.
pub async fn set_enabled(
    conn: &mut Conn,
    ids: &[DeviceId],
    is: bool,
    now: DateTime<Utc>,
) -> Result<Vec<DeviceId>, StoreError> {
    let mut changed = Vec::new();
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows = devices::table.filter(devices::id.eq_any(&ids).and(devices::is_enabled.ne(is)));
        let values = (
            devices::is_enabled.eq(is),
            devices::version.eq(devices::version + 1),
            devices::updated_at.eq(now.naive_utc()),
        );
        let rows: Vec<i64> =
            on!(conn, |c| diesel::update(rows).set(values).returning(devices::id).get_results(c))?;
        changed.extend(rows.into_iter().map(DeviceId));
    }
    Ok(changed)
}

/// Counts an edit of these devices, of which something was changed that is kept elsewhere.
pub async fn set_changed(conn: &mut Conn, ids: &[DeviceId], now: DateTime<Utc>) -> Result<(), StoreError> {
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows = devices::table.filter(devices::id.eq_any(&ids));
        let values = (devices::version.eq(devices::version + 1), devices::updated_at.eq(now.naive_utc()));
        on!(conn, |c| diesel::update(rows).set(values).execute(c))?;
    }
    Ok(())
}

/// By what each of these devices signs in, in words for the trail.
pub async fn logins(conn: &mut Conn, ids: &[DeviceId]) -> Result<BTreeMap<DeviceId, String>, StoreError> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<(i64, Option<i64>, Option<String>)> = on!(conn, |c| devices::table
            .left_join(credentials::table)
            .filter(devices::id.eq_any(&ids))
            .select((devices::id, devices::credential_id, credentials::name.nullable()))
            .load(c))?;
        found.extend(rows.into_iter().map(|(id, credential, name)| {
            let of_tags = || "those of their tags".to_owned();
            (DeviceId(id), credential.map_or_else(of_tags, |_| name.unwrap_or_else(|| "its own".to_owned())))
        }));
    }
    Ok(found)
}

/// The current versions of those of these devices that are within the scope.
pub async fn current_versions(
    conn: &mut Conn,
    scope: Scope,
    ids: &[DeviceId],
) -> Result<Vec<BackupId>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<Option<i64>> = on!(conn, |c| devices::table
            .filter(devices::id.eq_any(&ids).and(scope::in_scope!(scope)))
            .select(devices::current_backup_id)
            .load(c))?;
        found.extend(rows.into_iter().flatten().map(BackupId));
    }
    Ok(found)
}
