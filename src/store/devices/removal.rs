//! Deleted devices: hidden at once, kept for a while with their history, removed at last.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Text};
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::{Actor, Scope},
        device::DeletedDevice,
        id::{CredentialId, DeviceId},
        page::{Page, PageRequest},
    },
    store::{
        Conn, StoreError, on,
        schema::{backups, devices},
    },
};

type Row = (i64, String, String, i32, NaiveDateTime, Option<String>, i64);

fn read((id, name, address, port, at, by, versions): Row) -> DeletedDevice {
    DeletedDevice {
        id: DeviceId(id),
        name,
        address,
        port: u16::try_from(port).unwrap_or_default(),
        deleted_at: at.and_utc(),
        deleted_by: by.unwrap_or_default(),
        versions,
    }
}

/// Rows of deleted devices with the number of their versions.
macro_rules! rows {
    () => {
        devices::table.filter(devices::deleted_at.is_not_null()).select((
            devices::id,
            devices::name,
            devices::address,
            devices::port,
            devices::deleted_at.assume_not_null(),
            devices::deleted_by,
            backups::table
                .filter(backups::device_id.eq(devices::id))
                .count()
                .single_value()
                .assume_not_null(),
        ))
    };
}

/// Hides devices; their names and places are free from here on. Gives how many there were.
pub async fn hide(
    conn: &mut Conn,
    ids: &[DeviceId],
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let free = || sql::<Text>("'~deleted-' || id || '~' || name_key");
    let mut gone = 0;
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows = devices::table.filter(devices::id.eq_any(&ids).and(devices::deleted_at.is_null()));
        let values = (
            devices::deleted_at.eq(now.naive_utc()),
            devices::deleted_by.eq(by.name.as_str()),
            devices::name_key.eq(free()),
            devices::version.eq(devices::version + 1),
        );
        gone += on!(conn, |c| diesel::update(rows).set(values).execute(c))?;
    }
    Ok(gone)
}

/// Brings a deleted device back; [`StoreError::Conflict`] when its name or place was taken in the meantime, `false`
/// when there is none.
pub async fn restore(
    conn: &mut Conn,
    (id, name_key): (DeviceId, &str),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = devices::table.filter(devices::id.eq(id.0).and(devices::deleted_at.is_not_null()));
    let values = (
        devices::deleted_at.eq(None::<NaiveDateTime>),
        devices::deleted_by.eq(None::<String>),
        devices::name_key.eq(name_key),
        devices::version.eq(devices::version + 1),
        devices::updated_at.eq(now.naive_utc()),
    );
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// The deleted devices, the newest deletion first. They have no tags that count any more, so only those see them whose
/// scope is everything.
pub async fn deleted(
    conn: &mut Conn,
    scope: Scope,
    request: PageRequest,
) -> Result<Page<DeletedDevice>, StoreError> {
    if scope != Scope::All {
        return Ok(Page { rows: Vec::new(), total: 0, request });
    }
    let total: i64 =
        on!(conn, |c| devices::table.filter(devices::deleted_at.is_not_null()).count().get_result(c))?;
    let rows: Vec<Row> = on!(conn, |c| rows!()
        .order((devices::deleted_at.desc(), devices::id.desc()))
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    Ok(Page { rows: rows.into_iter().map(read).collect(), total, request })
}

/// The deleted device with this id.
pub async fn find_deleted(
    conn: &mut Conn,
    scope: Scope,
    id: DeviceId,
) -> Result<Option<DeletedDevice>, StoreError> {
    if scope != Scope::All {
        return Ok(None);
    }
    let row: Option<Row> = on!(conn, |c| rows!().filter(devices::id.eq(id.0)).get_result(c)).optional()?;
    Ok(row.map(read))
}

/// Some devices that were deleted before `before`.
pub async fn expired(
    conn: &mut Conn,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DeletedDevice>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| rows!()
        .filter(devices::deleted_at.assume_not_null().lt(before.naive_utc()))
        .order(devices::id)
        .limit(limit)
        .load(c))?;
    Ok(rows.into_iter().map(read).collect())
}

/// Removes a deleted device with its versions; its jobs stay, without it. Gives its credential's id when it is gone.
pub async fn remove(conn: &mut Conn, id: DeviceId) -> Result<Option<Option<CredentialId>>, StoreError> {
    let row = devices::table.filter(devices::id.eq(id.0).and(devices::deleted_at.is_not_null()));
    let gone: Option<Option<i64>> =
        on!(conn, |c| diesel::delete(row).returning(devices::credential_id).get_result(c)).optional()?;
    Ok(gone.map(|credential| credential.map(CredentialId)))
}
