//! Shared credentials: those with a name.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Text};
use diesel_async::RunQueryDsl;

use super::Sealed;
use crate::{
    domain::{
        access::Scope,
        cap::Cap,
        credential::{Answer, Credential, CredentialTag, CredentialUse, Shared, SharedEdit},
        id::{CredentialId, DeviceId, TagId},
        page::{Page, PageRequest},
    },
    store::{
        Conn, StoreError, column, on,
        schema::{credential_answers, credential_tags, credentials, device_tags, devices, tags},
        scope,
    },
};

type Times = (Option<NaiveDateTime>, Option<NaiveDateTime>, Option<NaiveDateTime>, Option<NaiveDateTime>);
type Row = (Sealed, (String, i32, Option<i32>), (i64, i64), Times);

fn told((sealed, (description, version, most), (successes, failures), times): Row) -> Shared {
    let (rotated_at, last_success_at, last_failure_at, stopped_at) = times;
    Shared {
        credential: Credential::from(&sealed),
        description,
        most_sessions: most.and_then(|most| most.try_into().ok()),
        version,
        revision: sealed.revision,
        previous: sealed.previous_id.map(CredentialId),
        rotated_at: column::instant(rotated_at),
        successes,
        failures,
        last_success_at: column::instant(last_success_at),
        last_failure_at: column::instant(last_failure_at),
        stopped_at: column::instant(stopped_at),
    }
}

macro_rules! shared_columns {
    () => {
        (
            Sealed::as_select(),
            (credentials::description, credentials::version, credentials::most_sessions),
            (credentials::success_count, credentials::failure_count),
            (
                credentials::rotated_at,
                credentials::last_success_at,
                credentials::last_failure_at,
                credentials::stopped_at,
            ),
        )
    };
}

/// The shared credentials that are stopped, by name.
pub async fn stopped(conn: &mut Conn) -> Result<Vec<(CredentialId, String)>, StoreError> {
    let rows: Vec<(i64, String)> = on!(conn, |c| credentials::table
        .filter(credentials::name.is_not_null().and(credentials::stopped_at.is_not_null()))
        .select((credentials::id, credentials::name.assume_not_null()))
        .order(credentials::name_key)
        .load(c))?;
    Ok(rows.into_iter().map(|(id, name)| (CredentialId(id), name)).collect())
}

/// A page of the shared credentials whose name, account or description holds `text`, by name.
pub async fn list(conn: &mut Conn, text: &str, request: PageRequest) -> Result<Page<Shared>, StoreError> {
    let pattern = column::anywhere(&text.to_lowercase());
    let matching = || {
        let lower = |column: &str| sql::<Text>(&format!("lower(credentials.{column})"));
        credentials::name_key.assume_not_null().like(pattern.clone()).escape('\\').or(lower("username")
            .like(pattern.clone())
            .escape('\\')
            .or(lower("description").like(pattern.clone()).escape('\\')))
    };
    let named = || credentials::table.filter(credentials::name.is_not_null()).filter(matching());
    let total: i64 = on!(conn, |c| named().count().get_result(c))?;
    let rows: Vec<Row> = on!(conn, |c| named()
        .select(shared_columns!())
        .order((credentials::name_key, credentials::id))
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    Ok(Page { rows: rows.into_iter().map(told).collect(), total, request })
}

/// The shared credential with this id, if there is one.
pub async fn find(conn: &mut Conn, id: CredentialId) -> Result<Option<Shared>, StoreError> {
    let row: Option<Row> = on!(conn, |c| credentials::table
        .filter(credentials::id.eq(id.0).and(credentials::name.is_not_null()))
        .select(shared_columns!())
        .get_result(c))
    .optional()?;
    Ok(row.map(told))
}

/// The id and name of every shared credential, by name.
pub async fn names(conn: &mut Conn) -> Result<Vec<(CredentialId, String)>, StoreError> {
    let rows: Vec<(i64, String)> = on!(conn, |c| credentials::table
        .filter(credentials::name.is_not_null())
        .select((credentials::id, credentials::name.assume_not_null()))
        .order((credentials::name_key, credentials::id))
        .load(c))?;
    Ok(rows.into_iter().map(|(id, name)| (CredentialId(id), name)).collect())
}

/// Writes what people read of a credential. Its name makes it shared; [`StoreError::Conflict`] when another has it.
/// `false` when it is not at this version any more.
pub async fn describe(
    conn: &mut Conn,
    (id, version): (CredentialId, i32),
    edit: &SharedEdit,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = credentials::table.filter(credentials::id.eq(id.0).and(credentials::version.eq(version)));
    let values = (
        credentials::name.eq(edit.name.as_str()),
        credentials::name_key.eq(edit.name.key()),
        credentials::description.eq(&edit.description),
        credentials::most_sessions.eq(edit.most_sessions.map(Cap::get)),
        credentials::version.eq(version + 1),
        credentials::updated_at.eq(now.naive_utc()),
    );
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// Writes down since when the secrets are new, and where those before are kept.
pub async fn set_previous(
    conn: &mut Conn,
    id: CredentialId,
    (previous, rotated_at): (Option<CredentialId>, Option<DateTime<Utc>>),
) -> Result<(), StoreError> {
    let row = credentials::table.find(id.0);
    let previous = credentials::previous_id.eq(previous.map(|id| id.0));
    on!(conn, |c| diesel::update(row).set(previous).execute(c))?;
    if let Some(at) = rotated_at {
        on!(conn, |c| diesel::update(row).set(credentials::rotated_at.eq(at.naive_utc())).execute(c))?;
    }
    Ok(())
}

/// Removes a credential's row with its links and answers.
pub async fn delete(conn: &mut Conn, id: CredentialId) -> Result<bool, StoreError> {
    Ok(on!(conn, |c| diesel::delete(credentials::table.find(id.0)).execute(c))? > 0)
}

/// The tags through which it is tried, the highest priority first.
pub async fn tags_of(conn: &mut Conn, id: CredentialId) -> Result<Vec<CredentialTag>, StoreError> {
    type Row = (i64, String, i32, i64, i64);
    let rows: Vec<Row> = on!(conn, |c| credential_tags::table
        .inner_join(tags::table)
        .filter(credential_tags::credential_id.eq(id.0))
        .select((
            tags::id,
            tags::name,
            credential_tags::priority,
            credential_tags::success_count,
            credential_tags::failure_count
        ))
        .order((credential_tags::priority.desc(), tags::name, tags::id))
        .load(c))?;
    let told = |(tag, name, priority, successes, failures)| CredentialTag {
        tag: TagId(tag),
        name,
        priority,
        successes,
        failures,
    };
    Ok(rows.into_iter().map(told).collect())
}

/// Has it tried through a tag, or changes the priority where it is already.
pub async fn link(
    conn: &mut Conn,
    id: CredentialId,
    (tag, priority): (TagId, i32),
) -> Result<(), StoreError> {
    let values = (
        credential_tags::credential_id.eq(id.0),
        credential_tags::tag_id.eq(tag.0),
        credential_tags::priority.eq(priority),
        credential_tags::success_count.eq(0),
        credential_tags::failure_count.eq(0),
    );
    on!(conn, |c| diesel::insert_into(credential_tags::table)
        .values(values)
        .on_conflict((credential_tags::credential_id, credential_tags::tag_id))
        .do_update()
        .set(credential_tags::priority.eq(priority))
        .execute(c))?;
    Ok(())
}

/// Has it no longer tried through a tag; `false` when it was not.
pub async fn unlink(conn: &mut Conn, id: CredentialId, tag: TagId) -> Result<bool, StoreError> {
    Ok(on!(conn, |c| diesel::delete(credential_tags::table.find((id.0, tag.0))).execute(c))? > 0)
}

/// How many devices have it as their chosen one, deleted ones that can come back included.
pub async fn chosen_by(conn: &mut Conn, id: CredentialId) -> Result<i64, StoreError> {
    let chosen = devices::table.filter(devices::credential_id.eq(id.0)).count();
    Ok(on!(conn, |c| chosen.get_result(c))?)
}

macro_rules! uses {
    ($scope:expr, $id:expr) => {{
        let linked = device_tags::table
            .inner_join(credential_tags::table.on(credential_tags::tag_id.eq(device_tags::tag_id)))
            .filter(credential_tags::credential_id.eq($id))
            .select(device_tags::device_id);
        let through = devices::credential_id.is_null().and(devices::id.eq_any(linked));
        devices::table.filter(scope::in_scope!($scope)).filter(
            devices::credential_id
                .assume_not_null()
                .eq($id)
                .and(devices::credential_id.is_not_null())
                .or(through),
        )
    }};
}

/// A page of the devices that it is for, by name, with how each answered.
pub async fn uses(
    conn: &mut Conn,
    scope: Scope,
    id: CredentialId,
    request: PageRequest,
) -> Result<Page<CredentialUse>, StoreError> {
    let total: i64 = on!(conn, |c| uses!(scope, id.0).count().get_result(c))?;
    let rows: Vec<(i64, String, Option<i64>)> = on!(conn, |c| uses!(scope, id.0)
        .select((devices::id, devices::name, devices::credential_id))
        .order((devices::name_key, devices::id))
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    let ids: Vec<i64> = rows.iter().map(|(id, ..)| *id).collect();
    let answers: Vec<(i64, i32, bool, NaiveDateTime)> = on!(conn, |c| credential_answers::table
        .filter(credential_answers::credential_id.eq(id.0))
        .filter(credential_answers::device_id.eq_any(&ids))
        .select((
            credential_answers::device_id,
            credential_answers::revision,
            credential_answers::is_accepted,
            credential_answers::at
        ))
        .load(c))?;
    let answer = |device: i64| {
        let row = answers.iter().find(|(of, ..)| *of == device);
        row.map(|(_, revision, is_accepted, at)| Answer {
            revision: *revision,
            is_accepted: *is_accepted,
            at: at.and_utc(),
        })
    };
    let rows = rows.into_iter().map(|(device, name, chosen)| CredentialUse {
        device: DeviceId(device),
        name,
        is_direct: chosen == Some(id.0),
        answer: answer(device),
    });
    Ok(Page { rows: rows.collect(), total, request })
}

/// How many devices it is for, and how many of them accepted it at this revision.
pub async fn progress(conn: &mut Conn, id: CredentialId, revision: i32) -> Result<(i64, i64), StoreError> {
    let all: i64 = on!(conn, |c| uses!(Scope::All, id.0).count().get_result(c))?;
    let accepted = credential_answers::table
        .filter(credential_answers::credential_id.eq(id.0))
        .filter(credential_answers::revision.eq(revision).and(credential_answers::is_accepted))
        .select(credential_answers::device_id);
    let done =
        on!(conn, |c| uses!(Scope::All, id.0).filter(devices::id.eq_any(accepted)).count().get_result(c))?;
    Ok((all, done))
}

/// The shared credentials whose secrets before are still kept.
pub async fn rotating(conn: &mut Conn) -> Result<Vec<Shared>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| credentials::table
        .filter(credentials::name.is_not_null().and(credentials::previous_id.is_not_null()))
        .select(shared_columns!())
        .order(credentials::id)
        .load(c))?;
    Ok(rows.into_iter().map(told).collect())
}
