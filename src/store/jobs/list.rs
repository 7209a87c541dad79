//! Lists of jobs: filtered, newest first, counted.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, sql},
    prelude::*,
    sql_types::{BigInt, Bool, Text, Timestamp},
};
use diesel_async::RunQueryDsl;

use super::{ACTIVE, JobRow};
use crate::{
    domain::{
        access::Scope,
        id::BatchId,
        job::{Job, JobFilter, JobState, Tally, UsedCredential},
        page::{Page, PageRequest},
    },
    store::{
        Conn, StoreError, column, on,
        schema::{batches, jobs},
        scope,
    },
};

/// The jobs within the scope that match, for either database.
macro_rules! matching {
    ($scope:expr, $filter:expr, $db:ty) => {{
        let filter: &JobFilter = $filter;
        let mut query =
            jobs::table.filter(scope::of_device_in_scope!($scope, jobs::device_id)).into_boxed::<$db>();
        if let Some(device) = filter.device {
            query = query.filter(jobs::device_id.eq(device.0));
        }
        if let Some(batch) = filter.batch {
            query = query.filter(jobs::batch_id.eq(batch.0));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(jobs::kind.eq(kind.as_str()));
        }
        if let Some(state) = filter.state {
            query = query.filter(jobs::state.eq(state.as_str()));
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(jobs::outcome.eq(outcome.as_str()));
        }
        if let Some(class) = filter.class {
            query = query.filter(jobs::class.eq(class.as_str()));
        }
        if let Some(credential) = &filter.credential {
            query = match credential {
                UsedCredential::None => query.filter(jobs::credential_name.is_null()),
                UsedCredential::Named(name) => query.filter(jobs::credential_name.eq(name.clone())),
            };
        }
        if let Some(schedule) = filter.schedule {
            let of = batches::table.filter(batches::schedule_id.eq(schedule.0)).select(batches::id);
            query = query.filter(jobs::batch_id.eq_any(of));
        }
        if let Some(from) = filter.from {
            query = query.filter(jobs::queued_at.ge(from.naive_utc()));
        }
        if let Some(until) = filter.until {
            query = query.filter(jobs::queued_at.lt(until.naive_utc()));
        }
        if let Some(piece) = &filter.started_by {
            let who = sql::<Text>("lower(jobs.started_by)");
            query = query.filter(who.like(column::anywhere(piece)).escape('\\'));
        }
        if let Some(piece) = &filter.text {
            let words = sql::<Text>("lower(COALESCE(jobs.message, ''))");
            query = query.filter(words.like(column::anywhere(piece)).escape('\\'));
        }
        query
    }};
}

macro_rules! listed {
    ($conn:expr, $scope:expr, $filter:expr, $request:expr, $db:ty) => {{
        let counted = matching!($scope, $filter, $db).select(jobs::id).limit($request.count_limit());
        let total: i64 = jobs::table.filter(jobs::id.eq_any(counted)).count().get_result($conn).await?;
        let rows: Vec<JobRow> = matching!($scope, $filter, $db)
            .select(JobRow::as_select())
            .order(jobs::id.desc())
            .limit($request.limit())
            .offset($request.offset())
            .load($conn)
            .await?;
        (total, rows)
    }};
}

/// A page of the jobs that match, the newest first.
pub async fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &JobFilter,
    request: PageRequest,
) -> Result<Page<Job>, StoreError> {
    let (total, rows) = match conn {
        Conn::Sqlite(c) => listed!(c, scope, filter, request, diesel::sqlite::Sqlite),
        Conn::Postgres(c) => listed!(c, scope, filter, request, diesel::pg::Pg),
    };
    let rows = rows.into_iter().map(Job::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}

/// How many jobs are in each state: those of a batch, or of all that are not over.
pub async fn counts(
    conn: &mut Conn,
    scope: Scope,
    batch: Option<BatchId>,
) -> Result<Vec<(JobState, i64)>, StoreError> {
    let rows: Vec<(String, i64)> = match batch {
        Some(batch) => on!(conn, |c| jobs::table
            .filter(jobs::batch_id.eq(batch.0))
            .filter(scope::of_device_in_scope!(scope, jobs::device_id))
            .group_by(jobs::state)
            .select((jobs::state, count_star()))
            .load(c))?,
        None => on!(conn, |c| jobs::table
            .filter(sql::<Bool>(ACTIVE))
            .filter(scope::of_device_in_scope!(scope, jobs::device_id))
            .group_by(jobs::state)
            .select((jobs::state, count_star()))
            .load(c))?,
    };
    rows.into_iter().map(|(state, count)| Ok((column::word("jobs.state", &state)?, count))).collect()
}

/// Counts the jobs that ended since `first`, and those of them that did since `second`, by how they ended.
pub async fn tally(
    conn: &mut Conn,
    scope: Scope,
    (first, second): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Tally>, StoreError> {
    let since = || {
        sql::<BigInt>("count(CASE WHEN jobs.finished_at >= ")
            .bind::<Timestamp, _>(second.naive_utc())
            .sql(" THEN 1 END)")
    };
    let rows: Vec<(String, Option<String>, i64, i64)> = on!(conn, |c| jobs::table
        .filter(jobs::finished_at.ge(first.naive_utc()))
        .filter(scope::of_device_in_scope!(scope, jobs::device_id))
        .group_by((jobs::state, jobs::outcome))
        .select((jobs::state, jobs::outcome, count_star(), since()))
        .load(c))?;
    rows.into_iter()
        .map(|(state, outcome, since_first, since_second)| {
            Ok(Tally {
                state: column::word("jobs.state", &state)?,
                outcome: column::word_if_any("jobs.outcome", outcome.as_deref())?,
                since_first,
                since_second,
            })
        })
        .collect()
}
