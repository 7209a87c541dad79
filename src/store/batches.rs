//! Table `batches`, as the planner writes it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, on, schema::batches};
use crate::domain::id::{BatchId, ScheduleId, UserId};

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
