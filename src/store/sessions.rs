//! Tables `sessions` and `setup_tokens`: the things that a random text opens. Only hashes are kept.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{sessions, setup_tokens, users},
    scope,
};
use crate::domain::{
    access::{Role, Scope},
    id::{SessionId, UserId},
    user::OpenSession,
};

/// A session as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The row.
    pub id: SessionId,
    /// Who is signed in.
    pub user: UserId,
    /// That person's name.
    pub username: String,
    /// That person's role now.
    pub role: Role,
    /// Which devices the person sees.
    pub scope: Scope,
    /// When the person last proved who it is beyond signing in.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub seen_at: DateTime<Utc>,
    /// When it ends whatever happens.
    pub expires_at: DateTime<Utc>,
}

/// The browser that a session is opened in.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// Where it is.
    pub address: Option<String>,
    /// What it calls itself.
    pub user_agent: Option<String>,
}

/// Adds a session; gives its row.
pub async fn insert(
    conn: &mut Conn,
    hash: &str,
    user: UserId,
    browser: &Browser,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<SessionId, StoreError> {
    let values = (
        sessions::token_hash.eq(hash),
        sessions::user_id.eq(user.0),
        sessions::address.eq(&browser.address),
        sessions::user_agent.eq(&browser.user_agent),
        sessions::created_at.eq(now.naive_utc()),
        sessions::seen_at.eq(now.naive_utc()),
        sessions::expires_at.eq(until.naive_utc()),
    );
    let id = on!(conn, |c| diesel::insert_into(sessions::table)
        .values(values)
        .returning(sessions::id)
        .get_result(c))?;
    Ok(SessionId(id))
}

/// The session of an enabled person with this hash, whether or not its time is up.
pub async fn find(conn: &mut Conn, hash: &str) -> Result<Option<Kept>, StoreError> {
    type Times = (NaiveDateTime, NaiveDateTime, NaiveDateTime, Option<NaiveDateTime>);
    type Row = (i64, Times, i64, String, String, String);
    let row: Option<Row> = on!(conn, |c| sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(hash).and(users::is_enabled))
        .select((
            sessions::id,
            (sessions::created_at, sessions::seen_at, sessions::expires_at, sessions::confirmed_at),
            users::id,
            users::username,
            users::role,
            users::scope
        ))
        .get_result(c))
    .optional()?;
    row.map(|(id, times, user, username, role, range)| {
        let (created_at, seen_at, expires_at, confirmed_at) = times;
        Ok(Kept {
            id: SessionId(id),
            user: UserId(user),
            username,
            role: column::word("users.role", &role)?,
            scope: scope::of(UserId(user), &range)?,
            confirmed_at: column::instant(confirmed_at),
            created_at: created_at.and_utc(),
            seen_at: seen_at.and_utc(),
            expires_at: expires_at.and_utc(),
        })
    })
    .transpose()
}

/// Those of these sessions that are still there, were seen and opened late enough, and whose persons are enabled, with
/// the role and the scope that each person has now.
pub async fn alive(
    conn: &mut Conn,
    ids: &[SessionId],
    now: DateTime<Utc>,
    (seen_since, opened_since): (DateTime<Utc>, DateTime<Utc>),
) -> Result<BTreeMap<SessionId, (Role, Scope)>, StoreError> {
    let mut alive = BTreeMap::new();
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<(i64, i64, String, String)> = on!(conn, |c| sessions::table
            .inner_join(users::table)
            .filter(
                sessions::id
                    .eq_any(&ids)
                    .and(users::is_enabled)
                    .and(sessions::expires_at.gt(now.naive_utc()))
                    .and(sessions::seen_at.gt(seen_since.naive_utc()))
                    .and(sessions::created_at.gt(opened_since.naive_utc()))
            )
            .select((sessions::id, users::id, users::role, users::scope))
            .load(c))?;
        for (id, user, role, range) in rows {
            let rights = (column::word("users.role", &role)?, scope::of(UserId(user), &range)?);
            alive.insert(SessionId(id), rights);
        }
    }
    Ok(alive)
}

/// Writes down that the session is in use.
pub async fn touch(conn: &mut Conn, id: SessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = sessions::table.find(id.0);
    on!(conn, |c| diesel::update(row).set(sessions::seen_at.eq(now.naive_utc())).execute(c))?;
    Ok(())
}

/// Writes down that the person proved again who it is; the session's old token opens nothing from now on (S-22).
pub async fn confirm(
    conn: &mut Conn,
    id: SessionId,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = sessions::table.find(id.0);
    let values = (sessions::token_hash.eq(hash), sessions::confirmed_at.eq(now.naive_utc()));
    on!(conn, |c| diesel::update(row).set(values).execute(c))?;
    Ok(())
}

/// Ends the session with this hash; `false` when there is none.
pub async fn delete(conn: &mut Conn, hash: &str) -> Result<bool, StoreError> {
    let rows = sessions::table.filter(sessions::token_hash.eq(hash));
    Ok(on!(conn, |c| diesel::delete(rows).execute(c))? > 0)
}

/// Ends all sessions of a person.
pub async fn delete_of(conn: &mut Conn, user: UserId) -> Result<usize, StoreError> {
    let rows = sessions::table.filter(sessions::user_id.eq(user.0));
    Ok(on!(conn, |c| diesel::delete(rows).execute(c))?)
}

/// The person's sessions that were seen and opened late enough, the last used first.
pub async fn of(
    conn: &mut Conn,
    user: UserId,
    (seen_since, opened_since): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<OpenSession>, StoreError> {
    type Row = (i64, Option<String>, Option<String>, NaiveDateTime, NaiveDateTime);
    let rows: Vec<Row> = on!(conn, |c| sessions::table
        .filter(sessions::user_id.eq(user.0))
        .filter(sessions::seen_at.gt(seen_since.naive_utc()))
        .filter(sessions::created_at.gt(opened_since.naive_utc()))
        .select((
            sessions::id,
            sessions::address,
            sessions::user_agent,
            sessions::created_at,
            sessions::seen_at
        ))
        .order((sessions::seen_at.desc(), sessions::id.desc()))
        .load(c))?;
    let open = |(id, address, user_agent, created_at, seen_at): Row| OpenSession {
        id: SessionId(id),
        address,
        user_agent,
        created_at: created_at.and_utc(),
        seen_at: seen_at.and_utc(),
    };
    Ok(rows.into_iter().map(open).collect())
}

/// Ends one session of a person; `false` when the person has none with this id.
pub async fn delete_one(conn: &mut Conn, user: UserId, id: SessionId) -> Result<bool, StoreError> {
    let row = sessions::table.filter(sessions::id.eq(id.0).and(sessions::user_id.eq(user.0)));
    Ok(on!(conn, |c| diesel::delete(row).execute(c))? > 0)
}

/// Ends all sessions of a person but one.
pub async fn delete_others(conn: &mut Conn, user: UserId, kept: SessionId) -> Result<usize, StoreError> {
    let rows = sessions::table.filter(sessions::user_id.eq(user.0).and(sessions::id.ne(kept.0)));
    Ok(on!(conn, |c| diesel::delete(rows).execute(c))?)
}

/// Removes the sessions whose time was up at `now`.
pub async fn delete_expired(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let rows = sessions::table.filter(sessions::expires_at.le(now.naive_utc()));
    Ok(on!(conn, |c| diesel::delete(rows).execute(c))?)
}

/// Replaces whatever set-up token there is.
pub async fn offer_setup(
    conn: &mut Conn,
    hash: &str,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(setup_tokens::table).execute(c))?;
    let values = (
        setup_tokens::token_hash.eq(hash),
        setup_tokens::created_at.eq(now.naive_utc()),
        setup_tokens::expires_at.eq(until.naive_utc()),
    );
    on!(conn, |c| diesel::insert_into(setup_tokens::table).values(values).execute(c))?;
    Ok(())
}

/// Takes the set-up token away; `false` when it is not this one, has expired, or somebody else was first.
///
/// Of two transactions that try, the database lets one delete the row.
pub async fn take_setup(conn: &mut Conn, hash: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let rows = setup_tokens::table
        .filter(setup_tokens::token_hash.eq(hash).and(setup_tokens::expires_at.gt(now.naive_utc())));
    Ok(on!(conn, |c| diesel::delete(rows).execute(c))? > 0)
}
