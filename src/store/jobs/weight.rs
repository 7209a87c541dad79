//! Table `log_weights`: what the logs of jobs take, and which jobs are too old to fit.

use diesel::{dsl::sql, prelude::*, sql_types::BigInt, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::{OVER, retention::delete_over};
use crate::{
    domain::id::JobId,
    store::{
        Conn, StoreError, on,
        schema::{jobs, log_weights},
    },
};

/// What a job's lines, recording and last screen take, in bytes, as both databases write it.
const WEIGHT: &str = "(SELECT coalesce(sum(octet_length(entries.text)), 0) FROM entries WHERE entries.job_id = jobs.id) \
     + coalesce((SELECT octet_length(transcripts.sealed) FROM transcripts WHERE transcripts.job_id = jobs.id), 0) \
     + coalesce((SELECT octet_length(screens.sealed) FROM screens WHERE screens.job_id = jobs.id), 0)";

/// Weighs the logs of at most `limit` jobs after `after` that are over and were not weighed yet; gives the last of them.
pub async fn weigh(conn: &mut Conn, after: JobId, limit: i64) -> Result<Option<JobId>, StoreError> {
    let new = jobs::table
        .left_join(log_weights::table)
        .filter(jobs::id.gt(after.0).and(log_weights::job_id.is_null()).and(sql::<Bool>(OVER)))
        .select(jobs::id)
        .order(jobs::id)
        .limit(limit);
    let ids: Vec<i64> = on!(conn, |c| new.load(c))?;
    for chunk in ids.chunks(1_000) {
        let weights = jobs::table.filter(jobs::id.eq_any(chunk)).select((jobs::id, sql::<BigInt>(WEIGHT)));
        // Of two who weigh at once, one was first.
        on!(conn, |c| diesel::insert_into(log_weights::table)
            .values(weights)
            .into_columns((log_weights::job_id, log_weights::bytes))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(ids.last().copied().map(JobId))
}

/// The youngest job that is over and whose log does not fit into `most` bytes any more, with those of all younger ones.
pub async fn first_beyond(conn: &mut Conn, most: i64) -> Result<Option<JobId>, StoreError> {
    // A window's sum cannot be asked for in WHERE, and diesel has no way to select from a query.
    let beyond = sql::<diesel::sql_types::Nullable<BigInt>>(
        "max(job_id) FROM (SELECT job_id, sum(bytes) OVER (ORDER BY job_id DESC) AS upto FROM log_weights) AS weighed WHERE upto > ",
    )
    .bind::<BigInt, _>(most);
    let id: Option<i64> = on!(conn, |c| diesel::select(beyond).get_result(c))?;
    Ok(id.map(JobId))
}

/// How many jobs up to this one are over.
pub async fn count_upto(conn: &mut Conn, last: JobId) -> Result<i64, StoreError> {
    let rows = jobs::table.filter(jobs::id.le(last.0).and(sql::<Bool>(OVER)));
    Ok(on!(conn, |c| rows.count().get_result(c))?)
}

/// Deletes at most `limit` of the jobs up to this one that are over, the oldest first, with their lines; gives how many.
pub async fn delete_upto(conn: &mut Conn, last: JobId, limit: i64) -> Result<usize, StoreError> {
    let oldest = jobs::table.filter(jobs::id.le(last.0).and(sql::<Bool>(OVER)));
    let ids: Vec<i64> = on!(conn, |c| oldest.select(jobs::id).order(jobs::id).limit(limit).load(c))?;
    delete_over(conn, &ids).await
}
