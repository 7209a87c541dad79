//! Table `schedules`.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::schedules};
use crate::domain::{
    id::ScheduleId,
    schedule::{NewSchedule, Recurrence, Schedule},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = schedules, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct ScheduleRow {
    id: i64,
    name: String,
    recurrence: String,
    is_enabled: bool,
    next_run_at: Option<NaiveDateTime>,
    last_run_at: Option<NaiveDateTime>,
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
            recurrence,
            is_enabled: row.is_enabled,
            next_run_at: column::instant(row.next_run_at),
            last_run_at: column::instant(row.last_run_at),
        })
    }
}

/// The kind and the times of a recurrence, as columns.
fn parts(recurrence: &Recurrence) -> (&'static str, String) {
    let kind = match recurrence {
        Recurrence::Every { .. } => "interval",
        Recurrence::Daily { .. } => "daily",
    };
    (kind, serde_json::to_string(recurrence).unwrap_or_default())
}

/// Adds a schedule; [`StoreError::Conflict`] when the name is taken.
pub async fn insert(
    conn: &mut Conn,
    new: &NewSchedule,
    next: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<ScheduleId, StoreError> {
    let (kind, recurrence) = parts(&new.recurrence);
    let values = (
        schedules::name.eq(new.name.as_str()),
        schedules::kind.eq(kind),
        schedules::recurrence.eq(recurrence),
        schedules::is_enabled.eq(new.is_enabled),
        schedules::next_run_at.eq(next.map(|at| at.naive_utc())),
        schedules::description.eq(""),
        schedules::targets.eq("all"),
        schedules::grace_minutes.eq(60),
        schedules::created_by.eq("console"),
        schedules::version.eq(1),
        schedules::created_at.eq(now.naive_utc()),
        schedules::updated_at.eq(now.naive_utc()),
    );
    let id: i64 = on!(conn, |c| diesel::insert_into(schedules::table)
        .values(values)
        .returning(schedules::id)
        .get_result(c))?;
    Ok(ScheduleId(id))
}

/// Writes an edit; `false` when there is no such schedule.
pub async fn update(
    conn: &mut Conn,
    id: ScheduleId,
    new: &NewSchedule,
    next: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (kind, recurrence) = parts(&new.recurrence);
    let values = (
        schedules::name.eq(new.name.as_str()),
        schedules::kind.eq(kind),
        schedules::recurrence.eq(recurrence),
        schedules::is_enabled.eq(new.is_enabled),
        schedules::next_run_at.eq(next.map(|at| at.naive_utc())),
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
        on!(conn, |c| schedules::table.find(id.0).select(ScheduleRow::as_select()).first(c)).optional()?;
    row.map(Schedule::try_from).transpose()
}

/// All schedules, by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<Schedule>, StoreError> {
    let rows: Vec<ScheduleRow> =
        on!(conn, |c| schedules::table.select(ScheduleRow::as_select()).order(schedules::name).load(c))?;
    rows.into_iter().map(Schedule::try_from).collect()
}

/// The enabled schedules whose slot has come.
pub async fn due(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Schedule>, StoreError> {
    let rows: Vec<ScheduleRow> = on!(conn, |c| schedules::table
        .filter(schedules::is_enabled.and(schedules::next_run_at.le(now.naive_utc())))
        .select(ScheduleRow::as_select())
        .order(schedules::id)
        .load(c))?;
    rows.into_iter().map(Schedule::try_from).collect()
}

/// Moves the schedule from the slot that was found due to the next one; `false` when another planner did.
pub async fn advance(
    conn: &mut Conn,
    id: ScheduleId,
    (slot, next): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<bool, StoreError> {
    let row =
        schedules::table.filter(schedules::id.eq(id.0).and(schedules::next_run_at.eq(slot.naive_utc())));
    let values = (
        schedules::last_run_at.eq(slot.naive_utc()),
        schedules::next_run_at.eq(next.map(|at| at.naive_utc())),
    );
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}
