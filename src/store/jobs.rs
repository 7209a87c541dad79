//! Tables `batches` and `jobs`, as pages read them and people change them. The workers' side is in `queue`.

mod details;
mod enqueue;
mod following;
mod list;
mod queue;
mod retention;
mod weight;

pub use details::details;
pub use enqueue::{Order, enqueue, enqueue_spread};
pub use following::{states, within};
pub use list::{counts, list, tally};
pub use queue::{Queue, queue};
pub use retention::{count_old, delete, delete_empty_batches, delete_old, kept_days};
pub use weight::{count_upto, delete_upto, first_beyond, weigh};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{batches, devices, jobs, transcripts},
    scope,
};
use crate::domain::{
    access::Scope,
    id::{BackupId, BatchId, DeviceId, JobId, ScheduleId, SuspectId, UserId},
    job::{Job, JobState},
};

/// The jobs that are not over, in the words of the partial indexes.
pub(super) const ACTIVE: &str = "state IN ('queued', 'retrying', 'running')";

/// The jobs that are worked on, in the words of the partial index: for a value that is bound later SQLite would plan every
/// statement twice.
pub(super) fn is_running() -> SqlLiteral<Bool> {
    sql("jobs.state = 'running'")
}

/// Those that are.
const OVER: &str = "state NOT IN ('queued', 'retrying', 'running')";

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct JobRow {
    id: i64,
    kind: String,
    batch_id: i64,
    device_id: Option<i64>,
    device_name: String,
    state: String,
    started_by: String,
    attempt: i32,
    queued_at: NaiveDateTime,
    due_at: NaiveDateTime,
    started_at: Option<NaiveDateTime>,
    finished_at: Option<NaiveDateTime>,
    outcome: Option<String>,
    class: Option<String>,
    stage: Option<String>,
    message: Option<String>,
    backup_id: Option<i64>,
    suspect_id: Option<i64>,
    bytes: Option<i64>,
    lines: Option<i32>,
    sha256: Option<String>,
    duration_ms: Option<i64>,
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: JobId(row.id),
            kind: column::word("jobs.kind", &row.kind)?,
            batch: BatchId(row.batch_id),
            device: row.device_id.map(DeviceId),
            device_name: row.device_name,
            state: column::word("jobs.state", &row.state)?,
            started_by: row.started_by,
            attempt: row.attempt,
            queued_at: row.queued_at.and_utc(),
            due_at: row.due_at.and_utc(),
            started_at: column::instant(row.started_at),
            finished_at: column::instant(row.finished_at),
            outcome: column::word_if_any("jobs.outcome", row.outcome.as_deref())?,
            class: column::word_if_any("jobs.class", row.class.as_deref())?,
            stage: column::word_if_any("jobs.stage", row.stage.as_deref())?,
            message: row.message,
            backup: row.backup_id.map(BackupId),
            suspect: row.suspect_id.map(SuspectId),
            bytes: row.bytes,
            lines: row.lines,
            sha256: row.sha256,
            duration_ms: row.duration_ms,
        })
    }
}

/// The waiting or running jobs of these devices, with the batch each belongs to.
pub async fn active(
    conn: &mut Conn,
    scope: Scope,
    devices: &[DeviceId],
) -> Result<Vec<(JobId, DeviceId, BatchId)>, StoreError> {
    let mut found = Vec::with_capacity(devices.len());
    for chunk in devices.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<(i64, Option<i64>, i64)> = on!(conn, |c| jobs::table
            .filter(jobs::device_id.eq_any(&ids).and(sql::<Bool>(ACTIVE)))
            .filter(scope::of_device_in_scope!(scope, jobs::device_id))
            .select((jobs::id, jobs::device_id, jobs::batch_id))
            .load(c))?;
        found.extend(
            rows.into_iter()
                .filter_map(|(id, device, batch)| Some((JobId(id), DeviceId(device?), BatchId(batch)))),
        );
    }
    Ok(found)
}

/// The newest `limit` jobs of a platform's devices of which the session is kept.
pub async fn recorded(
    conn: &mut Conn,
    scope: Scope,
    platform: &str,
    limit: i64,
) -> Result<Vec<Job>, StoreError> {
    let alike = devices::table.filter(devices::platform.eq(platform)).select(devices::id.nullable());
    let rows: Vec<JobRow> = on!(conn, |c| jobs::table
        .inner_join(transcripts::table)
        .filter(jobs::device_id.eq_any(alike))
        .filter(scope::of_device_in_scope!(scope, jobs::device_id))
        .select(JobRow::as_select())
        .order(jobs::id.desc())
        .limit(limit)
        .load(c))?;
    rows.into_iter().map(Job::try_from).collect()
}

/// The job with this id, if there is one.
pub async fn find(conn: &mut Conn, scope: Scope, id: JobId) -> Result<Option<Job>, StoreError> {
    let row: Option<JobRow> = on!(conn, |c| jobs::table
        .filter(jobs::id.eq(id.0).and(scope::of_device_in_scope!(scope, jobs::device_id)))
        .select(JobRow::as_select())
        .get_result(c))
    .optional()?;
    row.map(Job::try_from).transpose()
}

/// Those of these jobs that are over.
pub async fn over(conn: &mut Conn, scope: Scope, ids: &[JobId]) -> Result<Vec<Job>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<JobRow> = on!(conn, |c| jobs::table
            .filter(jobs::id.eq_any(&ids).and(sql::<Bool>(OVER)))
            .filter(scope::of_device_in_scope!(scope, jobs::device_id))
            .select(JobRow::as_select())
            .load(c))?;
        for row in rows {
            found.push(Job::try_from(row)?);
        }
    }
    Ok(found)
}

/// Stops a job: a waiting one at once, a running one by asking its worker. `None` when it is over or unknown.
pub async fn cancel(conn: &mut Conn, id: JobId, now: DateTime<Utc>) -> Result<Option<JobState>, StoreError> {
    let waiting = jobs::table.filter(jobs::id.eq(id.0).and(sql::<Bool>("state IN ('queued', 'retrying')")));
    let ended = (jobs::state.eq(JobState::Canceled.as_str()), jobs::finished_at.eq(now.naive_utc()));
    if on!(conn, |c| diesel::update(waiting).set(ended).execute(c))? > 0 {
        return Ok(Some(JobState::Canceled));
    }
    let running = jobs::table.filter(jobs::id.eq(id.0).and(is_running()));
    let asked = on!(conn, |c| diesel::update(running).set(jobs::is_cancel_wanted.eq(true)).execute(c))?;
    Ok((asked > 0).then_some(JobState::Running))
}

/// Cancels what still waits for a device that is about to be deleted.
pub async fn cancel_of(conn: &mut Conn, devices: &[DeviceId], now: DateTime<Utc>) -> Result<(), StoreError> {
    for chunk in devices.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let of = || jobs::device_id.assume_not_null().eq_any(ids.clone());
        let waiting = jobs::table.filter(of().and(sql::<Bool>("state IN ('queued', 'retrying')")));
        let ended = (jobs::state.eq(JobState::Canceled.as_str()), jobs::finished_at.eq(now.naive_utc()));
        on!(conn, |c| diesel::update(waiting).set(ended).execute(c))?;
        let running = jobs::table.filter(of().and(is_running()));
        on!(conn, |c| diesel::update(running).set(jobs::is_cancel_wanted.eq(true)).execute(c))?;
    }
    Ok(())
}

/// Cancels what still waits in the name of somebody who may no longer start it, and says why (S-39).
pub async fn cancel_of_person(
    conn: &mut Conn,
    user: UserId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let batches = batches::table.filter(batches::user_id.eq(user.0)).select(batches::id);
    let waiting = jobs::table
        .filter(jobs::batch_id.eq_any(batches).and(sql::<Bool>("state IN ('queued', 'retrying')")));
    let ended = (
        jobs::state.eq(JobState::Canceled.as_str()),
        jobs::finished_at.eq(now.naive_utc()),
        jobs::message.eq(why),
    );
    Ok(on!(conn, |c| diesel::update(waiting).set(ended).execute(c))?)
}

/// The person who started a job by hand, if one did and is still there.
pub async fn person_of(conn: &mut Conn, id: JobId) -> Result<Option<UserId>, StoreError> {
    let user: Option<Option<i64>> = on!(conn, |c| jobs::table
        .inner_join(batches::table)
        .filter(jobs::id.eq(id.0).and(batches::schedule_id.is_null()))
        .select(batches::user_id)
        .get_result(c))
    .optional()?;
    Ok(user.flatten().map(UserId))
}

/// Whether an earlier batch of this schedule is still at work. Jobs that failed and are to be tried again do not count:
/// a device that is away must not keep the others from their next slot.
pub async fn is_schedule_busy(conn: &mut Conn, schedule: ScheduleId) -> Result<bool, StoreError> {
    let count: i64 = on!(conn, |c| jobs::table
        .inner_join(batches::table)
        .filter(batches::schedule_id.eq(schedule.0).and(sql::<Bool>("state IN ('queued', 'running')")))
        .count()
        .get_result(c))?;
    Ok(count > 0)
}
