//! Table `devices`.

mod for_job;
mod list;
mod marks;
mod removal;

pub use for_job::{ForJob, find_for_job};
pub use list::{by_platform, list, standings};
pub use marks::{
    JobMark, current_versions, logins, mark, set_changed, set_credential, set_enabled, set_reachable,
};
pub use removal::{deleted, expired, find_deleted, hide, remove, restore};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::devices, scope};
use crate::domain::{
    access::Scope,
    device::{Device, LastJob, NewDevice, Reachability},
    id::{BackupId, CredentialId, DeviceId, JobId, UserId},
    time_limit::TimeLimit,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = devices, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct DeviceRow {
    id: i64,
    name: String,
    address: String,
    port: i32,
    platform: String,
    transport: String,
    description: String,
    is_enabled: bool,
    credential_id: Option<i64>,
    version: i32,
    created_at: NaiveDateTime,
    current_backup_id: Option<i64>,
    last_good_at: Option<NaiveDateTime>,
    last_changed_at: Option<NaiveDateTime>,
    last_job_id: Option<i64>,
    last_job_at: Option<NaiveDateTime>,
    last_job_state: Option<String>,
    last_job_outcome: Option<String>,
    last_job_class: Option<String>,
    serial_number: String,
    owner_id: Option<i64>,
    is_reachable: Option<bool>,
    reachability_at: Option<NaiveDateTime>,
    reachability_note: Option<String>,
    time_limit: Option<i32>,
}

impl TryFrom<DeviceRow> for Device {
    type Error = StoreError;

    fn try_from(row: DeviceRow) -> Result<Self, StoreError> {
        let port = u16::try_from(row.port)
            .map_err(|_| StoreError::Unreadable { column: "devices.port", value: row.port.to_string() })?;
        let last_job = match (row.last_job_id, row.last_job_at, row.last_job_state.as_deref()) {
            (Some(id), Some(at), Some(state)) => Some(LastJob {
                id: JobId(id),
                at: at.and_utc(),
                state: column::word("devices.last_job_state", state)?,
                outcome: column::word_if_any("devices.last_job_outcome", row.last_job_outcome.as_deref())?,
                class: column::word_if_any("devices.last_job_class", row.last_job_class.as_deref())?,
            }),
            _ => None,
        };
        Ok(Self {
            id: DeviceId(row.id),
            name: row.name,
            address: row.address,
            port,
            platform: row.platform,
            transport: column::word("devices.transport", &row.transport)?,
            description: row.description,
            is_enabled: row.is_enabled,
            credential: row.credential_id.map(CredentialId),
            version: row.version,
            created_at: row.created_at.and_utc(),
            current_backup: row.current_backup_id.map(BackupId),
            last_good_at: column::instant(row.last_good_at),
            last_changed_at: column::instant(row.last_changed_at),
            last_job,
            serial_number: row.serial_number,
            owner: row.owner_id.map(UserId),
            reachability: row.is_reachable.zip(row.reachability_at).map(|(is_reachable, at)| Reachability {
                is_reachable,
                at: at.and_utc(),
                note: row.reachability_note.unwrap_or_default(),
            }),
            time_limit: column::time_limit(row.time_limit)?,
        })
    }
}

/// Adds a device; [`StoreError::Conflict`] when the name, or the address and port, are taken.
pub async fn insert(
    conn: &mut Conn,
    new: &NewDevice,
    credential: Option<CredentialId>,
    now: DateTime<Utc>,
) -> Result<DeviceId, StoreError> {
    let values = (
        devices::name.eq(new.name.as_str()),
        devices::name_key.eq(new.name.key()),
        devices::address.eq(new.address.as_str()),
        devices::port.eq(i32::from(new.port.get())),
        devices::platform.eq(new.platform.as_str()),
        devices::transport.eq(new.transport.as_str()),
        devices::description.eq(new.description.as_str()),
        devices::is_enabled.eq(new.is_enabled),
        devices::credential_id.eq(credential.map(|id| id.0)),
        devices::serial_number.eq(new.serial_number.as_str()),
        devices::owner_id.eq(new.owner.map(|id| id.0)),
        devices::time_limit.eq(new.time_limit.map(TimeLimit::seconds)),
        devices::version.eq(1),
        devices::created_at.eq(now.naive_utc()),
        devices::updated_at.eq(now.naive_utc()),
    );
    let id: i64 = on!(conn, |c| diesel::insert_into(devices::table)
        .values(values)
        .returning(devices::id)
        .get_result(c))?;
    Ok(DeviceId(id))
}

/// Writes an edit if the device still has the `version` that the edit started from; `false` when it has not.
pub async fn update(
    conn: &mut Conn,
    (id, version): (DeviceId, i32),
    new: &NewDevice,
    credential: Option<CredentialId>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (
        devices::name.eq(new.name.as_str()),
        devices::name_key.eq(new.name.key()),
        devices::address.eq(new.address.as_str()),
        devices::port.eq(i32::from(new.port.get())),
        devices::platform.eq(new.platform.as_str()),
        devices::transport.eq(new.transport.as_str()),
        devices::description.eq(new.description.as_str()),
        devices::is_enabled.eq(new.is_enabled),
        devices::credential_id.eq(credential.map(|id| id.0)),
        devices::serial_number.eq(new.serial_number.as_str()),
        devices::owner_id.eq(new.owner.map(|id| id.0)),
        devices::time_limit.eq(new.time_limit.map(TimeLimit::seconds)),
        devices::version.eq(version + 1),
        devices::updated_at.eq(now.naive_utc()),
    );
    let row = devices::table.filter(devices::id.eq(id.0).and(devices::version.eq(version)));
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// Gives the device in its `version` another platform; `false` when somebody else has changed it meanwhile.
pub async fn set_platform(
    conn: &mut Conn,
    (id, version): (DeviceId, i32),
    platform: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (
        devices::platform.eq(platform),
        devices::version.eq(version + 1),
        devices::updated_at.eq(now.naive_utc()),
    );
    let row = devices::table.filter(devices::id.eq(id.0).and(devices::version.eq(version)));
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// The device with this id, where it is within the scope and not deleted.
pub async fn find(conn: &mut Conn, scope: Scope, id: DeviceId) -> Result<Option<Device>, StoreError> {
    let row: Option<DeviceRow> = on!(conn, |c| devices::table
        .filter(devices::id.eq(id.0).and(scope::in_scope!(scope)))
        .select(DeviceRow::as_select())
        .get_result(c))
    .optional()?;
    row.map(Device::try_from).transpose()
}

/// The device whose name has this key.
pub async fn find_by_name(conn: &mut Conn, scope: Scope, key: &str) -> Result<Option<Device>, StoreError> {
    let row: Option<DeviceRow> = on!(conn, |c| devices::table
        .filter(devices::name_key.eq(key).and(scope::in_scope!(scope)))
        .select(DeviceRow::as_select())
        .get_result(c))
    .optional()?;
    row.map(Device::try_from).transpose()
}

/// The device at this address and port.
pub async fn find_by_place(conn: &mut Conn, address: &str, port: u16) -> Result<Option<Device>, StoreError> {
    let place = devices::address.eq(address).and(devices::port.eq(i32::from(port)));
    let row: Option<DeviceRow> = on!(conn, |c| devices::table
        .filter(place.and(devices::deleted_at.is_null()))
        .select(DeviceRow::as_select())
        .get_result(c))
    .optional()?;
    row.map(Device::try_from).transpose()
}

/// Every device's id, name key and place, for checks over many of them.
pub async fn places(conn: &mut Conn) -> Result<Vec<(DeviceId, String, (String, u16))>, StoreError> {
    let rows: Vec<(i64, String, String, i32)> = on!(conn, |c| devices::table
        .filter(devices::deleted_at.is_null())
        .select((devices::id, devices::name_key, devices::address, devices::port))
        .load(c))?;
    Ok(rows
        .into_iter()
        .map(|(id, name, address, port)| {
            (DeviceId(id), name, (address, u16::try_from(port).unwrap_or_default()))
        })
        .collect())
}

/// Those of these devices that are within the scope, with their names.
pub async fn named(
    conn: &mut Conn,
    scope: Scope,
    ids: &[DeviceId],
) -> Result<Vec<(DeviceId, String)>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<(i64, String)> = on!(conn, |c| devices::table
            .filter(devices::id.eq_any(&ids).and(scope::in_scope!(scope)))
            .select((devices::id, devices::name))
            .load(c))?;
        found.extend(rows.into_iter().map(|(id, name)| (DeviceId(id), name)));
    }
    Ok(found)
}
