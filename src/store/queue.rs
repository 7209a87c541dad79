//! Table `jobs`, as workers use it: claim, renew, finish, reap.
//!
//! A worker holds a job by a lease and a fence. The fence grows with every claim and every write that ends a
//! job names it, so a worker that lost its lease without noticing changes nothing.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column,
    devices::{self, JobMark},
    on,
    schema::jobs,
};
use crate::domain::{
    failure::{FailureClass, Stage},
    id::{BackupId, DeviceId, JobId, SuspectId},
    job::{Claimed, JobKind, JobState, Outcome},
};

/// How often a job may take its process down before it is given up.
pub const MAX_ATTEMPTS: i32 = 3;

/// What a claim gives back: job, device, fence, attempt, kind, payload, priority.
type ClaimRow = (i64, Option<i64>, i64, i32, String, Option<String>, i32);

const WAITING: &str = "state IN ('queued', 'retrying')";

/// Takes up to `limit` due jobs for `owner` until `until`; the caller's transaction makes it one step.
pub async fn claim(
    conn: &mut Conn,
    owner: &str,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let due = jobs::table
        .filter(sql::<Bool>(WAITING).and(jobs::due_at.le(now.naive_utc())).and(jobs::device_id.is_not_null()))
        .order((jobs::priority, jobs::due_at, jobs::id))
        .select(jobs::id)
        .limit(limit);
    let ids: Vec<i64> = match conn {
        // The transaction already holds SQLite's only write lock.
        Conn::Sqlite(c) => due.load(c).await?,
        Conn::Postgres(c) => due.for_update().skip_locked().load(c).await?,
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let held = (
        jobs::state.eq(JobState::Running.as_str()),
        jobs::attempt.eq(jobs::attempt + 1),
        jobs::fence.eq(jobs::fence + 1),
        jobs::lease_owner.eq(owner),
        jobs::lease_until.eq(until.naive_utc()),
        jobs::started_at.eq(now.naive_utc()),
    );
    let rows: Vec<ClaimRow> = on!(conn, |c| diesel::update(jobs::table.filter(jobs::id.eq_any(&ids)))
        .set(held)
        .returning((
            jobs::id,
            jobs::device_id,
            jobs::fence,
            jobs::attempt,
            jobs::kind,
            jobs::payload,
            jobs::priority
        ))
        .get_results(c))?;
    let mut claimed = Vec::with_capacity(rows.len());
    for (id, device, fence, attempt, kind, payload, priority) in rows {
        let Some(device) = device else { continue };
        claimed.push(Claimed {
            id: JobId(id),
            device: DeviceId(device),
            kind: column::word("jobs.kind", &kind)?,
            payload,
            is_by_person: priority <= JobKind::BY_PERSON,
            fence,
            attempt,
            lease_until: until,
        });
    }
    Ok(claimed)
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
    let held = jobs::table.filter(
        jobs::id
            .eq_any(&ids)
            .and(jobs::state.eq(JobState::Running.as_str()))
            .and(jobs::lease_owner.eq(owner)),
    );
    let rows: Vec<(i64, i64, bool)> = on!(conn, |c| diesel::update(held)
        .set(jobs::lease_until.eq(until.naive_utc()))
        .returning((jobs::id, jobs::fence, jobs::is_cancel_wanted))
        .get_results(c))?;
    Ok(rows.into_iter().map(|(id, fence, cancel)| (JobId(id), fence, cancel)).collect())
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
    /// The credential that was accepted: its row and what the log calls it.
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
    let held = jobs::table.filter(
        jobs::id.eq(job.id.0).and(jobs::state.eq(JobState::Running.as_str())).and(jobs::fence.eq(job.fence)),
    );
    let none = (jobs::lease_owner.eq(None::<String>), jobs::lease_until.eq(None::<NaiveDateTime>));
    Ok(on!(conn, |c| diesel::update(held).set((row, none)).execute(c))? > 0)
}

/// Ends those running jobs of `owner`, or of whoever lost the lease, that nobody wants any more: a person stopped
/// them, or their device has been deleted.
async fn end_unwanted(conn: &mut Conn, owner: Option<&str>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let ended = (
        jobs::state.eq(JobState::Canceled.as_str()),
        jobs::finished_at.eq(now.naive_utc()),
        jobs::lease_owner.eq(None::<String>),
        jobs::lease_until.eq(None::<NaiveDateTime>),
    );
    let unwanted = jobs::table.filter(
        jobs::state.eq(JobState::Running.as_str()).and(jobs::is_cancel_wanted.or(jobs::device_id.is_null())),
    );
    if let Some(owner) = owner {
        let held = unwanted.filter(jobs::lease_owner.eq(owner));
        return Ok(on!(conn, |c| diesel::update(held).set(ended).execute(c))?);
    }
    let lost = unwanted.filter(jobs::lease_until.lt(now.naive_utc()));
    Ok(on!(conn, |c| diesel::update(lost).set(ended).execute(c))?)
}

/// Frees the jobs whose lease has run out: their worker died. Returns how many wait again, and how many are
/// given up because it died every time. What nobody wants any more is canceled.
pub async fn reap(conn: &mut Conn, now: DateTime<Utc>) -> Result<(usize, usize), StoreError> {
    end_unwanted(conn, None, now).await?;
    let expired = || {
        jobs::table
            .filter(jobs::state.eq(JobState::Running.as_str()).and(jobs::lease_until.lt(now.naive_utc())))
    };
    let given_up = (
        jobs::state.eq(JobState::Discarded.as_str()),
        jobs::finished_at.eq(now.naive_utc()),
        jobs::outcome.eq(Outcome::Error.as_str()),
        jobs::class.eq(FailureClass::Internal.as_str()),
        jobs::message
            .eq("The process that worked on this job died each time; it is not tried again by itself."),
        jobs::lease_owner.eq(None::<String>),
    );
    let poison = expired().filter(jobs::attempt.ge(MAX_ATTEMPTS));
    let gone: Vec<(i64, Option<i64>)> = on!(conn, |c| diesel::update(poison)
        .set(given_up)
        .returning((jobs::id, jobs::device_id))
        .get_results(c))?;
    for (job, device) in &gone {
        let Some(device) = device else { continue };
        // A device whose jobs are given up must not go on looking well.
        let mark = JobMark {
            job: JobId(*job),
            state: JobState::Discarded,
            outcome: Outcome::Error,
            class: Some(FailureClass::Internal.as_str()),
            backup: None,
        };
        devices::mark(conn, DeviceId(*device), &mark, now).await?;
    }
    let again = (
        jobs::state.eq(JobState::Retrying.as_str()),
        jobs::due_at.eq(now.naive_utc()),
        jobs::lease_owner.eq(None::<String>),
        jobs::message.eq("The process that worked on this job died; it is tried again."),
    );
    let retried = on!(conn, |c| diesel::update(expired()).set(again).execute(c))?;
    Ok((retried, gone.len()))
}

/// Gives back what `owner` holds, as if it had never been taken: a graceful stop burns no attempt. What nobody
/// wants any more is canceled.
pub async fn release(conn: &mut Conn, owner: &str, now: DateTime<Utc>) -> Result<usize, StoreError> {
    end_unwanted(conn, Some(owner), now).await?;
    let held =
        jobs::table.filter(jobs::state.eq(JobState::Running.as_str()).and(jobs::lease_owner.eq(owner)));
    let back = (
        jobs::state.eq(JobState::Queued.as_str()),
        jobs::attempt.eq(jobs::attempt - 1),
        jobs::lease_owner.eq(None::<String>),
        jobs::lease_until.eq(None::<NaiveDateTime>),
    );
    Ok(on!(conn, |c| diesel::update(held).set(back).execute(c))?)
}
