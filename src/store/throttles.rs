//! Table `throttles`: how often something that is verified was wrong, by what and from where (S-17).

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::case_when, prelude::*};
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, on, schema::throttles};

/// Whether what this key names is refused at `now`.
pub async fn is_blocked(conn: &mut Conn, key: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let until: Option<Option<NaiveDateTime>> = on!(conn, |c| throttles::table
        .filter(throttles::key.eq(key))
        .select(throttles::blocked_until)
        .get_result(c))
    .optional()?;
    Ok(until.flatten().is_some_and(|until| until > now.naive_utc()))
}

/// Counts a failure, and gives how many there are since the last one before `since`. Holds the row.
pub async fn count(
    conn: &mut Conn,
    key: &str,
    (now, since): (DateTime<Utc>, DateTime<Utc>),
) -> Result<i32, StoreError> {
    let (now, since) = (now.naive_utc(), since.naive_utc());
    let values = (
        throttles::key.eq(key),
        throttles::failures.eq(1),
        throttles::first_at.eq(now),
        throttles::last_at.eq(now),
    );
    let again = case_when(throttles::last_at.gt(since), throttles::failures + 1).otherwise(1);
    let began = case_when(throttles::last_at.gt(since), throttles::first_at).otherwise(now);
    on!(conn, |c| diesel::insert_into(throttles::table)
        .values(values)
        .on_conflict(throttles::key)
        .do_update()
        .set((throttles::failures.eq(again), throttles::first_at.eq(began), throttles::last_at.eq(now)))
        .execute(c))?;
    let row = throttles::table.filter(throttles::key.eq(key)).select(throttles::failures);
    Ok(on!(conn, |c| row.get_result(c))?)
}

/// Refuses what this key names until then.
pub async fn block(conn: &mut Conn, key: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
    let row = throttles::table.filter(throttles::key.eq(key));
    let values = (throttles::blocked_until.eq(until.naive_utc()), throttles::failures.eq(0));
    on!(conn, |c| diesel::update(row).set(values).execute(c))?;
    Ok(())
}

/// Forgets the failures of this key.
pub async fn clear(conn: &mut Conn, key: &str) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(throttles::table.filter(throttles::key.eq(key))).execute(c))?;
    Ok(())
}

/// Forgets what was counted before `before`; a pause lasts a day at most.
pub async fn delete_old(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let old = throttles::table.filter(throttles::last_at.lt(before.naive_utc()));
    Ok(on!(conn, |c| diesel::delete(old).execute(c))?)
}
