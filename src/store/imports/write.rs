//! Many devices in few statements, and back again.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Text};
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        device::NewDevice,
        id::{CredentialId, DeviceId, ImportId, UserId},
        import::Before,
    },
    store::{
        Conn, StoreError, on,
        schema::{devices, import_rows},
    },
};

/// A device's row before it is there.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = devices)]
pub struct NewDeviceRow {
    name: String,
    name_key: String,
    address: String,
    port: i32,
    platform: String,
    transport: String,
    description: String,
    is_enabled: bool,
    credential_id: Option<i64>,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    serial_number: String,
    owner_id: Option<i64>,
}

impl NewDeviceRow {
    /// The row of `new`.
    pub fn new(
        new: &NewDevice,
        credential: Option<CredentialId>,
        owner: Option<UserId>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            name: new.name.as_str().to_owned(),
            name_key: new.name.key(),
            address: new.address.as_str().to_owned(),
            port: i32::from(new.port.get()),
            platform: new.platform.clone(),
            transport: new.transport.as_str().to_owned(),
            description: new.description.clone(),
            is_enabled: new.is_enabled,
            credential_id: credential.map(|id| id.0),
            version: 1,
            created_at: now.naive_utc(),
            updated_at: now.naive_utc(),
            serial_number: String::new(),
            owner_id: owner.map(|id| id.0),
        }
    }
}

/// Adds devices and gives their ids in order; [`StoreError::Conflict`] when a name or a place is taken.
pub async fn insert_devices(conn: &mut Conn, rows: Vec<NewDeviceRow>) -> Result<Vec<DeviceId>, StoreError> {
    let ids: Vec<i64> = match conn {
        // diesel-async cannot insert many rows on SQLite (diesel_async#277); its blocking side can.
        Conn::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                let insert = |row: NewDeviceRow| {
                    let insert = diesel::insert_into(devices::table).values(row).returning(devices::id);
                    diesel::RunQueryDsl::get_result(insert, c)
                };
                rows.into_iter().map(insert).collect::<QueryResult<Vec<i64>>>()
            })
            .await?
        }
        Conn::Postgres(c) => {
            let mut ids = Vec::with_capacity(rows.len());
            for chunk in rows.chunks(1_000) {
                let mut added: Vec<(i64, String)> = diesel::insert_into(devices::table)
                    .values(chunk)
                    .returning((devices::id, devices::name_key))
                    .get_results(c)
                    .await?;
                // The order in which rows come back is not promised.
                added.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
                ids.extend(chunk.iter().filter_map(|row| {
                    let at = added.binary_search_by(|(_, key)| key.cmp(&row.name_key)).ok()?;
                    added.get(at).map(|(id, _)| *id)
                }));
            }
            ids
        }
    };
    Ok(ids.into_iter().map(DeviceId).collect())
}

/// What an import does to a device: the device before as JSON, the credential before, the version after.
pub type Trace = (DeviceId, Option<String>, Option<i64>, i32);

#[derive(Insertable)]
#[diesel(table_name = import_rows)]
struct TraceRow {
    import_id: i64,
    device_id: i64,
    before: Option<String>,
    old_credential_id: Option<i64>,
    version: i32,
}

/// Remembers what an import did, so that it can be undone.
pub async fn remember(conn: &mut Conn, import: ImportId, traces: Vec<Trace>) -> Result<(), StoreError> {
    let rows: Vec<TraceRow> = traces
        .into_iter()
        .map(|(device, before, old_credential_id, version)| TraceRow {
            import_id: import.0,
            device_id: device.0,
            before,
            old_credential_id,
            version,
        })
        .collect();
    match conn {
        Conn::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                for row in rows {
                    diesel::RunQueryDsl::execute(diesel::insert_into(import_rows::table).values(row), c)?;
                }
                Ok(())
            })
            .await?;
        }
        Conn::Postgres(c) => {
            for chunk in rows.chunks(2_000) {
                diesel::insert_into(import_rows::table).values(chunk).execute(c).await?;
            }
        }
    }
    Ok(())
}

/// Deletes devices as people do: they wait to be restored, and their names are free. Gives how many.
pub async fn soft_delete(
    conn: &mut Conn,
    ids: &[DeviceId],
    by: &str,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let mut gone = 0;
    for ids in ids.chunks(5_000) {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let rows = devices::table.filter(devices::id.eq_any(&ids).and(devices::deleted_at.is_null()));
        let values = (
            devices::name_key.eq(sql::<Text>("'~deleted-' || CAST(id AS TEXT) || '~' || name_key")),
            devices::deleted_at.eq(now.naive_utc()),
            devices::deleted_by.eq(by),
        );
        gone += on!(conn, |c| diesel::update(rows).set(values).execute(c))?;
    }
    Ok(gone)
}

/// Gives a device its old fields back, if it still has `version`; `false` when it has been changed since.
pub async fn restore(
    conn: &mut Conn,
    (id, version): (DeviceId, i32),
    before: &Before,
    credential: Option<i64>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (
        devices::name.eq(before.name.as_str()),
        devices::name_key.eq(before.name.to_lowercase()),
        devices::address.eq(before.address.as_str()),
        devices::port.eq(i32::from(before.port)),
        devices::platform.eq(before.platform.as_str()),
        devices::transport.eq(before.transport.as_str()),
        devices::description.eq(before.description.as_str()),
        devices::is_enabled.eq(before.is_enabled),
        devices::credential_id.eq(credential),
        devices::version.eq(version + 1),
        devices::updated_at.eq(now.naive_utc()),
    );
    let row = devices::table.filter(
        devices::id.eq(id.0).and(devices::version.eq(version)).and(devices::deleted_at.is_null()),
    );
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}
