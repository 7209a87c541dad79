//! What should have happened and has not: devices that are overdue, schedules that mean nothing.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not, sql},
    prelude::*,
    sql_types::{BigInt, Bool},
};
use diesel_async::RunQueryDsl;

use super::matching::MEANS;
use crate::{
    domain::{
        access::Scope,
        id::{DeviceId, ScheduleId},
        silence::{Allowed, NAMED},
    },
    store::{
        Conn, StoreError, on,
        schema::{devices, schedules},
        scope,
    },
};

/// How many rows there are before the limit.
const TOTAL: &str = "count(*) OVER ()";

/// Since when a device has been without a good backup.
const SINCE: &str = "COALESCE(devices.last_good_at, devices.created_at)";

/// A time as both databases read it.
fn literal(at: DateTime<Utc>) -> String {
    format!("'{}'", at.format("%Y-%m-%d %H:%M:%S"))
}

/// Whether the row of `schedules` allows the row of `devices` no longer time. A schedule that was saved within its two
/// intervals has had no time to bring anything.
fn over(allowed: &[Allowed]) -> String {
    let of = |one: &Allowed| {
        let ids: Vec<String> = one.schedules.iter().map(ToString::to_string).collect();
        let before = literal(one.before);
        format!(
            "(schedules.id IN ({}) AND schedules.updated_at < {before} AND {SINCE} < {before})",
            ids.join(", ")
        )
    };
    let all: Vec<String> = allowed.iter().map(of).collect();
    if all.is_empty() { "FALSE".to_owned() } else { format!("({})", all.join(" OR ")) }
}

/// How many enabled devices within `scope` have been without a good backup for longer than an enabled schedule that
/// means them allows, or since before `uncovered` where none means them; and some of them by name.
pub async fn overdue(
    conn: &mut Conn,
    scope: Scope,
    allowed: &[Allowed],
    uncovered: DateTime<Utc>,
) -> Result<(i64, Vec<(DeviceId, String)>), StoreError> {
    let latest = allowed.iter().map(|one| one.before).chain([uncovered]).max().unwrap_or(uncovered);
    let means = || schedules::table.filter(schedules::is_enabled.and(sql::<Bool>(MEANS)));
    let late = exists(means().filter(sql::<Bool>(&over(allowed))));
    let alone = sql::<Bool>(&format!("{SINCE} < {}", literal(uncovered))).and(not(exists(means())));
    let rows: Vec<(i64, i64, String)> = on!(conn, |c| devices::table
        .filter(devices::is_enabled.and(scope::in_scope!(scope)))
        .filter(sql::<Bool>(&format!("{SINCE} < {}", literal(latest))))
        .filter(late.or(alone))
        .select((sql::<BigInt>(TOTAL), devices::id, devices::name))
        .order((devices::name_key, devices::id))
        .limit(NAMED)
        .load(c))?;
    let count = rows.as_slice().first().map_or(0, |(count, ..)| *count);
    Ok((count, rows.into_iter().map(|(_, id, name)| (DeviceId(id), name)).collect()))
}

/// How many enabled schedules mean no device, and some of them by name.
pub async fn unmatched(conn: &mut Conn) -> Result<(i64, Vec<(ScheduleId, String)>), StoreError> {
    let meant = devices::table.filter(sql::<Bool>(MEANS));
    let rows: Vec<(i64, i64, String)> = on!(conn, |c| schedules::table
        .filter(schedules::is_enabled.and(not(exists(meant))))
        .select((sql::<BigInt>(TOTAL), schedules::id, schedules::name))
        .order((schedules::name, schedules::id))
        .limit(NAMED)
        .load(c))?;
    let count = rows.as_slice().first().map_or(0, |(count, ..)| *count);
    Ok((count, rows.into_iter().map(|(_, id, name)| (ScheduleId(id), name)).collect()))
}
