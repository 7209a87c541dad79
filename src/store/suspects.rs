//! Table `suspects`: captures that failed their proof.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, on,
    schema::{devices, suspects},
    scope,
};
use crate::domain::{
    access::Scope,
    backup::Suspect,
    id::{DeviceId, JobId, SuspectId},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = suspects, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct SuspectRow {
    id: i64,
    device_id: i64,
    job_id: Option<i64>,
    platform: String,
    taken_at: NaiveDateTime,
    reason: String,
    sha256: String,
    bytes: i64,
    lines: i32,
}

fn suspect((row, device_name): (SuspectRow, String)) -> Suspect {
    Suspect {
        id: SuspectId(row.id),
        device: DeviceId(row.device_id),
        device_name,
        platform: row.platform,
        job: row.job_id.map(JobId),
        taken_at: row.taken_at.and_utc(),
        reason: row.reason,
        sha256: row.sha256,
        bytes: row.bytes,
        lines: row.lines,
    }
}

/// What is known of a doubtful capture before it has a row.
pub struct NewSuspect<'a> {
    /// Whose configuration.
    pub device: DeviceId,
    /// The job that brought it.
    pub job: JobId,
    /// The platform whose rules judged it.
    pub platform: &'a str,
    /// Why it is not believed.
    pub reason: &'a str,
    /// SHA-256 of the raw bytes.
    pub sha256: &'a str,
    /// Length of the raw bytes.
    pub bytes: i64,
    /// Lines of the raw text.
    pub lines: i32,
}

/// Puts a capture aside. Its contents must be there.
pub async fn insert(
    conn: &mut Conn,
    new: &NewSuspect<'_>,
    now: DateTime<Utc>,
) -> Result<SuspectId, StoreError> {
    let values = (
        suspects::device_id.eq(new.device.0),
        suspects::job_id.eq(Some(new.job.0)),
        suspects::platform.eq(new.platform),
        suspects::taken_at.eq(now.naive_utc()),
        suspects::reason.eq(new.reason),
        suspects::sha256.eq(new.sha256),
        suspects::bytes.eq(new.bytes),
        suspects::lines.eq(new.lines),
    );
    let id: i64 = on!(conn, |c| diesel::insert_into(suspects::table)
        .values(values)
        .returning(suspects::id)
        .get_result(c))?;
    Ok(SuspectId(id))
}

/// The doubtful capture with this id, if there is one.
pub async fn find(conn: &mut Conn, scope: Scope, id: SuspectId) -> Result<Option<Suspect>, StoreError> {
    let row: Option<(SuspectRow, String)> = on!(conn, |c| suspects::table
        .inner_join(devices::table)
        .filter(suspects::id.eq(id.0).and(scope::in_scope!(scope)))
        .select((SuspectRow::as_select(), devices::name))
        .get_result(c))
    .optional()?;
    Ok(row.map(suspect))
}

/// The device's newest doubtful captures.
pub async fn newest(
    conn: &mut Conn,
    scope: Scope,
    device: DeviceId,
    limit: i64,
) -> Result<Vec<Suspect>, StoreError> {
    let rows: Vec<(SuspectRow, String)> = on!(conn, |c| suspects::table
        .inner_join(devices::table)
        .filter(suspects::device_id.eq(device.0).and(scope::in_scope!(scope)))
        .order(suspects::id.desc())
        .select((SuspectRow::as_select(), devices::name))
        .limit(limit)
        .load(c))?;
    Ok(rows.into_iter().map(suspect).collect())
}
