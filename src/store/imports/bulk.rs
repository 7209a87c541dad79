//! Many rows in few statements. SQLite gets them one by one, but on its own thread in one go: diesel-async cannot
//! insert many rows there (`diesel_async#277`).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        device::NewDevice,
        id::{CredentialId, DeviceId, UserId},
    },
    store::{
        Conn, StoreError,
        credentials::SealedChange,
        schema::{credentials, devices},
    },
};

/// PostgreSQL binds 65,535 values at most.
const CHUNK: usize = 1_000;

#[derive(Clone, Insertable)]
#[diesel(table_name = devices)]
struct DeviceRow {
    name: String,
    name_key: String,
    address: String,
    port: i32,
    platform: String,
    transport: &'static str,
    description: String,
    is_enabled: bool,
    credential_id: Option<i64>,
    serial_number: String,
    owner_id: Option<i64>,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl DeviceRow {
    fn new(
        new: &NewDevice,
        (credential, owner): (Option<CredentialId>, Option<UserId>),
        now: NaiveDateTime,
    ) -> Self {
        Self {
            name: new.name.as_str().to_owned(),
            name_key: new.name.key(),
            address: new.address.as_str().to_owned(),
            port: i32::from(new.port.get()),
            platform: new.platform.clone(),
            transport: new.transport.as_str(),
            description: new.description.clone(),
            is_enabled: new.is_enabled,
            credential_id: credential.map(|id| id.0),
            serial_number: new.serial_number.clone(),
            owner_id: owner.map(|id| id.0),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Adds devices of `owner`, each with its credential, and gives their ids in order; [`StoreError::Conflict`] when a name
/// or a place is taken.
pub async fn insert_devices(
    conn: &mut Conn,
    (new, owner): (&[(&NewDevice, Option<CredentialId>)], Option<UserId>),
    now: DateTime<Utc>,
) -> Result<Vec<DeviceId>, StoreError> {
    let now = now.naive_utc();
    let rows: Vec<DeviceRow> =
        new.iter().map(|(device, credential)| DeviceRow::new(device, (*credential, owner), now)).collect();
    let ids: Vec<i64> = match conn {
        Conn::Sqlite(c) => {
            let insert = |row, c: &mut _| {
                let insert = diesel::insert_into(devices::table).values::<DeviceRow>(row);
                diesel::RunQueryDsl::get_result(insert.returning(devices::id), c)
            };
            c.spawn_blocking(move |c| rows.into_iter().map(|row| insert(row, c)).collect::<QueryResult<_>>())
                .await?
        }
        Conn::Postgres(c) => {
            let mut ids = Vec::with_capacity(rows.len());
            for chunk in rows.chunks(CHUNK) {
                let added: Vec<(String, i64)> = diesel::insert_into(devices::table)
                    .values(chunk)
                    .returning((devices::name_key, devices::id))
                    .get_results(c)
                    .await?;
                // The order in which rows come back is not promised.
                let by_key: BTreeMap<String, i64> = added.into_iter().collect();
                ids.extend(chunk.iter().filter_map(|row| by_key.get(&row.name_key)));
            }
            ids
        }
    };
    Ok(ids.into_iter().map(DeviceId).collect())
}

#[derive(Clone, Insertable)]
#[diesel(table_name = credentials)]
struct CredentialRow {
    row_key: String,
    username: String,
    password: Option<Vec<u8>>,
    enable_secret: Option<Vec<u8>>,
    private_key: Option<Vec<u8>>,
    passphrase: Option<Vec<u8>>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Adds credentials under fresh row keys and gives their ids in order.
pub async fn insert_credentials(
    conn: &mut Conn,
    new: Vec<(String, SealedChange)>,
    now: DateTime<Utc>,
) -> Result<Vec<CredentialId>, StoreError> {
    let now = now.naive_utc();
    let row = |(row_key, sealed): (String, SealedChange)| CredentialRow {
        row_key,
        username: sealed.username,
        password: sealed.password,
        enable_secret: sealed.enable_secret,
        private_key: sealed.private_key,
        passphrase: sealed.passphrase,
        created_at: now,
        updated_at: now,
    };
    let rows: Vec<CredentialRow> = new.into_iter().map(row).collect();
    let ids: Vec<i64> = match conn {
        Conn::Sqlite(c) => {
            let insert = |row, c: &mut _| {
                let insert = diesel::insert_into(credentials::table).values::<CredentialRow>(row);
                diesel::RunQueryDsl::get_result(insert.returning(credentials::id), c)
            };
            c.spawn_blocking(move |c| rows.into_iter().map(|row| insert(row, c)).collect::<QueryResult<_>>())
                .await?
        }
        Conn::Postgres(c) => {
            let mut ids = Vec::with_capacity(rows.len());
            for chunk in rows.chunks(CHUNK) {
                let added: Vec<(String, i64)> = diesel::insert_into(credentials::table)
                    .values(chunk)
                    .returning((credentials::row_key, credentials::id))
                    .get_results(c)
                    .await?;
                let by_key: BTreeMap<String, i64> = added.into_iter().collect();
                ids.extend(chunk.iter().filter_map(|row| by_key.get(&row.row_key)));
            }
            ids
        }
    };
    Ok(ids.into_iter().map(CredentialId).collect())
}
