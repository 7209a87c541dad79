//! What those who follow jobs ask of many at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{access::Scope, id::JobId, job::JobState},
    store::{Conn, StoreError, column, on, schema::jobs, scope},
};

/// The states of these jobs, and when each ended; those that are not there any more are missing.
pub async fn states(
    conn: &mut Conn,
    ids: &[JobId],
) -> Result<BTreeMap<JobId, (JobState, Option<DateTime<Utc>>)>, StoreError> {
    let mut states = BTreeMap::new();
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<(i64, String, Option<NaiveDateTime>)> = on!(conn, |c| jobs::table
            .filter(jobs::id.eq_any(&ids))
            .select((jobs::id, jobs::state, jobs::finished_at))
            .load(c))?;
        for (id, state, end) in rows {
            states.insert(JobId(id), (column::word("jobs.state", &state)?, column::instant(end)));
        }
    }
    Ok(states)
}

/// Those of these jobs that are within the scope.
pub async fn within(conn: &mut Conn, scope: Scope, ids: &[JobId]) -> Result<BTreeSet<JobId>, StoreError> {
    let mut within = BTreeSet::new();
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<i64> = on!(conn, |c| jobs::table
            .filter(jobs::id.eq_any(&ids).and(scope::of_device_in_scope!(scope, jobs::device_id)))
            .select(jobs::id)
            .load(c))?;
        within.extend(rows.into_iter().map(JobId));
    }
    Ok(within)
}
