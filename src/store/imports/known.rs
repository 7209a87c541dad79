//! The inventory as an import compares with it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::Scope,
        device::Reach,
        id::{CredentialId, DeviceId, UserId},
        time_limit::TimeLimit,
    },
    store::{Conn, StoreError, column, on, reach, schema::devices, scope},
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
    /// TCP port, as text.
    pub port: String,
    /// The platform's key.
    pub platform: String,
    /// How it is reached.
    pub transport: String,
    /// Free words.
    pub description: String,
    /// The serial number.
    pub serial_number: String,
    /// Whether schedules take it.
    pub is_enabled: bool,
    /// Its own credential, or a shared one.
    pub credential: Option<CredentialId>,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// Its own time limit.
    pub time_limit: Option<TimeLimit>,
    /// How it is reached beyond its address.
    pub reach: Reach,
    /// Its further addresses as a file has them.
    pub further: String,
    /// Counts edits.
    pub version: i32,
    /// Whether the person sees it.
    pub is_seen: bool,
}

impl KnownDevice {
    /// Where it is reached, in the order of trying.
    pub fn places(&self) -> Vec<(String, u16)> {
        let port = self.port.parse().unwrap_or_default();
        [vec![(self.address.clone(), port)], self.reach.further_places(port)].concat()
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = devices, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct Row {
    id: i64,
    name: String,
    name_key: String,
    address: String,
    port: i32,
    platform: String,
    transport: String,
    description: String,
    serial_number: String,
    is_enabled: bool,
    credential_id: Option<i64>,
    owner_id: Option<i64>,
    time_limit: Option<i32>,
    version: i32,
}

/// Every device that is not deleted, each with whether `scope` has it: names and places are taken by all of them.
pub async fn known(conn: &mut Conn, scope: Scope) -> Result<Vec<KnownDevice>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| devices::table
        .filter(devices::deleted_at.is_null())
        .select(Row::as_select())
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
    let mut reach = reach::all(conn).await?;
    let known = |row: Row| {
        Ok(KnownDevice {
            is_seen: scope == Scope::All || seen.binary_search(&row.id).is_ok(),
            id: DeviceId(row.id),
            name: row.name,
            name_key: row.name_key,
            address: row.address,
            port: row.port.to_string(),
            platform: row.platform,
            transport: row.transport,
            description: row.description,
            serial_number: row.serial_number,
            is_enabled: row.is_enabled,
            credential: row.credential_id.map(CredentialId),
            owner: row.owner_id.map(UserId),
            time_limit: column::time_limit(row.time_limit)?,
            further: reach.get(&DeviceId(row.id)).map(|reach| reach.further_text(";")).unwrap_or_default(),
            reach: reach.remove(&DeviceId(row.id)).unwrap_or_default(),
            version: row.version,
        })
    };
    rows.into_iter().map(known).collect()
}
