//! Table `jump_hosts`: SSH servers through which devices are reached.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{jump_hosts, reach},
};
use crate::domain::{
    host_key::{HostKey, Pin},
    id::{CredentialId, JumpHostId},
    jump_host::{JumpHost, NewJumpHost},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = jump_hosts, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct Row {
    id: i64,
    name: String,
    address: String,
    port: i32,
    credential_id: i64,
    via_id: Option<i64>,
    key_address: Option<String>,
    key_port: Option<i32>,
    algorithm: Option<String>,
    fingerprint: Option<String>,
    public_key: Option<String>,
    pinned_at: Option<NaiveDateTime>,
    pinned_by: Option<String>,
    refused_algorithm: Option<String>,
    refused_fingerprint: Option<String>,
    refused_public_key: Option<String>,
    refused_at: Option<NaiveDateTime>,
    turned_away_revision: Option<i32>,
    turned_away_at: Option<NaiveDateTime>,
    version: i32,
}

fn port(number: i32) -> Result<u16, StoreError> {
    let unreadable = |_| StoreError::Unreadable { column: "jump_hosts.port", value: number.to_string() };
    u16::try_from(number).map_err(unreadable)
}

fn key(
    algorithm: Option<String>,
    fingerprint: Option<String>,
    public_key: Option<String>,
) -> Option<HostKey> {
    Some(HostKey { algorithm: algorithm?, fingerprint: fingerprint?, public_key: public_key? })
}

impl TryFrom<Row> for JumpHost {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let refused = key(row.refused_algorithm, row.refused_fingerprint, row.refused_public_key);
        let refused = refused.zip(column::instant(row.refused_at));
        let pinned = key(row.algorithm, row.fingerprint, row.public_key);
        let pin = match (pinned, row.key_address, row.key_port, column::instant(row.pinned_at)) {
            (Some(key), Some(address), Some(number), Some(pinned_at)) => Some(Pin {
                key,
                place: (address, port(number)?),
                pinned_at,
                pinned_by: row.pinned_by.unwrap_or_default(),
                refused,
            }),
            _ => None,
        };
        Ok(Self {
            id: JumpHostId(row.id),
            name: row.name,
            address: row.address,
            port: port(row.port)?,
            credential: CredentialId(row.credential_id),
            via: row.via_id.map(JumpHostId),
            pin,
            refused: row.turned_away_revision.zip(column::instant(row.turned_away_at)),
            version: row.version,
        })
    }
}

/// All of them, by name. There are few.
pub async fn all(conn: &mut Conn) -> Result<Vec<JumpHost>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| jump_hosts::table
        .select(Row::as_select())
        .order((jump_hosts::name_key, jump_hosts::id))
        .load(c))?;
    rows.into_iter().map(JumpHost::try_from).collect()
}

/// The one with this id.
pub async fn find(conn: &mut Conn, id: JumpHostId) -> Result<Option<JumpHost>, StoreError> {
    let row: Option<Row> =
        on!(conn, |c| jump_hosts::table.find(id.0).select(Row::as_select()).get_result(c)).optional()?;
    row.map(JumpHost::try_from).transpose()
}

macro_rules! values {
    ($new:expr, $version:expr, $now:expr) => {
        (
            jump_hosts::name.eq($new.name.as_str()),
            jump_hosts::name_key.eq($new.name.key()),
            jump_hosts::address.eq($new.address.as_str()),
            jump_hosts::port.eq(i32::from($new.port.get())),
            jump_hosts::credential_id.eq($new.credential.0),
            jump_hosts::via_id.eq($new.via.map(|id| id.0)),
            jump_hosts::turned_away_revision.eq(None::<i32>),
            jump_hosts::turned_away_at.eq(None::<NaiveDateTime>),
            jump_hosts::version.eq($version),
            jump_hosts::updated_at.eq($now.naive_utc()),
        )
    };
}

/// Adds one; [`StoreError::Conflict`] when the name is taken.
pub async fn insert(
    conn: &mut Conn,
    new: &NewJumpHost,
    now: DateTime<Utc>,
) -> Result<JumpHostId, StoreError> {
    let values = (values!(new, 1, now), jump_hosts::created_at.eq(now.naive_utc()));
    let id: i64 = on!(conn, |c| diesel::insert_into(jump_hosts::table)
        .values(values)
        .returning(jump_hosts::id)
        .get_result(c))?;
    Ok(JumpHostId(id))
}

/// Writes an edit if it still has the `version` that the edit started from; `false` when it has not. What it refused may be
/// shown to it again.
pub async fn update(
    conn: &mut Conn,
    (id, version): (JumpHostId, i32),
    new: &NewJumpHost,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = jump_hosts::table.filter(jump_hosts::id.eq(id.0).and(jump_hosts::version.eq(version)));
    Ok(on!(conn, |c| diesel::update(row).set(values!(new, version + 1, now)).execute(c))? > 0)
}

/// Deletes one that nothing is reached through.
pub async fn delete(conn: &mut Conn, id: JumpHostId) -> Result<bool, StoreError> {
    Ok(on!(conn, |c| diesel::delete(jump_hosts::table.find(id.0)).execute(c))? > 0)
}

/// How many devices, deleted ones that can come back included, and how many jump hosts are reached through it.
pub async fn used_by(conn: &mut Conn, id: JumpHostId) -> Result<(i64, i64), StoreError> {
    let devices = reach::table.filter(reach::jump_host_id.eq(id.0)).count();
    let hosts = jump_hosts::table.filter(jump_hosts::via_id.eq(id.0)).count();
    Ok((on!(conn, |c| devices.get_result(c))?, on!(conn, |c| hosts.get_result(c))?))
}

/// How many devices are reached through each, deleted ones that can come back included.
pub async fn behind(conn: &mut Conn) -> Result<BTreeMap<JumpHostId, i64>, StoreError> {
    let counts = reach::table
        .filter(reach::jump_host_id.is_not_null())
        .group_by(reach::jump_host_id)
        .select((reach::jump_host_id.assume_not_null(), diesel::dsl::count_star()));
    let rows: Vec<(i64, i64)> = on!(conn, |c| counts.load(c))?;
    Ok(rows.into_iter().map(|(id, count)| (JumpHostId(id), count)).collect())
}

/// How many are shown this credential.
pub async fn shown(conn: &mut Conn, credential: CredentialId) -> Result<i64, StoreError> {
    let shown = jump_hosts::table.filter(jump_hosts::credential_id.eq(credential.0)).count();
    Ok(on!(conn, |c| shown.get_result(c))?)
}

/// Pins a key for a place, in place of whatever was pinned before.
pub async fn pin(
    conn: &mut Conn,
    id: JumpHostId,
    (place, key): (&(String, u16), &HostKey),
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        jump_hosts::key_address.eq(place.0.as_str()),
        jump_hosts::key_port.eq(i32::from(place.1)),
        jump_hosts::algorithm.eq(key.algorithm.as_str()),
        jump_hosts::fingerprint.eq(key.fingerprint.as_str()),
        jump_hosts::public_key.eq(key.public_key.as_str()),
        jump_hosts::pinned_at.eq(now.naive_utc()),
        jump_hosts::pinned_by.eq(by),
        jump_hosts::refused_algorithm.eq(None::<String>),
        jump_hosts::refused_fingerprint.eq(None::<String>),
        jump_hosts::refused_public_key.eq(None::<String>),
        jump_hosts::refused_at.eq(None::<NaiveDateTime>),
    );
    on!(conn, |c| diesel::update(jump_hosts::table.find(id.0)).set(values).execute(c))?;
    Ok(())
}

/// Remembers a key that was refused, so that a person can look at it and decide.
pub async fn refuse_key(
    conn: &mut Conn,
    id: JumpHostId,
    key: &HostKey,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        jump_hosts::refused_algorithm.eq(key.algorithm.as_str()),
        jump_hosts::refused_fingerprint.eq(key.fingerprint.as_str()),
        jump_hosts::refused_public_key.eq(key.public_key.as_str()),
        jump_hosts::refused_at.eq(now.naive_utc()),
    );
    on!(conn, |c| diesel::update(jump_hosts::table.find(id.0)).set(values).execute(c))?;
    Ok(())
}

/// Remembers that it has refused its credential at this revision of the secrets.
pub async fn turn_away(
    conn: &mut Conn,
    id: JumpHostId,
    revision: i32,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values =
        (jump_hosts::turned_away_revision.eq(revision), jump_hosts::turned_away_at.eq(now.naive_utc()));
    on!(conn, |c| diesel::update(jump_hosts::table.find(id.0)).set(values).execute(c))?;
    Ok(())
}
