//! Batches as people see them: those with a job within the scope, the newest first, and how far they have come.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::{
    dsl::{count_star, max, min, sql},
    prelude::*,
    sql_types::{BigInt, Bool},
};
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::Scope,
        batch::{Batch, BatchFilter, Cause, Progress},
        failure::FailureClass,
        id::{BatchId, ScheduleId},
        job::JobState,
        page::{Page, PageRequest},
    },
    store::{
        Conn, StoreError, column,
        jobs::ACTIVE,
        on,
        schema::{batches, jobs, schedules},
        scope,
    },
};

type Row = (i64, Option<NaiveDateTime>, String, NaiveDateTime, Option<String>, Option<(i64, String)>);

fn batch((id, slot, started_by, at, note, schedule): Row) -> Batch {
    Batch {
        id: BatchId(id),
        schedule: schedule.map(|(id, name)| (ScheduleId(id), name)),
        slot: column::instant(slot),
        started_by,
        at: at.and_utc(),
        note,
    }
}

/// The batches that somebody with this scope sees, with their schedules.
macro_rules! seen {
    ($scope:expr) => {{
        let own = jobs::table
            .filter(jobs::batch_id.eq(batches::id))
            .filter(scope::of_device_in_scope!($scope, jobs::device_id));
        batches::table
            .left_join(schedules::table.on(batches::schedule_id.eq(schedules::id.nullable())))
            .filter($scope.parts().0.into_sql::<Bool>().or(diesel::dsl::exists(own)))
            .select((
                batches::id,
                batches::slot_at,
                batches::started_by,
                batches::created_at,
                batches::note,
                (schedules::id, schedules::name).nullable(),
            ))
    }};
}

/// The batch with this id, if it has a job within the scope.
pub async fn find(conn: &mut Conn, scope: Scope, id: BatchId) -> Result<Option<Batch>, StoreError> {
    let row: Option<Row> =
        on!(conn, |c| seen!(scope).filter(batches::id.eq(id.0)).get_result(c)).optional()?;
    Ok(row.map(batch))
}

macro_rules! matching {
    ($scope:expr, $filter:expr, $db:ty) => {{
        let filter: &BatchFilter = $filter;
        let mut query = seen!($scope).into_boxed::<$db>();
        if let Some(schedule) = filter.schedule {
            query = query.filter(batches::schedule_id.eq(schedule.0));
        }
        if filter.is_under_way {
            let active = jobs::table
                .filter(sql::<Bool>(ACTIVE))
                .filter(scope::of_device_in_scope!($scope, jobs::device_id))
                .select(jobs::batch_id);
            query = query.filter(batches::id.eq_any(active));
        }
        query
    }};
}

macro_rules! listed {
    ($conn:expr, $scope:expr, $filter:expr, $request:expr, $db:ty) => {{
        let total: i64 = matching!($scope, $filter, $db).select(count_star()).get_result($conn).await?;
        let rows: Vec<Row> = matching!($scope, $filter, $db)
            .order(batches::id.desc())
            .limit($request.size)
            .offset($request.offset())
            .load($conn)
            .await?;
        (total, rows)
    }};
}

/// A page of the batches that match, the newest first.
pub async fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &BatchFilter,
    request: PageRequest,
) -> Result<Page<Batch>, StoreError> {
    let (total, rows) = match conn {
        Conn::Sqlite(c) => listed!(c, scope, filter, request, diesel::sqlite::Sqlite),
        Conn::Postgres(c) => listed!(c, scope, filter, request, diesel::pg::Pg),
    };
    Ok(Page { rows: rows.into_iter().map(batch).collect(), total, request })
}

/// What jobs have in common: batch, kind, state, outcome, class, credential.
type Key = (i64, String, String, Option<String>, Option<String>, Option<String>);
/// How many they are, and how many of them were worked on to their end.
type Numbers = (i64, i64);
/// When the first was taken, the last ended, and the last may start.
type Times = (Option<NaiveDateTime>, Option<NaiveDateTime>, Option<NaiveDateTime>);

/// How far these batches have come, as far as their jobs are within the scope: one query, however many they are.
pub async fn progress(
    conn: &mut Conn,
    scope: Scope,
    ids: &[BatchId],
) -> Result<BTreeMap<BatchId, Progress>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let key = (jobs::batch_id, jobs::kind, jobs::state, jobs::outcome, jobs::class, jobs::credential_name);
    let worked = "count(CASE WHEN jobs.started_at IS NOT NULL AND jobs.finished_at IS NOT NULL THEN 1 END)";
    let rows: Vec<(Key, Numbers, Times)> = on!(conn, |c| jobs::table
        .filter(jobs::batch_id.eq_any(&ids))
        .filter(scope::of_device_in_scope!(scope, jobs::device_id))
        .group_by(key)
        .select((
            key,
            (count_star(), sql::<BigInt>(worked)),
            (min(jobs::started_at), max(jobs::finished_at), max(jobs::due_at)),
        ))
        .order(key)
        .load(c))?;
    let mut found: BTreeMap<BatchId, Progress> = BTreeMap::new();
    for (key, numbers, times) in rows {
        add(found.entry(BatchId(key.0)).or_default(), key, numbers, times)?;
    }
    for progress in found.values_mut() {
        progress.causes.sort_by_key(|(_, count)| -count);
    }
    Ok(found)
}

fn add(
    progress: &mut Progress,
    (_, kind, state, outcome, class, credential): Key,
    (count, worked): Numbers,
    (started, ended, due): Times,
) -> Result<(), StoreError> {
    let state: JobState = column::word("jobs.state", &state)?;
    let outcome = column::word_if_any("jobs.outcome", outcome.as_deref())?;
    let class: Option<FailureClass> = column::word_if_any("jobs.class", class.as_deref())?;
    progress.kind = Some(column::word("jobs.kind", &kind)?);
    progress.counts.count(state, outcome, count);
    progress.worked += worked;
    let started = column::instant(started);
    progress.started_at = progress.started_at.into_iter().chain(started).min();
    progress.ended_at = progress.ended_at.max(column::instant(ended));
    if matches!(state, JobState::Queued | JobState::Retrying) {
        progress.due_at = progress.due_at.max(column::instant(due));
    }
    if matches!(state, JobState::Failed | JobState::Discarded) {
        let class = class.unwrap_or(FailureClass::Internal);
        progress.causes.push((Cause { state, class, credential }, count));
    }
    Ok(())
}
