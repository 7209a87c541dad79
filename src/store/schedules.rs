//! Tables `schedules`, `schedule_tags` and `schedule_devices`.

mod history;
mod list;
mod matching;
mod silent;
mod targets;

pub use history::{firings, is_last_note};
pub use list::{coming, list, names};
pub use matching::{count_of, counts, is_backed, matching, uncovered};
pub use silent::{overdue, unmatched};
pub use targets::{all_tags, named, naming, set_targets, target_names, targets};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::schedules};
use crate::domain::{
    id::{ScheduleId, UserId},
    schedule::{NewSchedule, Owner, Schedule},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = schedules, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct ScheduleRow {
    id: i64,
    name: String,
    description: String,
    recurrence: String,
    targets: String,
    is_enabled: bool,
    grace_minutes: i32,
    retention_days: Option<i32>,
    spread_minutes: i32,
    user_id: Option<i64>,
    created_by: String,
    version: i32,
    next_run_at: Option<NaiveDateTime>,
    last_run_at: Option<NaiveDateTime>,
    updated_at: NaiveDateTime,
}

impl TryFrom<ScheduleRow> for Schedule {
    type Error = StoreError;

    fn try_from(row: ScheduleRow) -> Result<Self, StoreError> {
        let recurrence = serde_json::from_str(&row.recurrence).map_err(|_| StoreError::Unreadable {
            column: "schedules.recurrence",
            value: row.recurrence.clone(),
        })?;
        Ok(Self {
            id: ScheduleId(row.id),
            name: row.name,
            description: row.description,
            recurrence,
            aim: column::word("schedules.targets", &row.targets)?,
            is_enabled: row.is_enabled,
            grace_minutes: row.grace_minutes,
            retention_days: row.retention_days,
            spread_minutes: row.spread_minutes,
            owner: Owner { user: row.user_id.map(UserId), name: row.created_by },
            version: row.version,
            next_run_at: column::instant(row.next_run_at),
            last_run_at: column::instant(row.last_run_at),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = schedules, treat_none_as_null = true)]
struct Written<'a> {
    name: &'a str,
    description: &'a str,
    kind: &'a str,
    recurrence: String,
    targets: &'a str,
    is_enabled: bool,
    grace_minutes: i32,
    retention_days: Option<i32>,
    spread_minutes: i32,
    user_id: Option<i64>,
    created_by: &'a str,
    next_run_at: Option<NaiveDateTime>,
    updated_at: NaiveDateTime,
}

impl<'a> Written<'a> {
    fn new(new: &'a NewSchedule, owner: &'a Owner, next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        Self {
            name: &new.name,
            description: &new.description,
            kind: new.recurrence.kind().as_str(),
            recurrence: serde_json::to_string(&new.recurrence).unwrap_or_default(),
            targets: new.targets.aim().as_str(),
            is_enabled: new.is_enabled,
            grace_minutes: new.grace_minutes,
            retention_days: new.retention_days,
            spread_minutes: new.spread_minutes,
            user_id: owner.user.map(|id| id.0),
            created_by: &owner.name,
            next_run_at: next.map(|at| at.naive_utc()),
            updated_at: now.naive_utc(),
        }
    }
}

/// Adds a schedule without its targets; [`StoreError::Conflict`] when the name is taken.
pub async fn insert(
    conn: &mut Conn,
    new: &NewSchedule,
    owner: &Owner,
    next: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<ScheduleId, StoreError> {
    let values = (
        Written::new(new, owner, next, now),
        schedules::version.eq(1),
        schedules::created_at.eq(now.naive_utc()),
    );
    let id: i64 = on!(conn, |c| diesel::insert_into(schedules::table)
        .values(values)
        .returning(schedules::id)
        .get_result(c))?;
    Ok(ScheduleId(id))
}

/// Writes an edit without its targets if the schedule still has the `version` that the edit started from.
pub async fn update(
    conn: &mut Conn,
    (id, version): (ScheduleId, i32),
    (new, owner): (&NewSchedule, &Owner),
    next: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = schedules::table.filter(schedules::id.eq(id.0).and(schedules::version.eq(version)));
    let values = (Written::new(new, owner, next, now), schedules::version.eq(version.wrapping_add(1)));
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// Switches it on, with its next slot, or off.
pub async fn set_enabled(
    conn: &mut Conn,
    id: ScheduleId,
    (is, next): (bool, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (
        schedules::is_enabled.eq(is),
        schedules::next_run_at.eq(next.map(|at| at.naive_utc())),
        schedules::version.eq(schedules::version + 1),
        schedules::updated_at.eq(now.naive_utc()),
    );
    Ok(on!(conn, |c| diesel::update(schedules::table.find(id.0)).set(values).execute(c))? > 0)
}

/// Removes it; `false` when there is none.
pub async fn delete(conn: &mut Conn, id: ScheduleId) -> Result<bool, StoreError> {
    Ok(on!(conn, |c| diesel::delete(schedules::table.find(id.0)).execute(c))? > 0)
}

/// The schedule with this id, if there is one.
pub async fn find(conn: &mut Conn, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
    let row: Option<ScheduleRow> =
        on!(conn, |c| schedules::table.find(id.0).select(ScheduleRow::as_select()).get_result(c))
            .optional()?;
    row.map(Schedule::try_from).transpose()
}

/// The schedule with this name, if there is one.
pub async fn find_by_name(conn: &mut Conn, name: &str) -> Result<Option<Schedule>, StoreError> {
    let row: Option<ScheduleRow> = on!(conn, |c| schedules::table
        .filter(schedules::name.eq(name))
        .select(ScheduleRow::as_select())
        .get_result(c))
    .optional()?;
    row.map(Schedule::try_from).transpose()
}

/// The enabled schedules whose slot has come, the oldest slot first, at most `limit`.
pub async fn due(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<Schedule>, StoreError> {
    let rows: Vec<ScheduleRow> = on!(conn, |c| schedules::table
        .filter(schedules::is_enabled.and(schedules::next_run_at.assume_not_null().le(now.naive_utc())))
        .select(ScheduleRow::as_select())
        .order((schedules::next_run_at, schedules::id))
        .limit(limit)
        .load(c))?;
    rows.into_iter().map(Schedule::try_from).collect()
}

/// The enabled schedules that were saved or ran after `now`: the clock has been put back since.
pub async fn ahead_of_clock(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Schedule>, StoreError> {
    let later = now.naive_utc();
    let rows: Vec<ScheduleRow> = on!(conn, |c| schedules::table
        .filter(schedules::is_enabled.and(schedules::next_run_at.is_not_null()).and(
            schedules::updated_at.gt(later).or(
                schedules::last_run_at.is_not_null().and(schedules::last_run_at.assume_not_null().gt(later))
            )
        ))
        .select(ScheduleRow::as_select())
        .order(schedules::id)
        .load(c))?;
    rows.into_iter().map(Schedule::try_from).collect()
}

/// Moves the schedule from the slot that was found to the next one, or switches it off where there is none; `false`
/// when another planner did.
pub async fn advance(
    conn: &mut Conn,
    id: ScheduleId,
    (slot, next): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<bool, StoreError> {
    let row = schedules::table.filter(
        schedules::id
            .eq(id.0)
            .and(schedules::is_enabled)
            .and(schedules::next_run_at.assume_not_null().eq(slot.naive_utc())),
    );
    let values =
        (schedules::is_enabled.eq(next.is_some()), schedules::next_run_at.eq(next.map(|at| at.naive_utc())));
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// Notes the slot that has just brought jobs.
pub async fn ran(conn: &mut Conn, id: ScheduleId, slot: DateTime<Utc>) -> Result<(), StoreError> {
    let ran = schedules::last_run_at.eq(slot.naive_utc());
    on!(conn, |c| diesel::update(schedules::table.find(id.0)).set(ran).execute(c))?;
    Ok(())
}
