//! Taking jobs: those that a person waits for first, then batches in turn, as far as caps allow.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::caps::{self, Caps};
use crate::{
    domain::{
        id::{DeviceId, JobId},
        job::{Claimed, JobState, Places, Priority},
    },
    store::{
        Conn, StoreError, column, on,
        prepared::prepared,
        schema::{device_tags, jobs},
    },
};

const WAITING: &str = "state IN ('queued', 'retrying')";

/// A job that may be taken.
#[derive(Debug, Queryable)]
pub(super) struct Due {
    id: i64,
    pub(super) device: Option<i64>,
    kind: String,
    payload: Option<String>,
    priority: i32,
    fence: i64,
    attempt: i32,
    deaths: i32,
    message: Option<String>,
}

/// Takes as many due jobs for `owner` as there are places, until `until`; the caller's transaction makes it one step.
///
/// Within a priority the smallest turn goes first, whatever its batch: batches that wait together are worked on in
/// turn. A job whose tag or credential has no room left waits without keeping others from their turn.
pub async fn claim(
    conn: &mut Conn,
    owner: &str,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    places: Places,
) -> Result<Vec<Claimed>, StoreError> {
    let mut caps = caps::load(conn).await?;
    let mut taken = Vec::new();
    let urgent = i32::MIN..=Priority::URGENT.0;
    let others = Priority::URGENT.0 + 1..=i32::MAX;
    take(conn, &mut caps, (owner, now, until), (urgent, places.urgent), &mut taken).await?;
    let left = places.others.min(places.urgent - count(&taken));
    take(conn, &mut caps, (owner, now, until), (others, left), &mut taken).await?;
    Ok(taken)
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

async fn take(
    conn: &mut Conn,
    caps: &mut Caps,
    (owner, now, until): (&str, DateTime<Utc>, DateTime<Utc>),
    (priorities, places): (RangeInclusive<i32>, i64),
    taken: &mut Vec<Claimed>,
) -> Result<(), StoreError> {
    let mut left = places;
    // Each round takes all there are, or fills one cap at least, whose jobs the next one does not look at.
    while left > 0 {
        let found = due(conn, now, (priorities.clone(), left), caps).await?;
        let is_last = count(&found) < left;
        let fitting = caps.fit(conn, found).await?;
        left -= count(&fitting);
        let is_all = fitting.is_empty();
        hold(conn, owner, &fitting, (now, until)).await?;
        for row in fitting {
            taken.extend(claimed(row, until)?);
        }
        if is_last || is_all {
            break;
        }
    }
    Ok(())
}

async fn due(
    conn: &mut Conn,
    now: DateTime<Utc>,
    (priorities, limit): (RangeInclusive<i32>, i64),
    caps: &Caps,
) -> Result<Vec<Due>, StoreError> {
    let (tags, credentials) = caps.full();
    let is_plain = tags.is_empty() && credentials.is_empty();
    let full = device_tags::table.filter(device_tags::tag_id.eq_any(tags)).select(device_tags::device_id);
    let due = jobs::table
        .filter(sql::<Bool>(WAITING).and(jobs::priority.between(*priorities.start(), *priorities.end())))
        .filter(jobs::due_at.le(now.naive_utc()).and(jobs::device_id.is_not_null()))
        .filter(jobs::device_id.assume_not_null().ne_all(full))
        .filter(jobs::device_id.assume_not_null().ne_all(caps::devices_of!(credentials)))
        .order((jobs::priority, jobs::turn, jobs::id))
        .select((
            jobs::id,
            jobs::device_id,
            jobs::kind,
            jobs::payload,
            jobs::priority,
            jobs::fence,
            jobs::attempt,
            jobs::deaths,
            jobs::message,
        ))
        .limit(limit);
    Ok(match conn {
        // The transaction already holds SQLite's only write lock.
        Conn::Sqlite(c) if is_plain => prepared(due).load(c).await?,
        Conn::Sqlite(c) => due.load(c).await?,
        Conn::Postgres(c) => due.for_update().skip_locked().load(c).await?,
    })
}

async fn hold(
    conn: &mut Conn,
    owner: &str,
    rows: &[Due],
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let values = (
        jobs::state.eq(JobState::Running.as_str()),
        jobs::attempt.eq(jobs::attempt + 1),
        jobs::fence.eq(jobs::fence + 1),
        jobs::lease_owner.eq(owner),
        jobs::lease_until.eq(until.naive_utc()),
        jobs::started_at.eq(now.naive_utc()),
        (
            jobs::class.eq(None::<String>),
            jobs::stage.eq(None::<String>),
            jobs::message.eq(None::<String>),
            jobs::finished_at.eq(None::<NaiveDateTime>),
        ),
    );
    on!(conn, |c| diesel::update(jobs::table.filter(jobs::id.eq_any(&ids))).set(values).execute(c))?;
    Ok(())
}

fn claimed(row: Due, until: DateTime<Utc>) -> Result<Option<Claimed>, StoreError> {
    let Some(device) = row.device else { return Ok(None) };
    Ok(Some(Claimed {
        id: JobId(row.id),
        device: DeviceId(device),
        kind: column::word("jobs.kind", &row.kind)?,
        payload: row.payload,
        priority: Priority(row.priority),
        fence: row.fence + 1,
        attempt: row.attempt + 1,
        deaths: row.deaths,
        before: row.message,
        lease_until: until,
    }))
}
