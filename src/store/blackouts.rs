//! Table `blackouts`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, on,
    schema::{blackouts, schedules},
};
use crate::domain::{
    id::{BlackoutId, ScheduleId},
    schedule::{Blackout, NewBlackout, Window},
};

type Row = (i64, String, String, String, String, String, Option<i64>, Option<String>);

fn read((id, name, days, starts, ends, zone, schedule, of): Row) -> Result<Blackout, StoreError> {
    let days: Vec<String> = days.split(',').map(str::to_owned).collect();
    let window = Window::parse(&days, (&starts, &ends), &zone)
        .map_err(|_| StoreError::Unreadable { column: "blackouts", value: id.to_string() })?;
    Ok(Blackout { id: BlackoutId(id), name, schedule: schedule.map(ScheduleId).zip(of), window })
}

macro_rules! rows {
    () => {
        blackouts::table.left_join(schedules::table).select((
            blackouts::id,
            blackouts::name,
            blackouts::days,
            blackouts::starts,
            blackouts::ends,
            blackouts::zone,
            blackouts::schedule_id,
            schedules::name.nullable(),
        ))
    };
}

/// All black-outs, those of all schedules first, then by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<Blackout>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| rows!()
        .order((blackouts::schedule_id.is_not_null(), blackouts::name, blackouts::id))
        .load(c))?;
    rows.into_iter().map(read).collect()
}

/// The black-outs that stop this schedule, its own and those of all; without one, those of all.
pub async fn of(conn: &mut Conn, schedule: Option<ScheduleId>) -> Result<Vec<Blackout>, StoreError> {
    let own = schedule.map_or(0, |id| id.0);
    let rows: Vec<Row> = on!(conn, |c| rows!()
        .filter(blackouts::schedule_id.is_null().or(blackouts::schedule_id.assume_not_null().eq(own)))
        .order((blackouts::schedule_id.is_not_null(), blackouts::name, blackouts::id))
        .load(c))?;
    rows.into_iter().map(read).collect()
}

/// The black-out with this id, if there is one.
pub async fn find(conn: &mut Conn, id: BlackoutId) -> Result<Option<Blackout>, StoreError> {
    let row: Option<Row> = on!(conn, |c| rows!().filter(blackouts::id.eq(id.0)).get_result(c)).optional()?;
    row.map(read).transpose()
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = blackouts, treat_none_as_null = true)]
struct Written<'a> {
    schedule_id: Option<i64>,
    name: &'a str,
    days: String,
    starts: String,
    ends: String,
    zone: &'a str,
}

impl<'a> From<&'a NewBlackout> for Written<'a> {
    fn from(new: &'a NewBlackout) -> Self {
        Self {
            schedule_id: new.schedule.map(|id| id.0),
            name: &new.name,
            days: new.window.days.to_string(),
            starts: new.window.starts.format("%H:%M").to_string(),
            ends: new.window.ends.format("%H:%M").to_string(),
            zone: new.window.zone.name(),
        }
    }
}

/// Adds a black-out.
pub async fn insert(
    conn: &mut Conn,
    new: &NewBlackout,
    now: DateTime<Utc>,
) -> Result<BlackoutId, StoreError> {
    let values = (Written::from(new), blackouts::created_at.eq(now.naive_utc()));
    let id: i64 = on!(conn, |c| diesel::insert_into(blackouts::table)
        .values(values)
        .returning(blackouts::id)
        .get_result(c))?;
    Ok(BlackoutId(id))
}

/// Writes an edit; `false` when there is no such black-out.
pub async fn update(conn: &mut Conn, id: BlackoutId, new: &NewBlackout) -> Result<bool, StoreError> {
    let row = blackouts::table.find(id.0);
    Ok(on!(conn, |c| diesel::update(row).set(Written::from(new)).execute(c))? > 0)
}

/// Removes it; `false` when there is none.
pub async fn delete(conn: &mut Conn, id: BlackoutId) -> Result<bool, StoreError> {
    Ok(on!(conn, |c| diesel::delete(blackouts::table.find(id.0)).execute(c))? > 0)
}
