//! What people do with kept versions: pin, annotate, check, delete.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::id::{BackupId, DeviceId},
    store::{
        Conn, StoreError, on,
        schema::{backups, devices, jobs},
    },
};

/// Pins a version or lets it go.
pub async fn pin(conn: &mut Conn, id: BackupId, is_pinned: bool) -> Result<(), StoreError> {
    let row = backups::table.find(id.0);
    on!(conn, |c| diesel::update(row).set(backups::is_pinned.eq(is_pinned)).execute(c))?;
    Ok(())
}

/// Lets the device's next configuration be as short as this.
pub async fn accept_lines(conn: &mut Conn, id: BackupId, lines: i32) -> Result<(), StoreError> {
    let row = backups::table.find(id.0);
    on!(conn, |c| diesel::update(row).set(backups::accepted_lines.eq(lines)).execute(c))?;
    Ok(())
}

/// Writes a note on a version in place of the one before.
pub async fn keep_note(conn: &mut Conn, id: BackupId, note: &str) -> Result<(), StoreError> {
    let row = backups::table.find(id.0);
    on!(conn, |c| diesel::update(row).set(backups::note.eq(note)).execute(c))?;
    Ok(())
}

/// Keeps everybody else from giving the device another version until the transaction ends.
pub async fn lock_device(conn: &mut Conn, device: DeviceId) -> Result<(), StoreError> {
    match conn {
        // The transaction already holds SQLite's only write lock.
        Conn::Sqlite(_) => {}
        Conn::Postgres(c) => {
            let row = devices::table.find(device.0).select(devices::id).for_update();
            let _: Option<i64> = row.get_result(c).await.optional()?;
        }
    }
    Ok(())
}

/// The device's newest version that is not known to be damaged, if there is one.
pub async fn newest_good(conn: &mut Conn, device: DeviceId) -> Result<Option<BackupId>, StoreError> {
    let found: Option<i64> = on!(conn, |c| backups::table
        .filter(backups::device_id.eq(device.0).and(backups::is_damaged.eq(false)))
        .order(backups::id.desc())
        .select(backups::id)
        .first(c))
    .optional()?;
    Ok(found.map(BackupId))
}

/// Deletes a version; the jobs that stored or confirmed it name it no longer. Gives the addresses of its texts, which
/// may be anybody's.
pub async fn delete(conn: &mut Conn, id: BackupId) -> Result<Vec<String>, StoreError> {
    let texts: Option<(String, Option<String>)> = on!(conn, |c| backups::table
        .find(id.0)
        .select((backups::sha256, backups::info_sha256))
        .get_result(c))
    .optional()?;
    let told = jobs::table.filter(jobs::backup_id.eq(id.0));
    on!(conn, |c| diesel::update(told).set(jobs::backup_id.eq(None::<i64>)).execute(c))?;
    on!(conn, |c| diesel::delete(backups::table.find(id.0)).execute(c))?;
    Ok(texts.into_iter().flat_map(|(raw, info)| std::iter::once(raw).chain(info)).collect())
}

/// Sets the device's marks by the newest version that is left: which one is current, when it was last seen and when
/// it came.
pub async fn remark(conn: &mut Conn, device: DeviceId) -> Result<(), StoreError> {
    let newest: Option<(i64, NaiveDateTime, NaiveDateTime)> = on!(conn, |c| backups::table
        .filter(backups::device_id.eq(device.0))
        .order(backups::id.desc())
        .select((backups::id, backups::verified_at, backups::taken_at))
        .first(c))
    .optional()?;
    let (current, good, changed) =
        newest.map_or((None, None, None), |(id, seen, taken)| (Some(id), Some(seen), Some(taken)));
    let values = (
        devices::current_backup_id.eq(current),
        devices::last_good_at.eq(good),
        devices::last_changed_at.eq(changed),
    );
    on!(conn, |c| diesel::update(devices::table.find(device.0)).set(values).execute(c))?;
    Ok(())
}
