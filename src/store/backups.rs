//! Table `backups`: the versions of configurations.

mod care;
mod list;

pub use care::{accept_lines, delete, keep_note, lock_device, newest_good, pin, remark};
pub use list::{Head, chosen, heads, list as search};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    prepared::prepared,
    schema::{backups, devices},
    scope,
};
use crate::domain::{
    access::Scope,
    backup::Backup,
    id::{BackupId, DeviceId, JobId},
    page::{Page, PageRequest},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = backups, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct BackupRow {
    id: i64,
    device_id: i64,
    job_id: Option<i64>,
    platform: String,
    taken_at: NaiveDateTime,
    verified_at: NaiveDateTime,
    seen: i32,
    sha256: String,
    fingerprint: String,
    bytes: i64,
    lines: i32,
    added: i32,
    removed: i32,
    is_pinned: bool,
    note: String,
    started_by: String,
    checked_at: Option<NaiveDateTime>,
    is_damaged: bool,
    accepted_lines: Option<i32>,
}

fn backup((row, device_name): (BackupRow, String)) -> Backup {
    Backup {
        id: BackupId(row.id),
        device: DeviceId(row.device_id),
        device_name,
        platform: row.platform,
        job: row.job_id.map(JobId),
        taken_at: row.taken_at.and_utc(),
        verified_at: row.verified_at.and_utc(),
        seen: row.seen,
        sha256: row.sha256,
        fingerprint: row.fingerprint,
        bytes: row.bytes,
        lines: row.lines,
        added: row.added,
        removed: row.removed,
        is_pinned: row.is_pinned,
        note: row.note,
        started_by: row.started_by,
        checked_at: column::instant(row.checked_at),
        is_damaged: row.is_damaged,
        accepted_lines: row.accepted_lines,
    }
}

/// A version's row before it has an id.
#[derive(Debug, Insertable)]
#[diesel(table_name = backups)]
pub struct NewVersion {
    /// Whose configuration.
    pub device_id: i64,
    /// The job that brought it.
    pub job_id: Option<i64>,
    /// The platform whose rules judged it.
    pub platform: String,
    /// When it was taken.
    pub taken_at: NaiveDateTime,
    /// When it was last seen on the device: at first, when it was taken.
    pub verified_at: NaiveDateTime,
    /// How often it was seen: at first, once.
    pub seen: i32,
    /// SHA-256 of the raw bytes.
    pub sha256: String,
    /// SHA-256 of the normalised text.
    pub fingerprint: String,
    /// SHA-256 of the information commands' output.
    pub info_sha256: Option<String>,
    /// Length of the raw bytes.
    pub bytes: i64,
    /// Lines of the raw text.
    pub lines: i32,
    /// Lines that the previous version had not.
    pub added: i32,
    /// Lines of the previous version that are gone.
    pub removed: i32,
    /// Who or what asked for the job that brought it.
    pub started_by: String,
}

/// Adds a version. Its contents must be there.
pub async fn insert(conn: &mut Conn, new: &NewVersion) -> Result<BackupId, StoreError> {
    let insert = diesel::insert_into(backups::table).values(new).returning(backups::id);
    let id: i64 = on!(conn, |c| prepared(insert).get_result(c))?;
    Ok(BackupId(id))
}

/// Writes down that an equal configuration was seen on the device again: then nobody expects a shorter one any more.
pub async fn seen_again(conn: &mut Conn, id: BackupId, now: DateTime<Utc>) -> Result<(), StoreError> {
    let values = (
        backups::verified_at.eq(now.naive_utc()),
        backups::seen.eq(backups::seen + 1),
        backups::accepted_lines.eq(None::<i32>),
    );
    on!(conn, |c| prepared(diesel::update(backups::table.find(id.0)).set(values)).execute(c))?;
    Ok(())
}

/// Notes the fingerprint that a version has by today's rules.
pub async fn set_fingerprint(conn: &mut Conn, id: BackupId, fingerprint: &str) -> Result<(), StoreError> {
    let row = backups::table.find(id.0);
    on!(conn, |c| diesel::update(row).set(backups::fingerprint.eq(fingerprint)).execute(c))?;
    Ok(())
}

/// The version with this id, if there is one.
pub async fn find(conn: &mut Conn, scope: Scope, id: BackupId) -> Result<Option<Backup>, StoreError> {
    let row: Option<(BackupRow, String)> = on!(conn, |c| backups::table
        .inner_join(devices::table)
        .filter(backups::id.eq(id.0).and(scope::in_scope!(scope)))
        .select((BackupRow::as_select(), devices::name))
        .get_result(c))
    .optional()?;
    Ok(row.map(backup))
}

/// The address of a version's device information, if it has some.
pub async fn info(conn: &mut Conn, id: BackupId) -> Result<Option<String>, StoreError> {
    let found: Option<Option<String>> =
        on!(conn, |c| backups::table.find(id.0).select(backups::info_sha256).get_result(c)).optional()?;
    Ok(found.flatten())
}

/// The device's newest version, if there is one.
pub async fn newest(conn: &mut Conn, scope: Scope, device: DeviceId) -> Result<Option<Backup>, StoreError> {
    let row: Option<(BackupRow, String)> = on!(conn, |c| backups::table
        .inner_join(devices::table)
        .filter(backups::device_id.eq(device.0).and(scope::in_scope!(scope)))
        .order(backups::id.desc())
        .select((BackupRow::as_select(), devices::name))
        .first(c))
    .optional()?;
    Ok(row.map(backup))
}

/// The device's version before this one, if there is one.
pub async fn before(conn: &mut Conn, device: DeviceId, id: BackupId) -> Result<Option<BackupId>, StoreError> {
    let found: Option<i64> = on!(conn, |c| backups::table
        .filter(backups::device_id.eq(device.0).and(backups::id.lt(id.0)))
        .order(backups::id.desc())
        .select(backups::id)
        .first(c))
    .optional()?;
    Ok(found.map(BackupId))
}

/// A page of a device's versions, the newest first.
pub async fn list(
    conn: &mut Conn,
    scope: Scope,
    device: DeviceId,
    request: PageRequest,
) -> Result<Page<Backup>, StoreError> {
    let total: i64 = on!(conn, |c| backups::table
        .inner_join(devices::table)
        .filter(backups::device_id.eq(device.0).and(scope::in_scope!(scope)))
        .count()
        .get_result(c))?;
    let rows: Vec<(BackupRow, String)> = on!(conn, |c| backups::table
        .inner_join(devices::table)
        .filter(backups::device_id.eq(device.0).and(scope::in_scope!(scope)))
        .order(backups::id.desc())
        .select((BackupRow::as_select(), devices::name))
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    Ok(Page { rows: rows.into_iter().map(backup).collect(), total, request })
}

/// How many versions do not read back.
pub async fn damaged(conn: &mut Conn, scope: Scope) -> Result<i64, StoreError> {
    Ok(on!(conn, |c| backups::table
        .inner_join(devices::table)
        .filter(backups::is_damaged.and(scope::in_scope!(scope)))
        .count()
        .first(c))?)
}

/// The newest versions of all devices since `since`.
pub async fn recent(
    conn: &mut Conn,
    scope: Scope,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Backup>, StoreError> {
    let rows: Vec<(BackupRow, String)> = on!(conn, |c| backups::table
        .inner_join(devices::table)
        .filter(backups::taken_at.ge(since.naive_utc()).and(scope::in_scope!(scope)))
        .order((backups::taken_at.desc(), backups::id.desc()))
        .select((BackupRow::as_select(), devices::name))
        .limit(limit)
        .load(c))?;
    Ok(rows.into_iter().map(backup).collect())
}
