//! Table `invitations`: links through which a person chooses a password once. Only hashes are kept.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::id::UserId,
    store::{Conn, StoreError, on, schema::invitations},
};

/// Makes this the person's only link.
pub async fn put(
    conn: &mut Conn,
    (user, hash): (UserId, &str),
    created_by: &str,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StoreError> {
    delete_of(conn, user).await?;
    let values = (
        invitations::token_hash.eq(hash),
        invitations::user_id.eq(user.0),
        invitations::purpose.eq("password"),
        invitations::created_by.eq(created_by),
        invitations::created_at.eq(now.naive_utc()),
        invitations::expires_at.eq(until.naive_utc()),
    );
    on!(conn, |c| diesel::insert_into(invitations::table).values(values).execute(c))?;
    Ok(())
}

/// Whose link this is, if it still opens anything.
pub async fn find(conn: &mut Conn, hash: &str, now: DateTime<Utc>) -> Result<Option<UserId>, StoreError> {
    let row: Option<i64> = on!(conn, |c| invitations::table
        .filter(invitations::token_hash.eq(hash).and(invitations::expires_at.gt(now.naive_utc())))
        .select(invitations::user_id)
        .get_result(c))
    .optional()?;
    Ok(row.map(UserId))
}

/// Takes the link away; whose it was, or `None` when it opens nothing. Of two who try, one gets it.
pub async fn take(conn: &mut Conn, hash: &str, now: DateTime<Utc>) -> Result<Option<UserId>, StoreError> {
    let rows = invitations::table
        .filter(invitations::token_hash.eq(hash).and(invitations::expires_at.gt(now.naive_utc())));
    let user: Option<i64> =
        on!(conn, |c| diesel::delete(rows).returning(invitations::user_id).get_result(c)).optional()?;
    Ok(user.map(UserId))
}

/// Until when the person's link is good, and who made it.
pub async fn of(
    conn: &mut Conn,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<(DateTime<Utc>, String)>, StoreError> {
    let row: Option<(NaiveDateTime, String)> = on!(conn, |c| invitations::table
        .filter(invitations::user_id.eq(user.0).and(invitations::expires_at.gt(now.naive_utc())))
        .select((invitations::expires_at, invitations::created_by))
        .get_result(c))
    .optional()?;
    Ok(row.map(|(until, by)| (until.and_utc(), by)))
}

/// Removes the person's links.
pub async fn delete_of(conn: &mut Conn, user: UserId) -> Result<(), StoreError> {
    let rows = invitations::table.filter(invitations::user_id.eq(user.0));
    on!(conn, |c| diesel::delete(rows).execute(c))?;
    Ok(())
}
