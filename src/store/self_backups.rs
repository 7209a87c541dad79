//! Table `self_backups`: copies of NetRaven itself, as they were made or tried.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::self_backups};

/// A copy that was made or tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfBackup {
    /// The row.
    pub id: i64,
    /// Where it is.
    pub file: String,
    /// When it was begun: it holds what was true then.
    pub started_at: DateTime<Utc>,
    /// When it was whole; `None` while it is made and when it failed.
    pub finished_at: Option<DateTime<Utc>>,
    /// Its size.
    pub bytes: i64,
    /// Why it failed.
    pub error: Option<String>,
}

type Row = (i64, String, NaiveDateTime, Option<NaiveDateTime>, i64, Option<String>);

impl From<Row> for SelfBackup {
    fn from((id, file, started_at, finished_at, bytes, error): Row) -> Self {
        let (started_at, finished_at) = (started_at.and_utc(), column::instant(finished_at));
        Self { id, file, started_at, finished_at, bytes, error }
    }
}

macro_rules! columns {
    () => {
        (
            self_backups::id,
            self_backups::file,
            self_backups::started_at,
            self_backups::finished_at,
            self_backups::bytes,
            self_backups::error,
        )
    };
}

/// The newest that is whole.
pub async fn newest(conn: &mut Conn) -> Result<Option<SelfBackup>, StoreError> {
    let whole = self_backups::table.filter(self_backups::finished_at.is_not_null());
    let newest = whole.order((self_backups::started_at.desc(), self_backups::id.desc())).select(columns!());
    let row: Option<Row> = on!(conn, |c| newest.first(c)).optional()?;
    Ok(row.map(SelfBackup::from))
}

/// The last that was begun, whatever came of it.
pub async fn last(conn: &mut Conn) -> Result<Option<SelfBackup>, StoreError> {
    let last = self_backups::table.order(self_backups::id.desc()).select(columns!());
    let row: Option<Row> = on!(conn, |c| last.first(c)).optional()?;
    Ok(row.map(SelfBackup::from))
}

/// Begins one and gives its row. One that says which good copy it `follows` is refused with
/// [`StoreError::Conflict`] when another node has begun the same.
pub async fn begin(
    conn: &mut Conn,
    (file, follows): (&str, Option<i64>),
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let values = (
        self_backups::file.eq(file),
        self_backups::follows.eq(follows),
        self_backups::started_at.eq(now.naive_utc()),
    );
    Ok(on!(conn, |c| diesel::insert_into(self_backups::table)
        .values(values)
        .returning(self_backups::id)
        .get_result(c))?)
}

/// It is whole, and so long.
pub async fn finish(conn: &mut Conn, id: i64, bytes: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    let values = (self_backups::finished_at.eq(now.naive_utc()), self_backups::bytes.eq(bytes));
    on!(conn, |c| diesel::update(self_backups::table.find(id)).set(values).execute(c))?;
    Ok(())
}

/// It failed; another may be begun in its place.
pub async fn fail(conn: &mut Conn, id: i64, why: &str) -> Result<(), StoreError> {
    let values = (self_backups::error.eq(why), self_backups::follows.eq(None::<i64>));
    on!(conn, |c| diesel::update(self_backups::table.find(id)).set(values).execute(c))?;
    Ok(())
}

/// Gives up those that were begun before `before` and never came to an end: their process died.
pub async fn give_up(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let dead = self_backups::table.filter(
        self_backups::finished_at
            .is_null()
            .and(self_backups::error.is_null())
            .and(self_backups::started_at.lt(before.naive_utc())),
    );
    let values =
        (self_backups::error.eq("The process that made it died."), self_backups::follows.eq(None::<i64>));
    Ok(on!(conn, |c| diesel::update(dead).set(values).execute(c))?)
}

/// Forgets what was begun before `before`, but for the newest that is whole.
pub async fn forget(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let kept = newest(conn).await?.map_or(0, |newest| newest.id);
    let old = self_backups::table
        .filter(self_backups::started_at.lt(before.naive_utc()).and(self_backups::id.ne(kept)));
    Ok(on!(conn, |c| diesel::delete(old).execute(c))?)
}
