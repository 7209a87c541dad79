//! The inventory as an import compares with it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{access::Scope, id::DeviceId},
    store::{
        Conn, StoreError, on,
        schema::devices,
        scope,
    },
};

/// A device as an import compares with it.
#[derive(Debug, Clone)]
pub struct KnownDevice {
    /// The row.
    pub id: DeviceId,
    /// As people wrote it.
    pub name: String,
    /// The form in which names are compared.
    pub name_key: String,
    /// IP address or host name.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// The platform's key.
    pub platform: String,
    /// How it is reached.
    pub transport: String,
    /// Free words.
    pub description: String,
    /// Whether schedules take it.
    pub is_enabled: bool,
    /// Its own credential, or a shared one.
    pub credential: Option<i64>,
    /// Counts edits.
    pub version: i32,
    /// Whether the person sees it.
    pub is_seen: bool,
}

type Row = ((i64, String, String, String, i32), (String, String, String, bool, Option<i64>, i32));

/// Every device that is not deleted, each with whether `scope` has it.
pub async fn known(conn: &mut Conn, scope: Scope) -> Result<Vec<KnownDevice>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| devices::table
        .filter(devices::deleted_at.is_null())
        .select((
            (devices::id, devices::name, devices::name_key, devices::address, devices::port),
            (
                devices::platform,
                devices::transport,
                devices::description,
                devices::is_enabled,
                devices::credential_id,
                devices::version,
            ),
        ))
        .order(devices::id)
        .load(c))?;
    let seen: Vec<i64> = if scope == Scope::All {
        Vec::new()
    } else {
        on!(conn, |c| devices::table
            .filter(scope::in_scope!(scope))
            .select(devices::id)
            .order(devices::id)
            .load(c))?
    };
    Ok(rows
        .into_iter()
        .map(|((id, name, name_key, address, port), more)| {
            let (platform, transport, description, is_enabled, credential, version) = more;
            KnownDevice {
                id: DeviceId(id),
                name,
                name_key,
                address,
                port: u16::try_from(port).unwrap_or_default(),
                platform,
                transport,
                description,
                is_enabled,
                credential,
                version,
                is_seen: scope == Scope::All || seen.binary_search(&id).is_ok(),
            }
        })
        .collect())
}
