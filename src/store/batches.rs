//! Table `batches`: as the planner writes it, and what people do to all jobs of one.

mod list;

pub use list::{find, list, progress};

use chrono::{DateTime, Utc};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Text},
};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError,
    jobs::is_running,
    on,
    schema::{batches, jobs},
    scope,
};
use crate::domain::{
    access::Scope,
    batch::Cause,
    id::{BatchId, DeviceId, ScheduleId, UserId},
    job::JobState,
};

/// A batch to be added.
#[derive(Debug, Default)]
pub struct NewBatch<'a> {
    /// The schedule that it belongs to.
    pub schedule: Option<ScheduleId>,
    /// The slot that fired; `None` when a person started it.
    pub slot: Option<DateTime<Utc>>,
    /// By whom or what.
    pub started_by: &'a str,
    /// The person whose rights its jobs have.
    pub user: Option<UserId>,
    /// Why the slot brings no jobs.
    pub note: Option<&'a str>,
    /// How long the job logs stay; `None` = as the setting says.
    pub retention_days: Option<i32>,
}

/// Adds a batch; `None` when this slot of the schedule has one already.
pub async fn insert(
    conn: &mut Conn,
    new: &NewBatch<'_>,
    now: DateTime<Utc>,
) -> Result<Option<BatchId>, StoreError> {
    let values = (
        batches::schedule_id.eq(new.schedule.map(|id| id.0)),
        batches::slot_at.eq(new.slot.map(|at| at.naive_utc())),
        batches::started_by.eq(new.started_by),
        batches::created_at.eq(now.naive_utc()),
        batches::user_id.eq(new.user.map(|id| id.0)),
        batches::note.eq(new.note),
        batches::retention_days.eq(new.retention_days),
    );
    let id: Option<i64> = on!(conn, |c| diesel::insert_into(batches::table)
        .values(values)
        .on_conflict_do_nothing()
        .returning(batches::id)
        .get_result(c))
    .optional()?;
    Ok(id.map(BatchId))
}

/// Says why a batch has no jobs.
pub async fn note(conn: &mut Conn, id: BatchId, note: &str) -> Result<(), StoreError> {
    on!(conn, |c| diesel::update(batches::table.find(id.0)).set(batches::note.eq(note)).execute(c))?;
    Ok(())
}

/// Stops the jobs of a batch that are within the scope: waiting ones at once, running ones by asking their workers.
/// Gives how many of each.
pub async fn cancel(
    conn: &mut Conn,
    scope: Scope,
    id: BatchId,
    now: DateTime<Utc>,
) -> Result<(usize, usize), StoreError> {
    let of = || {
        jobs::table.filter(jobs::batch_id.eq(id.0)).filter(scope::of_device_in_scope!(scope, jobs::device_id))
    };
    let waiting = of().filter(sql::<Bool>("state IN ('queued', 'retrying')"));
    let ended = (jobs::state.eq(JobState::Canceled.as_str()), jobs::finished_at.eq(now.naive_utc()));
    let ended = on!(conn, |c| diesel::update(waiting).set(ended).execute(c))?;
    let running = of().filter(is_running());
    let asked = on!(conn, |c| diesel::update(running).set(jobs::is_cancel_wanted.eq(true)).execute(c))?;
    Ok((ended, asked))
}

/// The devices within the scope whose jobs in a batch failed for this reason.
pub async fn failed(
    conn: &mut Conn,
    scope: Scope,
    id: BatchId,
    cause: &Cause,
) -> Result<Vec<DeviceId>, StoreError> {
    // No credential is called nothing.
    let credential = sql::<Bool>("COALESCE(jobs.credential_name, '') = ")
        .bind::<Text, _>(cause.credential.clone().unwrap_or_default());
    let devices: Vec<Option<i64>> = on!(conn, |c| jobs::table
        .filter(jobs::batch_id.eq(id.0).and(jobs::state.eq(cause.state.as_str())))
        .filter(jobs::class.eq(cause.class.as_str()).and(credential))
        .filter(scope::of_device_in_scope!(scope, jobs::device_id))
        .select(jobs::device_id)
        .order(jobs::id)
        .load(c))?;
    Ok(devices.into_iter().flatten().map(DeviceId).collect())
}
