//! Table `storage_work`: what one node does for all, and how far it has come.
//!
//! Whoever holds the lease is at it. A node that dies leaves a lease that ends, and another goes on from the position.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, contents::Place, on, schema::storage_work};
use crate::domain::text_enum;

text_enum! {
    /// The column `storage_work.kind`.
    pub enum Kind {
        /// Reading contents back.
        Verify = "verify",
        /// Moving contents.
        Move = "move",
    }
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Where contents are moved to.
    pub target: Option<Place>,
    /// Who asked for it.
    pub started_by: String,
    /// When.
    pub started_at: DateTime<Utc>,
    /// When it was over; `None` while it goes on.
    pub finished_at: Option<DateTime<Utc>>,
    /// The last content that was looked at.
    pub position: String,
    /// Contents that are done.
    pub done: i64,
    /// Contents that could not be.
    pub failed: i64,
    /// Why it stands still, if it does.
    pub message: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = storage_work, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct WorkRow {
    target: Option<String>,
    started_by: String,
    started_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
    position: String,
    done: i64,
    failed: i64,
    message: Option<String>,
}

/// The newest work of this kind, if there was any.
pub async fn find(conn: &mut Conn, kind: Kind) -> Result<Option<Work>, StoreError> {
    let row: Option<WorkRow> =
        on!(conn, |c| storage_work::table.find(kind.as_str()).select(WorkRow::as_select()).get_result(c))
            .optional()?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Work {
        target: column::word_if_any("storage_work.target", row.target.as_deref())?,
        started_by: row.started_by,
        started_at: row.started_at.and_utc(),
        finished_at: column::instant(row.finished_at),
        position: row.position,
        done: row.done,
        failed: row.failed,
        message: row.message,
    }))
}

/// Begins work anew in place of what was before.
pub async fn begin(
    conn: &mut Conn,
    kind: Kind,
    (target, started_by): (Option<Place>, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let at = now.naive_utc();
    let fresh = || {
        (
            storage_work::target.eq(target.map(Place::as_str)),
            storage_work::started_by.eq(started_by),
            storage_work::started_at.eq(at),
            storage_work::finished_at.eq(None::<NaiveDateTime>),
            storage_work::lease_until.eq(at),
            storage_work::position.eq(""),
            storage_work::done.eq(0),
            storage_work::failed.eq(0),
            storage_work::message.eq(None::<String>),
        )
    };
    let row = (storage_work::kind.eq(kind.as_str()), fresh());
    on!(conn, |c| diesel::insert_into(storage_work::table)
        .values(row)
        .on_conflict(storage_work::kind)
        .do_update()
        .set(fresh())
        .execute(c))?;
    Ok(())
}

/// Begins work anew if what was before began before `before`; whether this node is the one that does.
pub async fn begin_if_older(
    conn: &mut Conn,
    kind: Kind,
    (before, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    if find(conn, kind).await?.is_none() {
        begin(conn, kind, (None, "netraven"), DateTime::UNIX_EPOCH).await?;
    }
    let old = storage_work::table.filter(
        storage_work::kind
            .eq(kind.as_str())
            .and(storage_work::started_at.lt(before.naive_utc()))
            .and(storage_work::lease_until.le(now.naive_utc())),
    );
    let values = (
        storage_work::started_at.eq(now.naive_utc()),
        storage_work::finished_at.eq(None::<NaiveDateTime>),
        storage_work::lease_until.eq(until.naive_utc()),
        storage_work::done.eq(0),
        storage_work::failed.eq(0),
        storage_work::message.eq(None::<String>),
    );
    Ok(on!(conn, |c| diesel::update(old).set(values).execute(c))? > 0)
}

/// Takes the next step's lease; whether this node has it now.
pub async fn lease(
    conn: &mut Conn,
    kind: Kind,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let free = storage_work::table.filter(
        storage_work::kind
            .eq(kind.as_str())
            .and(storage_work::finished_at.is_null())
            .and(storage_work::lease_until.le(now.naive_utc())),
    );
    Ok(on!(conn, |c| diesel::update(free).set(storage_work::lease_until.eq(until.naive_utc())).execute(c))?
        > 0)
}

/// What a step came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// The last content that was looked at; `None` leaves it.
    pub position: Option<String>,
    /// More that are done.
    pub done: i64,
    /// More that could not be.
    pub failed: i64,
    /// Why it stands still; `None` when it does not.
    pub message: Option<String>,
    /// Whether that was all.
    pub is_over: bool,
}

/// Writes a step down and gives the lease back; `false` when the work that began at `started_at` is no longer this one.
pub async fn advance(
    conn: &mut Conn,
    (kind, started_at): (Kind, DateTime<Utc>),
    step: &Step,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let at = now.naive_utc();
    let ours = storage_work::table.filter(
        storage_work::kind.eq(kind.as_str()).and(storage_work::started_at.eq(started_at.naive_utc())),
    );
    let values = (
        storage_work::done.eq(storage_work::done + step.done),
        storage_work::failed.eq(storage_work::failed + step.failed),
        storage_work::message.eq(step.message.clone()),
        storage_work::lease_until.eq(at),
        storage_work::finished_at.eq(step.is_over.then_some(at)),
    );
    let is_ours = on!(conn, |c| diesel::update(ours).set(values).execute(c))? > 0;
    if let Some(position) = step.position.as_ref().filter(|_| is_ours) {
        let row = storage_work::table.find(kind.as_str());
        on!(conn, |c| diesel::update(row).set(storage_work::position.eq(position)).execute(c))?;
    }
    Ok(is_ours)
}
