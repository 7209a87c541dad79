//! Old job logs: counted and deleted by the day they ended. A job that is not over is never among them.

use chrono::{DateTime, Utc};
use diesel::{dsl, dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::OVER;
use crate::{
    domain::{access::Scope, id::JobId, retention::Rule},
    store::{
        Conn, StoreError, on,
        schema::{batches, jobs},
        scope,
    },
};

/// The terms that batches have of their own, in days, each once.
pub async fn kept_days(conn: &mut Conn) -> Result<Vec<i32>, StoreError> {
    let days: Vec<Option<i32>> = on!(conn, |c| batches::table
        .filter(batches::retention_days.is_not_null())
        .select(batches::retention_days)
        .distinct()
        .order(batches::retention_days)
        .load(c))?;
    Ok(days.into_iter().flatten().collect())
}

/// The jobs under `rule` that ended before `before`, for either database.
macro_rules! old {
    ($scope:expr, $rule:expr, $before:expr, $db:ty) => {{
        let query = jobs::table
            .filter(sql::<Bool>(OVER).and(jobs::finished_at.lt($before.naive_utc())))
            .filter(scope::of_device_in_scope!($scope, jobs::device_id))
            .into_boxed::<$db>();
        let batches = batches::table.select(batches::id);
        match $rule {
            Rule::Any => query,
            Rule::Own(days) => {
                query.filter(jobs::batch_id.eq_any(batches.filter(batches::retention_days.eq(days))))
            }
            Rule::Setting => {
                query.filter(jobs::batch_id.eq_any(batches.filter(batches::retention_days.is_null())))
            }
        }
    }};
}

/// How many jobs under `rule` ended before `before`; with `upto`, those up to this one only.
pub async fn count_old(
    conn: &mut Conn,
    scope: Scope,
    (rule, before): (Rule, DateTime<Utc>),
    upto: Option<JobId>,
) -> Result<i64, StoreError> {
    let of = jobs::id.le(upto.map_or(i64::MAX, |id| id.0));
    Ok(match conn {
        Conn::Sqlite(c) => {
            old!(scope, rule, before, diesel::sqlite::Sqlite).filter(of).count().get_result(c).await?
        }
        Conn::Postgres(c) => {
            old!(scope, rule, before, diesel::pg::Pg).filter(of).count().get_result(c).await?
        }
    })
}

/// Deletes at most `limit` of those jobs with their lines, the oldest first; versions stay. Returns how many.
pub async fn delete_old(
    conn: &mut Conn,
    scope: Scope,
    (rule, before): (Rule, DateTime<Utc>),
    limit: i64,
) -> Result<usize, StoreError> {
    let ids: Vec<i64> = match conn {
        Conn::Sqlite(c) => {
            let old = old!(scope, rule, before, diesel::sqlite::Sqlite);
            old.select(jobs::id).order(jobs::id).limit(limit).load(c).await?
        }
        Conn::Postgres(c) => {
            let old = old!(scope, rule, before, diesel::pg::Pg);
            old.select(jobs::id).order(jobs::id).limit(limit).load(c).await?
        }
    };
    delete_over(conn, &ids).await
}

/// Deletes those of these jobs that are over, with their lines; returns how many.
pub(super) async fn delete_over(conn: &mut Conn, ids: &[i64]) -> Result<usize, StoreError> {
    let mut deleted = 0;
    for chunk in ids.chunks(1_000) {
        // Looked at again: between the two statements another node may have deleted some.
        let rows = jobs::table.filter(jobs::id.eq_any(chunk).and(sql::<Bool>(OVER)));
        deleted += on!(conn, |c| diesel::delete(rows).execute(c))?;
    }
    Ok(deleted)
}

/// Deletes the batches under `rule` that are older and have no jobs; returns how many.
pub async fn delete_empty_batches(
    conn: &mut Conn,
    rule: Rule,
    before: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let has_jobs = jobs::table.filter(jobs::batch_id.eq(batches::id));
    let empty = batches::table
        .filter(batches::created_at.lt(before.naive_utc()).and(dsl::not(dsl::exists(has_jobs))));
    Ok(match rule {
        Rule::Any => on!(conn, |c| diesel::delete(empty).execute(c))?,
        Rule::Own(days) => {
            let own = empty.filter(batches::retention_days.eq(days));
            on!(conn, |c| diesel::delete(own).execute(c))?
        }
        Rule::Setting => {
            let rest = empty.filter(batches::retention_days.is_null());
            on!(conn, |c| diesel::delete(rest).execute(c))?
        }
    })
}

/// Deletes a job that is over, with its lines; `false` when there is none.
pub async fn delete(conn: &mut Conn, scope: Scope, id: JobId) -> Result<bool, StoreError> {
    let row = jobs::table
        .filter(jobs::id.eq(id.0).and(sql::<Bool>(OVER)))
        .filter(scope::of_device_in_scope!(scope, jobs::device_id));
    Ok(on!(conn, |c| diesel::delete(row).execute(c))? > 0)
}
