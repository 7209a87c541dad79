//! Table `jobs`, as workers use it: claim, renew, finish, give back; those of dead workers are in `lost`.
//!
//! A worker holds a job by a lease and a fence. The fence grows with every claim and every write that ends a
//! job names it, so a worker that lost its lease without noticing changes nothing.

mod back;
mod caps;
mod claim;
mod lost;

pub use back::give_back;
pub use claim::claim;
pub use lost::{Lost, MAX_DEATHS, ahead_of_clock, follow_clock, free, lost};

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, jobs::is_running, on, prepared::prepared, schema::jobs};
use crate::domain::{
    failure::{Failure, FailureClass, Stage},
    id::{BackupId, JobId, SuspectId},
    job::{Claimed, Hold, JobState, Outcome},
};

/// The time by which leases are measured: the database's where several nodes share one, so that no node's clock can
/// take another's job away. SQLite has no clock but its machine's, which is `own`.
pub async fn clock(conn: &mut Conn, own: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
    match conn {
        Conn::Sqlite(_) => Ok(own),
        Conn::Postgres(_) => super::clock::now(conn).await,
    }
}

/// Renews those of these jobs that `owner` still holds and returns them, each with its fence and whether a
/// person wants it stopped.
///
/// A job that is missing from the answer is lost to this worker.
pub async fn renew(
    conn: &mut Conn,
    owner: &str,
    jobs: &[JobId],
    until: DateTime<Utc>,
) -> Result<Vec<(JobId, i64, bool)>, StoreError> {
    let ids: Vec<i64> = jobs.iter().map(|id| id.0).collect();
    let held = jobs::table.filter(jobs::id.eq_any(&ids).and(is_running()).and(jobs::lease_owner.eq(owner)));
    let rows: Vec<(i64, i64, bool)> = on!(conn, |c| diesel::update(held)
        .set(jobs::lease_until.eq(until.naive_utc()))
        .returning((jobs::id, jobs::fence, jobs::is_cancel_wanted))
        .get_results(c))?;
    Ok(rows.into_iter().map(|(id, fence, cancel)| (JobId(id), fence, cancel)).collect())
}

/// Those of these holdings that nobody has taken over since.
pub async fn current(conn: &mut Conn, holds: &BTreeSet<Hold>) -> Result<BTreeSet<Hold>, StoreError> {
    let ids: Vec<i64> = holds.iter().map(|hold| hold.job.0).collect();
    let rows: Vec<(i64, i64)> =
        on!(conn, |c| jobs::table.filter(jobs::id.eq_any(&ids)).select((jobs::id, jobs::fence)).load(c))?;
    let current = rows.into_iter().map(|(id, fence)| Hold { job: JobId(id), fence });
    Ok(current.filter(|hold| holds.contains(hold)).collect())
}

/// How a job ended, for its row.
#[derive(Debug, Default)]
pub struct End {
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Why it failed.
    pub class: Option<FailureClass>,
    /// Where it failed.
    pub stage: Option<Stage>,
    /// The failure in words.
    pub message: Option<String>,
    /// The version it stored or confirmed.
    pub backup: Option<BackupId>,
    /// The capture it put aside.
    pub suspect: Option<SuspectId>,
    /// What was taken: bytes, lines, SHA-256.
    pub taken: Option<(i64, i32, String)>,
    /// How long the attempt took.
    pub duration_ms: i64,
    /// The credential that was accepted, or refused last: its row and what the log calls it.
    pub credential: Option<(i64, String)>,
}

#[derive(AsChangeset)]
#[diesel(table_name = jobs)]
struct EndRow {
    state: &'static str,
    finished_at: NaiveDateTime,
    outcome: Option<&'static str>,
    class: Option<&'static str>,
    stage: Option<&'static str>,
    message: Option<String>,
    backup_id: Option<i64>,
    suspect_id: Option<i64>,
    bytes: Option<i64>,
    lines: Option<i32>,
    sha256: Option<String>,
    duration_ms: i64,
    credential_id: Option<i64>,
    credential_name: Option<String>,
}

/// Nobody holds it any more.
macro_rules! unheld {
    () => {
        (jobs::lease_owner.eq(None::<String>), jobs::lease_until.eq(None::<NaiveDateTime>))
    };
}
use unheld;

/// The row of a job that is still held under this fence.
macro_rules! held {
    ($job:expr) => {
        jobs::table.filter(jobs::id.eq($job.id.0).and(is_running()).and(jobs::fence.eq($job.fence)))
    };
}

/// Ends a job if it is still held under this fence; `false` when it is not, and then nothing of it may be kept.
pub async fn finish(
    conn: &mut Conn,
    job: &Claimed,
    state: JobState,
    end: End,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (bytes, lines, sha256) =
        end.taken.map_or((None, None, None), |(b, l, s)| (Some(b), Some(l), Some(s)));
    let (credential_id, credential_name) = end.credential.unzip();
    let row = EndRow {
        state: state.as_str(),
        finished_at: now.naive_utc(),
        outcome: end.outcome.map(Outcome::as_str),
        class: end.class.map(FailureClass::as_str),
        stage: end.stage.map(Stage::as_str),
        message: end.message,
        backup_id: end.backup.map(|id| id.0),
        suspect_id: end.suspect.map(|id| id.0),
        bytes,
        lines,
        sha256,
        duration_ms: end.duration_ms,
        credential_id,
        credential_name,
    };
    Ok(on!(conn, |c| prepared(diesel::update(held!(job)).set((row, unheld!()))).execute(c))? > 0)
}

/// Puts a job that failed back until `due`, if it is still held under this fence; `false` when it is not.
pub async fn put_back(
    conn: &mut Conn,
    job: &Claimed,
    failure: &Failure,
    (due, duration_ms): (DateTime<Utc>, i64),
) -> Result<bool, StoreError> {
    let values = (
        jobs::state.eq(JobState::Retrying.as_str()),
        jobs::due_at.eq(due.naive_utc()),
        jobs::class.eq(failure.class.as_str()),
        jobs::stage.eq(failure.stage.as_str()),
        jobs::message.eq(&failure.message),
        jobs::duration_ms.eq(duration_ms),
    );
    Ok(on!(conn, |c| diesel::update(held!(job)).set((values, unheld!())).execute(c))? > 0)
}

/// Gives back what `owner` holds, as if it had never been taken: a graceful stop burns no attempt. What nobody
/// wants any more is canceled.
pub async fn release(conn: &mut Conn, owner: &str, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let held = || jobs::table.filter(is_running().and(jobs::lease_owner.eq(owner)));
    let unwanted = held().filter(jobs::is_cancel_wanted.or(jobs::device_id.is_null()));
    let ended = (jobs::state.eq(JobState::Canceled.as_str()), jobs::finished_at.eq(now.naive_utc()));
    on!(conn, |c| diesel::update(unwanted).set((ended, unheld!())).execute(c))?;
    let back = (jobs::state.eq(JobState::Queued.as_str()), jobs::attempt.eq(jobs::attempt - 1));
    Ok(on!(conn, |c| diesel::update(held()).set((back, unheld!())).execute(c))?)
}
