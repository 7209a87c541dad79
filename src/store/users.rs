//! Table `users`.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::users};
use crate::domain::{
    access::Role,
    id::UserId,
    user::{NewUser, User},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct UserRow {
    id: i64,
    username: String,
    email: Option<String>,
    role: String,
    is_enabled: bool,
    created_at: NaiveDateTime,
    last_sign_in_at: Option<NaiveDateTime>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            role: column::word("users.role", &row.role)?,
            is_enabled: row.is_enabled,
            created_at: row.created_at.and_utc(),
            last_sign_in_at: column::instant(row.last_sign_in_at),
        })
    }
}

/// Adds a person; [`StoreError::Conflict`] when the name is taken.
pub async fn insert(
    conn: &mut Conn,
    new: &NewUser,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<User, StoreError> {
    let values = (
        users::username.eq(new.username.as_str()),
        users::username_key.eq(new.username.key()),
        users::email.eq(new.email.as_ref().map(|mail| mail.as_str().to_owned())),
        users::role.eq(new.role.as_str()),
        users::password_hash.eq(hash),
        users::is_enabled.eq(true),
        users::created_at.eq(now.naive_utc()),
        users::updated_at.eq(now.naive_utc()),
    );
    let row: UserRow = on!(conn, |c| diesel::insert_into(users::table)
        .values(values)
        .returning(UserRow::as_returning())
        .get_result(c))?;
    row.try_into()
}

/// All people, by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<User>, StoreError> {
    let rows: Vec<UserRow> =
        on!(conn, |c| users::table.select(UserRow::as_select()).order(users::username_key).load(c))?;
    rows.into_iter().map(User::try_from).collect()
}

/// The person with this id, if there is one.
pub async fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> =
        on!(conn, |c| users::table.find(id.0).select(UserRow::as_select()).first(c)).optional()?;
    row.map(User::try_from).transpose()
}

/// The person whose name has this key, with the password's hash.
pub async fn find_to_sign_in(conn: &mut Conn, key: &str) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<(UserRow, String)> = on!(conn, |c| users::table
        .filter(users::username_key.eq(key))
        .select((UserRow::as_select(), users::password_hash))
        .first(c))
    .optional()?;
    row.map(|(row, hash)| Ok((User::try_from(row)?, hash))).transpose()
}

/// Whether anybody can administer.
pub async fn has_admin(conn: &mut Conn) -> Result<bool, StoreError> {
    let count: i64 =
        on!(conn, |c| users::table.filter(users::role.eq(Role::Admin.as_str())).count().get_result(c))?;
    Ok(count > 0)
}

/// How many enabled admins there are besides `id`.
pub async fn other_admins(conn: &mut Conn, id: UserId) -> Result<i64, StoreError> {
    Ok(on!(conn, |c| users::table
        .filter(users::role.eq(Role::Admin.as_str()).and(users::is_enabled).and(users::id.ne(id.0)))
        .count()
        .get_result(c))?)
}

/// Writes down that the person signed in, and the password's new hash where it was made anew.
pub async fn signed_in(
    conn: &mut Conn,
    id: UserId,
    rehashed: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let user = users::table.find(id.0);
    on!(conn, |c| diesel::update(user).set(users::last_sign_in_at.eq(now.naive_utc())).execute(c))?;
    if let Some(hash) = rehashed {
        on!(conn, |c| diesel::update(user).set(users::password_hash.eq(hash)).execute(c))?;
    }
    Ok(())
}

/// Lets the person in or not; `false` when there is no such person.
pub async fn set_enabled(
    conn: &mut Conn,
    id: UserId,
    is: bool,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (users::is_enabled.eq(is), users::updated_at.eq(now.naive_utc()));
    Ok(on!(conn, |c| diesel::update(users::table.find(id.0)).set(values).execute(c))? > 0)
}

/// Sets the password's hash; `false` when there is no such person.
pub async fn set_password(
    conn: &mut Conn,
    id: UserId,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (users::password_hash.eq(hash), users::updated_at.eq(now.naive_utc()));
    Ok(on!(conn, |c| diesel::update(users::table.find(id.0)).set(values).execute(c))? > 0)
}

/// The id and sign-in name of everybody, by name.
pub async fn names(conn: &mut Conn) -> Result<Vec<(UserId, String)>, StoreError> {
    let rows: Vec<(i64, String)> =
        on!(conn, |c| users::table.select((users::id, users::username)).order(users::username_key).load(c))?;
    Ok(rows.into_iter().map(|(id, name)| (UserId(id), name)).collect())
}
