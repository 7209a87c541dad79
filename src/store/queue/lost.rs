//! Jobs whose worker died: found by their leases, never by who the worker was.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::unheld;
use crate::{
    domain::{
        failure::FailureClass,
        id::{DeviceId, JobId},
        job::{JobState, Outcome},
    },
    store::{
        Conn, StoreError,
        devices::{self, JobMark},
        jobs::is_running,
        on,
        schema::jobs,
    },
};

/// How often a job may take its process down before it is given up.
pub const MAX_DEATHS: i32 = 3;

/// A lease that nobody seems to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// The job.
    pub job: JobId,
    /// The holding that it is from.
    pub fence: i64,
    /// When it runs out.
    pub until: DateTime<Utc>,
}

/// Which leases cannot be right: run out by `now`, or reaching farther than `longest`, as after the clock was put back.
macro_rules! is_wrong {
    ($now:expr, $longest:expr) => {
        is_running().and(
            jobs::lease_until
                .assume_not_null()
                .lt($now.naive_utc())
                .or(jobs::lease_until.assume_not_null().gt($longest.naive_utc())),
        )
    };
}

/// The leases that cannot be right.
pub async fn lost(
    conn: &mut Conn,
    (now, longest): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Lost>, StoreError> {
    let rows: Vec<(i64, i64, NaiveDateTime)> = on!(conn, |c| jobs::table
        .filter(is_wrong!(now, longest))
        .select((jobs::id, jobs::fence, jobs::lease_until.assume_not_null()))
        .load(c))?;
    Ok(rows
        .into_iter()
        .map(|(id, fence, until)| Lost { job: JobId(id), fence, until: until.and_utc() })
        .collect())
}

/// Frees those of these jobs that are still held under the same lease. Returns how many wait again, and how many are
/// given up because their process died every time. What nobody wants any more is canceled.
pub async fn free(conn: &mut Conn, lost: &[Lost], now: DateTime<Utc>) -> Result<(usize, usize), StoreError> {
    let (mut again, mut given_up) = (0, 0);
    for one in lost {
        let held = || {
            jobs::table.filter(
                jobs::id
                    .eq(one.job.0)
                    .and(is_running())
                    .and(jobs::fence.eq(one.fence))
                    .and(jobs::lease_until.assume_not_null().eq(one.until.naive_utc())),
            )
        };
        let unwanted = held().filter(jobs::is_cancel_wanted.or(jobs::device_id.is_null()));
        let canceled = (jobs::state.eq(JobState::Canceled.as_str()), jobs::finished_at.eq(now.naive_utc()));
        on!(conn, |c| diesel::update(unwanted).set((canceled, unheld!())).execute(c))?;
        let poison = held().filter(jobs::deaths.ge(MAX_DEATHS - 1));
        let discarded = (
            jobs::state.eq(JobState::Discarded.as_str()),
            jobs::finished_at.eq(now.naive_utc()),
            jobs::outcome.eq(Outcome::Error.as_str()),
            jobs::class.eq(FailureClass::Internal.as_str()),
            jobs::deaths.eq(jobs::deaths + 1),
            jobs::message
                .eq("The process that worked on this job died each time; it is not tried again by itself."),
        );
        let gone: Option<Option<i64>> = on!(conn, |c| diesel::update(poison)
            .set((discarded, unheld!()))
            .returning(jobs::device_id)
            .get_result(c))
        .optional()?;
        if let Some(device) = gone {
            given_up += 1;
            mark(conn, one.job, device, now).await?;
        }
        let retrying = (
            jobs::state.eq(JobState::Retrying.as_str()),
            jobs::due_at.eq(now.naive_utc()),
            jobs::deaths.eq(jobs::deaths + 1),
            jobs::message.eq("The process that worked on this job died; the job was interrupted."),
        );
        again += on!(conn, |c| diesel::update(held()).set((retrying, unheld!())).execute(c))?;
    }
    Ok((again, given_up))
}

/// A device whose jobs are given up must not go on looking well.
async fn mark(
    conn: &mut Conn,
    job: JobId,
    device: Option<i64>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(device) = device else { return Ok(()) };
    let mark = JobMark {
        job,
        state: JobState::Discarded,
        outcome: Outcome::Error,
        class: Some(FailureClass::Internal.as_str()),
        backup: None,
    };
    devices::mark(conn, DeviceId(device), &mark, now).await
}

/// Jobs that wait for a time which is out of reach since the clock was put back: made after `now`, or put back until
/// after `farthest`.
macro_rules! is_ahead {
    ($now:expr, $farthest:expr) => {
        sql::<Bool>("state IN ('queued', 'retrying')").and(
            jobs::queued_at
                .gt($now.naive_utc())
                .or(sql::<Bool>("state = 'retrying'").and(jobs::due_at.gt($farthest.naive_utc()))),
        )
    };
}

/// Whether there are such jobs.
pub async fn ahead_of_clock(
    conn: &mut Conn,
    (now, farthest): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, StoreError> {
    let ahead = jobs::table.filter(is_ahead!(now, farthest));
    Ok(on!(conn, |c| diesel::select(diesel::dsl::exists(ahead)).get_result(c))?)
}

/// Makes such jobs due now.
pub async fn follow_clock(
    conn: &mut Conn,
    (now, farthest): (DateTime<Utc>, DateTime<Utc>),
) -> Result<usize, StoreError> {
    let values = (jobs::queued_at.eq(now.naive_utc()), jobs::due_at.eq(now.naive_utc()));
    let ahead = jobs::table.filter(is_ahead!(now, farthest));
    Ok(on!(conn, |c| diesel::update(ahead).set(values).execute(c))?)
}
