//! Table `duties`: what one node does for all, by a row with an end.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::duties};
use crate::domain::node::{Duty, Held};

/// Who has which duty; one that was never taken is missing.
pub async fn list(conn: &mut Conn) -> Result<Vec<Held>, StoreError> {
    type Row = (String, String, NaiveDateTime, NaiveDateTime, NaiveDateTime);
    let rows: Vec<Row> = on!(conn, |c| duties::table
        .select((duties::name, duties::owner, duties::taken_at, duties::held_until, duties::done_at))
        .order(duties::name)
        .load(c))?;
    rows.into_iter()
        .map(|(name, owner, taken_at, held_until, done_at)| {
            Ok(Held {
                duty: column::word("duties.name", &name)?,
                owner,
                taken_at: taken_at.and_utc(),
                held_until: held_until.and_utc(),
                done_at: done_at.and_utc(),
            })
        })
        .collect()
}

/// Holds on to a duty that `owner` has; `false` when it has it no more. Where it `is_done`, that is noted.
pub async fn renew(
    conn: &mut Conn,
    (duty, owner): (Duty, &str),
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    is_done: bool,
) -> Result<bool, StoreError> {
    let own = duties::table.filter(duties::name.eq(duty.as_str()).and(duties::owner.eq(owner)));
    let held = duties::held_until.eq(until.naive_utc());
    if is_done {
        let values = (held, duties::done_at.eq(now.naive_utc()));
        return Ok(on!(conn, |c| diesel::update(own).set(values).execute(c))? > 0);
    }
    Ok(on!(conn, |c| diesel::update(own).set(held).execute(c))? > 0)
}

/// Takes a duty that nobody has at `now`; `false` when somebody has it.
pub async fn take(
    conn: &mut Conn,
    (duty, owner): (Duty, &str),
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, StoreError> {
    let (now, until) = (now.naive_utc(), until.naive_utc());
    let free = duties::table.filter(duties::name.eq(duty.as_str()).and(duties::held_until.le(now)));
    let values = (duties::owner.eq(owner), duties::taken_at.eq(now), duties::held_until.eq(until));
    if on!(conn, |c| diesel::update(free).set(values).execute(c))? > 0 {
        return Ok(true);
    }
    let first = (duties::name.eq(duty.as_str()), values, duties::done_at.eq(now));
    let first = || diesel::insert_into(duties::table).values(first).on_conflict_do_nothing();
    Ok(on!(conn, |c| first().execute(c))? > 0)
}

/// Keeps other nodes from the same work until the transaction ends, where a duty has a row.
pub async fn alone(conn: &mut Conn, duty: Duty) -> Result<(), StoreError> {
    let row = duties::table.find(duty.as_str());
    on!(conn, |c| diesel::update(row).set(duties::name.eq(duty.as_str())).execute(c))?;
    Ok(())
}

/// Lets go of everything that `owner` has.
pub async fn release(conn: &mut Conn, owner: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let own = duties::table.filter(duties::owner.eq(owner).and(duties::held_until.gt(now.naive_utc())));
    on!(conn, |c| diesel::update(own).set(duties::held_until.eq(now.naive_utc())).execute(c))?;
    Ok(())
}
