//! Tables `tags` and `device_tags`.

mod held;

pub(in crate::store) use held::drop_unheld;
pub use held::{ids_of, of, of_persons, put, set, take, with_default};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{credential_tags, credentials, device_tags, devices, schedule_tags, tag_rules, tags, user_tags},
    scope,
};
use crate::domain::{
    access::Scope,
    cap::Cap,
    id::{CredentialId, TagId},
    page::{Page, PageRequest},
    tag::{NewTag, Tag, TagUse},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tags, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct TagRow {
    id: i64,
    name: String,
    description: String,
    color: String,
    is_default: bool,
    most_sessions: Option<i32>,
    created_at: NaiveDateTime,
}

impl From<TagRow> for Tag {
    fn from(row: TagRow) -> Self {
        Self {
            id: TagId(row.id),
            name: row.name,
            description: row.description,
            color: row.color,
            is_default: row.is_default,
            most_sessions: row.most_sessions.and_then(|most| most.try_into().ok()),
            created_at: row.created_at.and_utc(),
        }
    }
}

/// The names of the tags on devices within the scope, by name.
pub async fn names(conn: &mut Conn, scope: Scope) -> Result<Vec<String>, StoreError> {
    // Under another name: the scope's own condition looks into the same table.
    let pairs = diesel::alias!(device_tags as pairs);
    Ok(on!(conn, |c| tags::table
        .filter(
            tags::id.eq_any(
                pairs
                    .filter(
                        pairs
                            .field(device_tags::device_id)
                            .eq_any(devices::table.filter(scope::in_scope!(scope)).select(devices::id))
                    )
                    .select(pairs.field(device_tags::tag_id))
            )
        )
        .select(tags::name)
        .order(tags::name)
        .load(c))?)
}

/// All tags, by name.
pub async fn all(conn: &mut Conn) -> Result<Vec<Tag>, StoreError> {
    let rows: Vec<TagRow> = on!(conn, |c| tags::table.select(TagRow::as_select()).order(tags::name).load(c))?;
    Ok(rows.into_iter().map(Tag::from).collect())
}

/// A page of the tags whose name or description holds `text`, by name.
pub async fn list(conn: &mut Conn, text: &str, request: PageRequest) -> Result<Page<Tag>, StoreError> {
    let pattern = column::anywhere(text);
    let like = || {
        let lower = diesel::dsl::sql::<diesel::sql_types::Text>("lower(tags.description)");
        tags::name.like(pattern.clone()).escape('\\').or(lower.like(pattern.clone()).escape('\\'))
    };
    let total: i64 = on!(conn, |c| tags::table.filter(like()).count().get_result(c))?;
    let rows: Vec<TagRow> = on!(conn, |c| tags::table
        .filter(like())
        .select(TagRow::as_select())
        .order((tags::name, tags::id))
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    Ok(Page { rows: rows.into_iter().map(Tag::from).collect(), total, request })
}

/// What hangs on each of these tags, in their order; devices as far as `scope` goes.
pub async fn uses(conn: &mut Conn, scope: Scope, ids: &[TagId]) -> Result<Vec<TagUse>, StoreError> {
    let raw: Vec<i64> = ids.iter().map(|id| id.0).collect();
    // Under another name: the scope's own condition looks into the same table.
    let pairs = diesel::alias!(device_tags as pairs);
    let (tag, device) = (pairs.field(device_tags::tag_id), pairs.field(device_tags::device_id));
    let held: Vec<(i64, i64)> = on!(conn, |c| pairs
        .filter(tag.eq_any(&raw))
        .filter(device.eq_any(devices::table.filter(scope::in_scope!(scope)).select(devices::id)))
        .group_by(tag)
        .select((tag, count_star()))
        .load(c))?;
    let rules: Vec<(i64, i64)> = on!(conn, |c| tag_rules::table
        .filter(tag_rules::tag_id.eq_any(&raw))
        .group_by(tag_rules::tag_id)
        .select((tag_rules::tag_id, count_star()))
        .load(c))?;
    let credentials: Vec<(i64, i64)> = on!(conn, |c| credential_tags::table
        .filter(credential_tags::tag_id.eq_any(&raw))
        .group_by(credential_tags::tag_id)
        .select((credential_tags::tag_id, count_star()))
        .load(c))?;
    let of =
        |counts: &[(i64, i64)], id: i64| counts.iter().find(|(tag, _)| *tag == id).map_or(0, |(_, n)| *n);
    Ok(raw
        .iter()
        .map(|id| TagUse {
            devices: of(&held, *id),
            rules: of(&rules, *id),
            credentials: of(&credentials, *id),
        })
        .collect())
}

/// How many schedules and how many people's scopes name the tag.
pub async fn named_by(conn: &mut Conn, id: TagId) -> Result<(i64, i64), StoreError> {
    let schedules = schedule_tags::table.filter(schedule_tags::tag_id.eq(id.0)).count();
    let schedules: i64 = on!(conn, |c| schedules.get_result(c))?;
    let people = user_tags::table.filter(user_tags::tag_id.eq(id.0)).count();
    let people: i64 = on!(conn, |c| people.get_result(c))?;
    Ok((schedules, people))
}

/// The shared credentials that are tried on the tag's devices: name and priority, in the order of trying.
pub async fn credentials(
    conn: &mut Conn,
    id: TagId,
) -> Result<Vec<(CredentialId, Option<String>, i32)>, StoreError> {
    let rows: Vec<(i64, Option<String>, i32)> = on!(conn, |c| credential_tags::table
        .inner_join(credentials::table)
        .filter(credential_tags::tag_id.eq(id.0))
        .select((credentials::id, credentials::name, credential_tags::priority))
        .order((credential_tags::priority.desc(), credentials::name_key, credentials::id))
        .load(c))?;
    Ok(rows.into_iter().map(|(id, name, priority)| (CredentialId(id), name, priority)).collect())
}

/// The tag with this id, if there is one.
pub async fn find(conn: &mut Conn, id: TagId) -> Result<Option<Tag>, StoreError> {
    let row: Option<TagRow> =
        on!(conn, |c| tags::table.find(id.0).select(TagRow::as_select()).get_result(c)).optional()?;
    Ok(row.map(Tag::from))
}

/// The tag with this name in lower case.
pub async fn find_by_name(conn: &mut Conn, name: &str) -> Result<Option<Tag>, StoreError> {
    let row: Option<TagRow> =
        on!(conn, |c| tags::table.filter(tags::name.eq(name)).select(TagRow::as_select()).get_result(c))
            .optional()?;
    Ok(row.map(Tag::from))
}

/// Those of `ids` that there are, by name.
pub async fn find_all(conn: &mut Conn, ids: &[TagId]) -> Result<Vec<Tag>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<TagRow> = on!(conn, |c| tags::table
        .filter(tags::id.eq_any(&ids))
        .select(TagRow::as_select())
        .order(tags::name)
        .load(c))?;
    Ok(rows.into_iter().map(Tag::from).collect())
}

/// Adds a tag; [`StoreError::Conflict`] when the name is taken.
pub async fn insert(conn: &mut Conn, new: &NewTag, now: DateTime<Utc>) -> Result<TagId, StoreError> {
    let values = (
        tags::name.eq(new.name.as_str()),
        tags::description.eq(new.description.as_str()),
        tags::color.eq(new.color.as_str()),
        tags::is_default.eq(false),
        tags::most_sessions.eq(new.most_sessions.map(Cap::get)),
        tags::created_at.eq(now.naive_utc()),
        tags::updated_at.eq(now.naive_utc()),
    );
    let id: i64 =
        on!(conn, |c| diesel::insert_into(tags::table).values(values).returning(tags::id).get_result(c))?;
    Ok(TagId(id))
}

/// Writes an edit; `false` when there is no such tag.
pub async fn update(
    conn: &mut Conn,
    id: TagId,
    new: &NewTag,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (
        tags::name.eq(new.name.as_str()),
        tags::description.eq(new.description.as_str()),
        tags::color.eq(new.color.as_str()),
        tags::most_sessions.eq(new.most_sessions.map(Cap::get)),
        tags::updated_at.eq(now.naive_utc()),
    );
    Ok(on!(conn, |c| diesel::update(tags::table.find(id.0)).set(values).execute(c))? > 0)
}

/// Removes a tag with all that hangs on it.
pub async fn delete(conn: &mut Conn, id: TagId) -> Result<bool, StoreError> {
    Ok(on!(conn, |c| diesel::delete(tags::table.find(id.0)).execute(c))? > 0)
}
