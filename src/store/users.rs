//! Tables `users` and `user_tags`.

mod edit;
pub mod invitations;

pub use edit::{delete, hold_admins, set_enabled, set_owner, set_password, set_tags, update, update_profile};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{devices, user_tags, users},
};
use crate::domain::{
    access::{Range, Role},
    id::{DeviceId, TagId, UserId},
    page::{Page, PageRequest},
    user::{User, UserEdit, UserFilter},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct UserRow {
    id: i64,
    username: String,
    full_name: String,
    email: Option<String>,
    role: String,
    scope: String,
    is_enabled: bool,
    version: i32,
    created_at: NaiveDateTime,
    last_sign_in_at: Option<NaiveDateTime>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId(row.id),
            username: row.username,
            full_name: row.full_name,
            email: row.email,
            role: column::word("users.role", &row.role)?,
            range: column::word("users.scope", &row.scope)?,
            is_enabled: row.is_enabled,
            version: row.version,
            created_at: row.created_at.and_utc(),
            last_sign_in_at: column::instant(row.last_sign_in_at),
        })
    }
}

/// Adds a person; [`StoreError::Conflict`] when the name or the mail address is taken.
pub async fn insert(
    conn: &mut Conn,
    new: &UserEdit,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<User, StoreError> {
    let values = (
        users::username.eq(new.username.as_str()),
        users::username_key.eq(new.username.key()),
        users::full_name.eq(new.full_name.as_str()),
        users::email.eq(new.email.as_ref().map(|mail| mail.as_str().to_owned())),
        users::email_key.eq(new.email.as_ref().map(crate::domain::user::Email::key)),
        users::role.eq(new.role.as_str()),
        users::scope.eq(new.range.as_str()),
        users::password_hash.eq(hash),
        users::is_enabled.eq(true),
        users::created_at.eq(now.naive_utc()),
        users::updated_at.eq(now.naive_utc()),
    );
    let row: UserRow = on!(conn, |c| diesel::insert_into(users::table)
        .values(values)
        .returning(UserRow::as_returning())
        .get_result(c))?;
    let user = User::try_from(row)?;
    set_tags(conn, user.id, &new.tags).await?;
    Ok(user)
}

/// A page of the people who match, by name.
pub async fn list(
    conn: &mut Conn,
    filter: &UserFilter,
    request: PageRequest,
) -> Result<Page<User>, StoreError> {
    let pattern = column::anywhere(&filter.text);
    let matching = || {
        let lower = diesel::dsl::sql::<diesel::sql_types::Text>("lower(users.full_name)");
        let text = users::username_key
            .like(pattern.clone())
            .escape('\\')
            .or(lower.like(pattern.clone()).escape('\\'))
            .or(users::email_key.assume_not_null().like(pattern.clone()).escape('\\'));
        let any_role = filter.role.is_none().into_sql::<diesel::sql_types::Bool>();
        let any_state = filter.is_enabled.is_none().into_sql::<diesel::sql_types::Bool>();
        text.and(any_role.or(users::role.eq(filter.role.map_or("", |role| role.as_str()))))
            .and(any_state.or(users::is_enabled.eq(filter.is_enabled.unwrap_or_default())))
    };
    let total: i64 = on!(conn, |c| users::table.filter(matching()).count().get_result(c))?;
    let rows: Vec<UserRow> = on!(conn, |c| users::table
        .filter(matching())
        .select(UserRow::as_select())
        .order((users::username_key, users::id))
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    let rows = rows.into_iter().map(User::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}

/// The person with this id, if there is one.
pub async fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> =
        on!(conn, |c| users::table.find(id.0).select(UserRow::as_select()).get_result(c)).optional()?;
    row.map(User::try_from).transpose()
}

/// The person with this mail address, in any case.
pub async fn find_by_email(conn: &mut Conn, key: &str) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> = on!(conn, |c| users::table
        .filter(users::email_key.eq(key))
        .select(UserRow::as_select())
        .get_result(c))
    .optional()?;
    row.map(User::try_from).transpose()
}

/// The person whose name has this key, with the password's hash.
pub async fn find_to_sign_in(conn: &mut Conn, key: &str) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<(UserRow, String)> = on!(conn, |c| users::table
        .filter(users::username_key.eq(key))
        .select((UserRow::as_select(), users::password_hash))
        .get_result(c))
    .optional()?;
    row.map(|(row, hash)| Ok((User::try_from(row)?, hash))).transpose()
}

/// Whether anybody can administer.
pub async fn has_admin(conn: &mut Conn) -> Result<bool, StoreError> {
    let count: i64 =
        on!(conn, |c| users::table.filter(users::role.eq(Role::Admin.as_str())).count().get_result(c))?;
    Ok(count > 0)
}

/// How many enabled admins who see everything there are besides `id`.
pub async fn other_admins(conn: &mut Conn, id: UserId) -> Result<i64, StoreError> {
    let admins = users::role.eq(Role::Admin.as_str()).and(users::is_enabled);
    Ok(on!(conn, |c| users::table
        .filter(admins.and(users::scope.eq(Range::All.as_str())).and(users::id.ne(id.0)))
        .count()
        .get_result(c))?)
}

/// The tags whose devices the person sees.
pub async fn tags(conn: &mut Conn, id: UserId) -> Result<Vec<TagId>, StoreError> {
    let rows: Vec<i64> = on!(conn, |c| user_tags::table
        .filter(user_tags::user_id.eq(id.0))
        .select(user_tags::tag_id)
        .order(user_tags::tag_id)
        .load(c))?;
    Ok(rows.into_iter().map(TagId).collect())
}

/// How many devices the person owns, deleted ones that can come back included.
pub async fn devices_of(conn: &mut Conn, id: UserId) -> Result<i64, StoreError> {
    let owned = devices::table.filter(devices::owner_id.eq(id.0)).count();
    Ok(on!(conn, |c| owned.get_result(c))?)
}

/// The devices that belong to a person.
pub async fn owned_by(conn: &mut Conn, id: UserId) -> Result<Vec<DeviceId>, StoreError> {
    let owned = devices::table.filter(devices::owner_id.eq(id.0)).select(devices::id);
    let ids: Vec<i64> = on!(conn, |c| owned.load(c))?;
    Ok(ids.into_iter().map(DeviceId).collect())
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

/// The id and sign-in name of everybody, by name.
pub async fn names(conn: &mut Conn) -> Result<Vec<(UserId, String)>, StoreError> {
    let rows: Vec<(i64, String)> =
        on!(conn, |c| users::table.select((users::id, users::username)).order(users::username_key).load(c))?;
    Ok(rows.into_iter().map(|(id, name)| (UserId(id), name)).collect())
}
