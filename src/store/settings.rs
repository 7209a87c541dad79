//! Table `settings`: one row per declared key.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, on, schema::settings};
use crate::domain::id::SettingId;

/// A setting's row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = settings, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct SettingRow {
    /// The row's id.
    pub id: i64,
    /// The declared key.
    pub key: String,
    /// The value of one that is not sensitive.
    pub value: Option<String>,
    /// The sealed value of one that is.
    pub sealed: Option<Vec<u8>>,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
    /// By whom.
    pub updated_by: String,
}

/// All rows, by key.
pub async fn list(conn: &mut Conn) -> Result<Vec<SettingRow>, StoreError> {
    Ok(on!(conn, |c| settings::table.select(SettingRow::as_select()).order(settings::key).load(c))?)
}

/// All rows, by key, held until the transaction ends: two who change settings at once come one after the other.
pub async fn list_to_change(conn: &mut Conn) -> Result<Vec<SettingRow>, StoreError> {
    let rows = settings::table.order(settings::key);
    Ok(match conn {
        // The transaction holds SQLite's one write lock already.
        Conn::Sqlite(c) => rows.select(SettingRow::as_select()).load(c).await?,
        Conn::Postgres(c) => rows.select(SettingRow::as_select()).for_update().load(c).await?,
    })
}

/// The row with this id, if there is one.
pub async fn find(conn: &mut Conn, id: SettingId) -> Result<Option<SettingRow>, StoreError> {
    Ok(on!(conn, |c| settings::table.find(id.0).select(SettingRow::as_select()).get_result(c)).optional()?)
}

/// The row with this key, if there is one.
pub async fn find_by_key(conn: &mut Conn, key: &str) -> Result<Option<SettingRow>, StoreError> {
    Ok(on!(conn, |c| settings::table
        .filter(settings::key.eq(key))
        .select(SettingRow::as_select())
        .get_result(c))
    .optional()?)
}

/// Adds a row with the default of its key, unless there is one: what an admin changed stays. Whether it was added.
pub async fn insert_if_absent(
    conn: &mut Conn,
    (key, value): (&str, Option<&str>),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (
        settings::key.eq(key),
        settings::value.eq(value),
        settings::updated_at.eq(now.naive_utc()),
        settings::updated_by.eq("netraven"),
    );
    let added = on!(conn, |c| diesel::insert_into(settings::table)
        .values(values)
        .on_conflict(settings::key)
        .do_nothing()
        .execute(c))?;
    Ok(added > 0)
}

/// Writes a value: plain or sealed.
pub async fn update(
    conn: &mut Conn,
    key: &str,
    (value, sealed): (Option<&str>, Option<&[u8]>),
    (by, now): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    let row = settings::table.filter(settings::key.eq(key));
    let values = (
        settings::value.eq(value),
        settings::sealed.eq(sealed),
        settings::updated_at.eq(now.naive_utc()),
        settings::updated_by.eq(by),
    );
    on!(conn, |c| diesel::update(row).set(values).execute(c))?;
    Ok(())
}
