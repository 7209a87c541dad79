//! Table `platform_revisions`: platform files as people changed them.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::platform_revisions};
use crate::domain::{
    id::{DeviceId, RevisionId},
    revision::{NewRevision, Revision, RevisionState},
};

type Row = (i64, String, String, String, String, NaiveDateTime, String, Option<i64>);

fn revision(row: Row) -> Result<Revision, StoreError> {
    let (id, platform, source, note, saved_by, saved_at, state, device) = row;
    Ok(Revision {
        id: RevisionId(id),
        platform,
        source,
        note,
        saved_by,
        saved_at: saved_at.and_utc(),
        state: column::word("platform_revisions.state", &state)?,
        device: device.map(DeviceId),
    })
}

/// Adds one; whatever stood in its place (what was in use for all, or on trial) is past.
pub async fn insert(
    conn: &mut Conn,
    new: &NewRevision,
    now: DateTime<Utc>,
) -> Result<RevisionId, StoreError> {
    let state = if new.device.is_some() { RevisionState::Trial } else { RevisionState::InUse };
    end(conn, &new.platform, state).await?;
    let values = (
        platform_revisions::platform.eq(&new.platform),
        platform_revisions::source.eq(&new.source),
        platform_revisions::note.eq(&new.note),
        platform_revisions::saved_by.eq(&new.saved_by),
        platform_revisions::saved_at.eq(now.naive_utc()),
        platform_revisions::state.eq(state.as_str()),
        platform_revisions::device_id.eq(new.device.map(|id| id.0)),
    );
    let id: i64 = on!(conn, |c| diesel::insert_into(platform_revisions::table)
        .values(values)
        .returning(platform_revisions::id)
        .get_result(c))?;
    Ok(RevisionId(id))
}

/// Puts aside the platform's revision in this state; how many there were, which is one at most.
pub async fn end(conn: &mut Conn, platform: &str, state: RevisionState) -> Result<usize, StoreError> {
    let rows = platform_revisions::table
        .filter(platform_revisions::platform.eq(platform).and(platform_revisions::state.eq(state.as_str())));
    let past = platform_revisions::state.eq(RevisionState::Past.as_str());
    Ok(on!(conn, |c| diesel::update(rows).set(past).execute(c))?)
}

/// Takes a revision up for all devices, in place of the one that was.
pub async fn take_up(conn: &mut Conn, it: &Revision) -> Result<(), StoreError> {
    end(conn, &it.platform, RevisionState::InUse).await?;
    let row = platform_revisions::table.find(it.id.0);
    let in_use = platform_revisions::state.eq(RevisionState::InUse.as_str());
    on!(conn, |c| diesel::update(row).set(in_use).execute(c))?;
    Ok(())
}

/// The revision with this number.
pub async fn find(conn: &mut Conn, id: RevisionId) -> Result<Option<Revision>, StoreError> {
    let row: Option<Row> = on!(conn, |c| platform_revisions::table.find(id.0).get_result(c)).optional()?;
    row.map(revision).transpose()
}

/// The newest `limit` revisions of a platform.
pub async fn of_platform(conn: &mut Conn, platform: &str, limit: i64) -> Result<Vec<Revision>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| platform_revisions::table
        .filter(platform_revisions::platform.eq(platform))
        .order(platform_revisions::id.desc())
        .limit(limit)
        .load(c))?;
    rows.into_iter().map(revision).collect()
}

/// Which revisions matter to jobs, and to which device where it is one: what tells whether anything is different.
pub async fn marks(conn: &mut Conn) -> Result<Vec<(RevisionId, String, Option<DeviceId>)>, StoreError> {
    let rows: Vec<(i64, String, Option<i64>)> = on!(conn, |c| platform_revisions::table
        .filter(platform_revisions::state.ne(RevisionState::Past.as_str()))
        .select((platform_revisions::id, platform_revisions::state, platform_revisions::device_id))
        .order(platform_revisions::id)
        .load(c))?;
    let mark =
        |(id, state, device): (i64, String, Option<i64>)| (RevisionId(id), state, device.map(DeviceId));
    Ok(rows.into_iter().map(mark).collect())
}

/// The revisions that matter to jobs.
pub async fn live(conn: &mut Conn) -> Result<Vec<Revision>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| platform_revisions::table
        .filter(platform_revisions::state.ne(RevisionState::Past.as_str()))
        .order(platform_revisions::id)
        .load(c))?;
    rows.into_iter().map(revision).collect()
}
