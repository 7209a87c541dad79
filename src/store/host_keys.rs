//! Table `host_keys`: the one key that a device may show at a place, and one that was refused there.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, on, schema::host_keys};
use crate::domain::{
    host_key::{HostKey, Pin},
    id::DeviceId,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = host_keys, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub(super) struct PinRow {
    address: String,
    port: i32,
    algorithm: String,
    fingerprint: String,
    public_key: String,
    pinned_at: NaiveDateTime,
    pinned_by: String,
    refused_algorithm: Option<String>,
    refused_fingerprint: Option<String>,
    refused_public_key: Option<String>,
    refused_at: Option<NaiveDateTime>,
}

impl From<PinRow> for Pin {
    fn from(row: PinRow) -> Self {
        let refused =
            match (row.refused_algorithm, row.refused_fingerprint, row.refused_public_key, row.refused_at) {
                (Some(algorithm), Some(fingerprint), Some(public_key), Some(at)) => {
                    Some((HostKey { algorithm, fingerprint, public_key }, at.and_utc()))
                }
                _ => None,
            };
        Self {
            key: HostKey {
                algorithm: row.algorithm,
                fingerprint: row.fingerprint,
                public_key: row.public_key,
            },
            place: (row.address, u16::try_from(row.port).unwrap_or_default()),
            pinned_at: row.pinned_at.and_utc(),
            pinned_by: row.pinned_by,
            refused,
        }
    }
}

/// The device's pinned keys, the one that was pinned first at first.
pub async fn of(conn: &mut Conn, device: DeviceId) -> Result<Vec<Pin>, StoreError> {
    let rows: Vec<PinRow> = on!(conn, |c| host_keys::table
        .filter(host_keys::device_id.eq(device.0))
        .select(PinRow::as_select())
        .order(host_keys::id)
        .load(c))?;
    Ok(rows.into_iter().map(Pin::from).collect())
}

/// The row of a device's key at a place.
macro_rules! at {
    ($device:expr, $place:expr) => {
        host_keys::table
            .filter(host_keys::device_id.eq($device.0))
            .filter(host_keys::address.eq($place.0.as_str()))
            .filter(host_keys::port.eq(i32::from($place.1)))
    };
}

/// Forgets every key of a device.
pub async fn forget(conn: &mut Conn, device: DeviceId) -> Result<(), StoreError> {
    let all = host_keys::table.filter(host_keys::device_id.eq(device.0));
    on!(conn, |c| diesel::delete(all).execute(c))?;
    Ok(())
}

/// Pins a key, in place of whatever was pinned at this place before.
pub async fn pin(
    conn: &mut Conn,
    device: DeviceId,
    (place, key): (&(String, u16), &HostKey),
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(at!(device, place)).execute(c))?;
    let values = (
        host_keys::device_id.eq(device.0),
        host_keys::address.eq(place.0.as_str()),
        host_keys::port.eq(i32::from(place.1)),
        host_keys::algorithm.eq(key.algorithm.as_str()),
        host_keys::fingerprint.eq(key.fingerprint.as_str()),
        host_keys::public_key.eq(key.public_key.as_str()),
        host_keys::pinned_at.eq(now.naive_utc()),
        host_keys::pinned_by.eq(by),
    );
    on!(conn, |c| diesel::insert_into(host_keys::table).values(values).execute(c))?;
    Ok(())
}

/// Remembers a key that was refused at a place, so that a person can look at it and decide. What the device is known by at
/// another place is expected there from now on.
pub async fn refuse(
    conn: &mut Conn,
    device: DeviceId,
    (expected, key): (&Pin, &HostKey),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let place = &expected.place;
    let known: i64 = on!(conn, |c| at!(device, place).count().get_result(c))?;
    if known == 0 {
        pin(conn, device, (place, &expected.key), &expected.pinned_by, expected.pinned_at).await?;
    }
    let row = at!(device, place);
    let values = (
        host_keys::refused_algorithm.eq(key.algorithm.as_str()),
        host_keys::refused_fingerprint.eq(key.fingerprint.as_str()),
        host_keys::refused_public_key.eq(key.public_key.as_str()),
        host_keys::refused_at.eq(now.naive_utc()),
    );
    on!(conn, |c| diesel::update(row).set(values).execute(c))?;
    Ok(())
}
