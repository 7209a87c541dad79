//! What is written on a device besides edits of it: how its jobs went, and whether it takes part.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        id::{BackupId, DeviceId, JobId},
        job::{JobState, Outcome},
    },
    store::{Conn, StoreError, on, schema::devices},
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

/// Moves the device's marks forward to a job that has just ended.
pub async fn mark(
    conn: &mut Conn,
    id: DeviceId,
    mark: &JobMark<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let now = now.naive_utc();
    let row = devices::table.find(id.0);
    let last = (
        devices::last_job_id.eq(mark.job.0),
        devices::last_job_at.eq(now),
        devices::last_job_state.eq(mark.state.as_str()),
        devices::last_job_outcome.eq(mark.outcome.as_str()),
        devices::last_job_class.eq(mark.class),
    );
    match (mark.outcome, mark.backup) {
        (Outcome::Stored, Some(backup)) => {
            let good = (
                devices::current_backup_id.eq(backup.0),
                devices::last_good_at.eq(now),
                devices::last_changed_at.eq(now),
            );
            on!(conn, |c| diesel::update(row).set((last, good)).execute(c))?;
        }
        (Outcome::Unchanged, _) => {
            on!(conn, |c| diesel::update(row).set((last, devices::last_good_at.eq(now))).execute(c))?;
        }
        (Outcome::Stored | Outcome::Suspect | Outcome::Error, _) => {
            on!(conn, |c| diesel::update(row).set(last).execute(c))?;
        }
    }
    Ok(())
}

/// Switches devices on or off; gives how many changed.
pub async fn set_enabled(
    conn: &mut Conn,
    ids: &[DeviceId],
    is: bool,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let mut changed = 0;
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows = devices::table.filter(devices::id.eq_any(&ids).and(devices::is_enabled.ne(is)));
        let values = (
            devices::is_enabled.eq(is),
            devices::version.eq(devices::version + 1),
            devices::updated_at.eq(now.naive_utc()),
        );
        changed += on!(conn, |c| diesel::update(rows).set(values).execute(c))?;
    }
    Ok(changed)
}
