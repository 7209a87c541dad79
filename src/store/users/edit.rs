//! What changes a person.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::Role,
        id::{TagId, UserId},
        user::{Email, Profile, UserEdit},
    },
    store::{
        Conn, StoreError, on,
        schema::{devices, user_tags, users},
    },
};

/// Holds the rows of all admins until the end of the transaction, so that two of them who demote each other wait for
/// one another (S-40). An update that changes nothing is a lock that both databases know.
pub async fn hold_admins(conn: &mut Conn) -> Result<(), StoreError> {
    let admins = users::table.filter(users::role.eq(Role::Admin.as_str()));
    on!(conn, |c| diesel::update(admins).set(users::version.eq(users::version)).execute(c))?;
    Ok(())
}

/// Writes an edit of an administrator; `false` when there is no such version of the person.
/// [`StoreError::Conflict`] when the name or the mail address is taken.
pub async fn update(
    conn: &mut Conn,
    (id, version): (UserId, i32),
    edit: &UserEdit,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = users::table.filter(users::id.eq(id.0).and(users::version.eq(version)));
    let values = (
        users::username.eq(edit.username.as_str()),
        users::username_key.eq(edit.username.key()),
        users::full_name.eq(edit.full_name.as_str()),
        users::email.eq(edit.email.as_ref().map(|mail| mail.as_str().to_owned())),
        users::email_key.eq(edit.email.as_ref().map(Email::key)),
        users::role.eq(edit.role.as_str()),
        users::scope.eq(edit.range.as_str()),
        users::version.eq(version + 1),
        users::updated_at.eq(now.naive_utc()),
    );
    if on!(conn, |c| diesel::update(row).set(values).execute(c))? == 0 {
        return Ok(false);
    }
    set_tags(conn, id, &edit.tags).await?;
    Ok(true)
}

/// Writes what a person says of themselves; `false` when there is no such person.
pub async fn update_profile(
    conn: &mut Conn,
    id: UserId,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (
        users::full_name.eq(profile.full_name.as_str()),
        users::email.eq(profile.email.as_ref().map(|mail| mail.as_str().to_owned())),
        users::email_key.eq(profile.email.as_ref().map(Email::key)),
        users::version.eq(users::version + 1),
        users::updated_at.eq(now.naive_utc()),
    );
    Ok(on!(conn, |c| diesel::update(users::table.find(id.0)).set(values).execute(c))? > 0)
}

/// Replaces the tags whose devices the person sees; those that are not there are left out.
pub async fn set_tags(conn: &mut Conn, id: UserId, tags: &[TagId]) -> Result<(), StoreError> {
    let old = user_tags::table.filter(user_tags::user_id.eq(id.0));
    on!(conn, |c| diesel::delete(old).execute(c))?;
    let wanted: Vec<i64> = tags.iter().map(|tag| tag.0).collect();
    let known: Vec<i64> = on!(conn, |c| crate::store::schema::tags::table
        .filter(crate::store::schema::tags::id.eq_any(wanted.clone()))
        .select(crate::store::schema::tags::id)
        .load(c))?;
    for tag in known {
        let values = (user_tags::user_id.eq(id.0), user_tags::tag_id.eq(tag));
        on!(conn, |c| diesel::insert_into(user_tags::table).values(values).execute(c))?;
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
    let values = (
        users::is_enabled.eq(is),
        users::version.eq(users::version + 1),
        users::updated_at.eq(now.naive_utc()),
    );
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

/// Gives all devices of one person to another, or to nobody; deleted ones that can come back too.
pub async fn set_owner(conn: &mut Conn, from: UserId, to: Option<UserId>) -> Result<usize, StoreError> {
    let owned = devices::table.filter(devices::owner_id.eq(from.0));
    let to = devices::owner_id.eq(to.map(|id| id.0));
    Ok(on!(conn, |c| diesel::update(owned).set(to).execute(c))?)
}

/// Deletes a person with sessions, links and scope; what the person did stays, under the name. `false` when there is
/// no such person.
pub async fn delete(conn: &mut Conn, id: UserId) -> Result<bool, StoreError> {
    Ok(on!(conn, |c| diesel::delete(users::table.find(id.0)).execute(c))? > 0)
}
