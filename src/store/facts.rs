//! Tables `facts` and `fact_changes`: what devices tell of themselves, and what became another.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    prepared::prepared,
    schema::{fact_changes, facts},
};
use crate::domain::{
    fact::{FactChange, FactName, Facts, Learned, SeenChange},
    id::DeviceId,
};

/// The column's text as facts; names that this version does not know are left out.
pub(super) fn read(told: &str) -> Result<Facts, StoreError> {
    let all: BTreeMap<String, String> = serde_json::from_str(told)
        .map_err(|_| StoreError::Unreadable { column: "facts.told", value: told.to_owned() })?;
    Ok(all.into_iter().filter_map(|(name, value)| Some((name.parse().ok()?, value))).collect())
}

/// Keeps what a device told at `now`.
pub async fn keep(
    conn: &mut Conn,
    device: DeviceId,
    learned: &Learned,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let now = now.naive_utc();
    let all: BTreeMap<&str, &String> =
        learned.facts.iter().map(|(name, value)| (name.as_str(), value)).collect();
    // A map of texts always has a form in JSON.
    let told = serde_json::to_string(&all).unwrap_or_default();
    let values = (facts::device_id.eq(device.0), facts::told.eq(&told), facts::seen_at.eq(now));
    let latest = (facts::told.eq(&told), facts::seen_at.eq(now));
    on!(conn, |c| prepared(
        diesel::insert_into(facts::table)
            .values(values)
            .on_conflict(facts::device_id)
            .do_update()
            .set(latest)
    )
    .execute(c))?;
    for change in &learned.changes {
        let values = (
            fact_changes::device_id.eq(device.0),
            fact_changes::name.eq(change.name.as_str()),
            fact_changes::before.eq(change.before.as_deref()),
            fact_changes::after.eq(&change.after),
            fact_changes::at.eq(now),
        );
        on!(conn, |c| diesel::insert_into(fact_changes::table).values(values).execute(c))?;
    }
    Ok(())
}

/// What a device told of itself, and when it last did; `None` where it never has.
pub async fn find(conn: &mut Conn, device: DeviceId) -> Result<Option<(Facts, DateTime<Utc>)>, StoreError> {
    let row: Option<(String, NaiveDateTime)> =
        on!(conn, |c| facts::table.find(device.0).select((facts::told, facts::seen_at)).get_result(c))
            .optional()?;
    row.map(|(told, at)| Ok((read(&told)?, at.and_utc()))).transpose()
}

/// The newest `limit` changes of a device's facts; what it told for the first time is none.
pub async fn changes(conn: &mut Conn, device: DeviceId, limit: i64) -> Result<Vec<SeenChange>, StoreError> {
    let rows: Vec<(String, Option<String>, String, NaiveDateTime)> = on!(conn, |c| fact_changes::table
        .filter(fact_changes::device_id.eq(device.0).and(fact_changes::before.is_not_null()))
        .order(fact_changes::id.desc())
        .limit(limit)
        .select((fact_changes::name, fact_changes::before, fact_changes::after, fact_changes::at))
        .load(c))?;
    rows.into_iter()
        .map(|(name, before, after, at)| {
            let name = column::word::<FactName>("fact_changes.name", &name)?;
            Ok(SeenChange { change: FactChange { name, before, after }, at: at.and_utc() })
        })
        .collect()
}
