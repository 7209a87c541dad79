//! How the queue stands, for those who watch it.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use diesel::{
    dsl::{count_star, min, sql},
    prelude::*,
    sql_types::{BigInt, Bool},
};
use diesel_async::RunQueryDsl;

use crate::{
    domain::job::JobState,
    store::{
        Conn, StoreError, on,
        schema::{jobs, schedules},
    },
};

/// The states that are counted: what is over is history, and its number grows without end.
const COUNTED: [JobState; 4] = [JobState::Queued, JobState::Retrying, JobState::Running, JobState::Discarded];

/// How the queue stands.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Jobs that wait, run, are tried again or were given up.
    pub states: Vec<(JobState, i64)>,
    /// For how many seconds the oldest due job has been due; 0 when none is.
    pub oldest_seconds: f64,
    /// For how many seconds the oldest due schedule has been due; 0 when none is.
    pub lag_seconds: f64,
    /// Of the jobs that ended within the last hour, canceled ones left out: those that succeeded, and all.
    pub recent: (i64, i64),
}

fn seconds(now: DateTime<Utc>, since: Option<NaiveDateTime>) -> f64 {
    let waited = since.map_or(Duration::zero(), |at| now - at.and_utc());
    waited.to_std().unwrap_or_default().as_secs_f64()
}

/// Looks at the queue.
pub async fn queue(conn: &mut Conn, now: DateTime<Utc>) -> Result<Queue, StoreError> {
    // Each part by the index that has just these rows, but for what was given up, which is looked for by state.
    let active: Vec<(String, i64)> = on!(conn, |c| jobs::table
        .filter(sql::<Bool>(super::ACTIVE))
        .group_by(jobs::state)
        .select((jobs::state, count_star()))
        .load(c))?;
    let given_up = jobs::table.filter(jobs::state.eq(JobState::Discarded.as_str()));
    let given_up: i64 = on!(conn, |c| given_up.count().get_result(c))?;
    let mut states = Vec::with_capacity(COUNTED.len());
    for state in COUNTED {
        let found = active.iter().find(|(word, _)| word == state.as_str()).map_or(0, |(_, count)| *count);
        states.push((state, if state == JobState::Discarded { given_up } else { found }));
    }
    let oldest: Option<NaiveDateTime> = on!(conn, |c| jobs::table
        .filter(sql::<Bool>("state IN ('queued', 'retrying')"))
        .select(min(jobs::due_at))
        .get_result(c))?;
    let lag: Option<NaiveDateTime> = on!(conn, |c| schedules::table
        .filter(schedules::is_enabled)
        .select(min(schedules::next_run_at))
        .get_result(c))?;
    let since = (now - Duration::hours(1)).naive_utc();
    let good = sql::<BigInt>("count(CASE state WHEN 'succeeded' THEN 1 END)");
    let recent: (i64, i64) = on!(conn, |c| jobs::table
        .filter(jobs::finished_at.is_not_null().and(jobs::finished_at.assume_not_null().gt(since)))
        .filter(jobs::state.ne(JobState::Canceled.as_str()))
        .select((good, sql::<BigInt>("count(*)")))
        .get_result(c))?;
    Ok(Queue { states, oldest_seconds: seconds(now, oldest), lag_seconds: seconds(now, lag), recent })
}
