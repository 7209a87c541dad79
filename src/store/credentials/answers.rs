//! What devices answered to credentials, and what follows from it for the next time.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        credential::{Accepted, Answer, Candidate},
        id::{CredentialId, DeviceId, TagId},
    },
    store::{
        Conn, StoreError, on,
        prepared::prepared,
        schema::{credential_answers, credential_tags, credentials, device_tags, devices, tags},
    },
};

/// The candidates that a device's tags bring, the highest priority first, each once.
pub async fn through_tags(conn: &mut Conn, device: DeviceId) -> Result<Vec<Candidate>, StoreError> {
    type Row = (i64, Option<String>, String, i32, Option<i64>, Option<NaiveDateTime>, (i64, String), i32);
    let rows: Vec<Row> = on!(conn, |c| credential_tags::table
        .inner_join(credentials::table)
        .inner_join(tags::table)
        .inner_join(device_tags::table.on(device_tags::tag_id.eq(credential_tags::tag_id)))
        .filter(device_tags::device_id.eq(device.0))
        .select((
            credentials::id,
            credentials::name,
            credentials::username,
            credentials::revision,
            credentials::previous_id,
            credentials::stopped_at,
            (tags::id, tags::name),
            credential_tags::priority
        ))
        .order((credential_tags::priority.desc(), credentials::name_key, credentials::id, tags::name))
        .load(c))?;
    let mut found: Vec<Candidate> = Vec::new();
    for (id, name, username, revision, previous, stopped_at, (tag, tag_name), priority) in rows {
        if found.iter().any(|other| other.id.0 == id) {
            continue;
        }
        found.push(Candidate {
            id: CredentialId(id),
            name,
            username,
            revision,
            previous: previous.map(CredentialId),
            is_stopped: stopped_at.is_some(),
            through: Some((TagId(tag), tag_name, priority)),
            answer: None,
            old_answer: None,
        });
    }
    Ok(found)
}

/// Fills in how the device answered to each candidate.
pub async fn fill(conn: &mut Conn, device: DeviceId, candidates: &mut [Candidate]) -> Result<(), StoreError> {
    let ids: Vec<i64> = candidates
        .iter()
        .flat_map(|candidate| [Some(candidate.id), candidate.previous])
        .flatten()
        .map(|id| id.0)
        .collect();
    let rows: Vec<(i64, i32, bool, NaiveDateTime)> = on!(conn, |c| credential_answers::table
        .filter(credential_answers::device_id.eq(device.0))
        .filter(credential_answers::credential_id.eq_any(&ids))
        .select((
            credential_answers::credential_id,
            credential_answers::revision,
            credential_answers::is_accepted,
            credential_answers::at
        ))
        .load(c))?;
    let of = |id: CredentialId| {
        let row = rows.iter().find(|(of, ..)| *of == id.0);
        row.map(|(_, revision, is_accepted, at)| Answer {
            revision: *revision,
            is_accepted: *is_accepted,
            at: at.and_utc(),
        })
    };
    for candidate in candidates {
        candidate.answer = of(candidate.id);
        candidate.old_answer = candidate.previous.and_then(of);
    }
    Ok(())
}

/// Writes down how the device answered to a row's secrets.
pub async fn put(
    conn: &mut Conn,
    (credential, device): (CredentialId, DeviceId),
    answer: Answer,
) -> Result<(), StoreError> {
    let what = (
        credential_answers::revision.eq(answer.revision),
        credential_answers::is_accepted.eq(answer.is_accepted),
        credential_answers::at.eq(answer.at.naive_utc()),
    );
    let values = (
        credential_answers::credential_id.eq(credential.0),
        credential_answers::device_id.eq(device.0),
        what,
    );
    on!(conn, |c| prepared(
        diesel::insert_into(credential_answers::table)
            .values(values)
            .on_conflict((credential_answers::credential_id, credential_answers::device_id))
            .do_update()
            .set(what)
    )
    .execute(c))?;
    Ok(())
}

/// Whether the device has refused these secrets of the row before.
pub async fn has_refused(
    conn: &mut Conn,
    (credential, device): (CredentialId, DeviceId),
    revision: i32,
) -> Result<bool, StoreError> {
    let row = credential_answers::table.find((credential.0, device.0)).filter(
        credential_answers::revision.eq(revision).and(diesel::dsl::not(credential_answers::is_accepted)),
    );
    Ok(on!(conn, |c| row.count().get_result::<i64>(c))? > 0)
}

/// Forgets what devices answered to a credential.
pub async fn forget(conn: &mut Conn, credential: CredentialId) -> Result<(), StoreError> {
    let rows = credential_answers::table.filter(credential_answers::credential_id.eq(credential.0));
    on!(conn, |c| diesel::delete(rows).execute(c))?;
    Ok(())
}

/// Counts an acceptance: the row of devices that refused ends.
pub async fn accepted(
    conn: &mut Conn,
    device: DeviceId,
    by: &Accepted,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let at = now.naive_utc();
    let row = credentials::table.find(by.credential.0);
    let counted = (
        credentials::success_count.eq(credentials::success_count + 1),
        credentials::last_used_at.eq(at),
        credentials::last_success_at.eq(at),
        credentials::refusals_in_row.eq(0),
    );
    on!(conn, |c| prepared(diesel::update(row).set(counted)).execute(c))?;
    if let Some(tag) = by.tag {
        let row = credential_tags::table.find((by.credential.0, tag.0));
        let counted = (
            credential_tags::success_count.eq(credential_tags::success_count + 1),
            credential_tags::last_used_at.eq(at),
            credential_tags::last_success_at.eq(at),
        );
        on!(conn, |c| prepared(diesel::update(row).set(counted)).execute(c))?;
    }
    if !by.is_known {
        put(conn, (by.row, device), Answer { revision: by.revision, is_accepted: true, at: now }).await?;
        let row = devices::table.find(device.0);
        let last = devices::last_credential_id.eq(by.credential.0);
        on!(conn, |c| prepared(diesel::update(row).set(last)).execute(c))?;
    }
    Ok(())
}

/// Counts a refusal, in the row too when it is `another` device's; whether that makes `most` devices in a row, and the
/// credential is stopped from here on.
pub async fn refused(
    conn: &mut Conn,
    (credential, tag): (CredentialId, Option<TagId>),
    (another, most): (bool, i32),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let at = now.naive_utc();
    let row = credentials::table.find(credential.0);
    let counted = (
        credentials::failure_count.eq(credentials::failure_count + 1),
        credentials::last_used_at.eq(at),
        credentials::last_failure_at.eq(at),
        credentials::refusals_in_row.eq(credentials::refusals_in_row + i32::from(another)),
    );
    on!(conn, |c| diesel::update(row).set(counted).execute(c))?;
    if let Some(tag) = tag {
        let row = credential_tags::table.find((credential.0, tag.0));
        let counted = (
            credential_tags::failure_count.eq(credential_tags::failure_count + 1),
            credential_tags::last_used_at.eq(at),
            credential_tags::last_failure_at.eq(at),
        );
        on!(conn, |c| diesel::update(row).set(counted).execute(c))?;
    }
    let full = credentials::table
        .filter(credentials::id.eq(credential.0).and(credentials::name.is_not_null()))
        .filter(credentials::refusals_in_row.ge(most).and(credentials::stopped_at.is_null()));
    Ok(on!(conn, |c| diesel::update(full).set(credentials::stopped_at.eq(at)).execute(c))? > 0)
}

/// Whether the credential is stopped, and how many devices in a row refused it.
pub async fn standing(conn: &mut Conn, credential: CredentialId) -> Result<(bool, i32), StoreError> {
    let row: Option<(Option<NaiveDateTime>, i32)> = on!(conn, |c| credentials::table
        .find(credential.0)
        .select((credentials::stopped_at, credentials::refusals_in_row))
        .get_result(c))
    .optional()?;
    Ok(row.map_or((true, 0), |(stopped, refusals)| (stopped.is_some(), refusals)))
}

/// Lets a stopped credential be used again; `false` when it was not stopped.
pub async fn resume(conn: &mut Conn, credential: CredentialId) -> Result<bool, StoreError> {
    let row = credentials::table
        .filter(credentials::id.eq(credential.0).and(credentials::stopped_at.is_not_null()));
    let anew = (credentials::stopped_at.eq(None::<NaiveDateTime>), credentials::refusals_in_row.eq(0));
    Ok(on!(conn, |c| diesel::update(row).set(anew).execute(c))? > 0)
}
