//! What an import did to each device, so that it can be undone.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::Scope,
        id::{CredentialId, DeviceId, ImportId},
        import::{Before, Deed},
        page::{Page, PageRequest},
    },
    store::{
        Conn, StoreError, on,
        schema::{credentials, devices, import_rows, imports},
        scope,
    },
};

/// What is to be remembered.
#[derive(Debug)]
pub struct Trace {
    /// The device.
    pub device: DeviceId,
    /// How it was before; `None` when the import added it.
    pub before: Option<Before>,
    /// The credential that it had before, where the import gave it another.
    pub old_credential: Option<CredentialId>,
    /// Its version after the import.
    pub version: i32,
}

#[derive(Clone, Insertable)]
#[diesel(table_name = import_rows)]
struct TraceRow {
    import_id: i64,
    device_id: i64,
    before: Option<String>,
    old_credential_id: Option<i64>,
    version: i32,
}

/// Remembers what an import did.
pub async fn remember(conn: &mut Conn, import: ImportId, traces: &[Trace]) -> Result<(), StoreError> {
    let row = |trace: &Trace| TraceRow {
        import_id: import.0,
        device_id: trace.device.0,
        before: trace.before.as_ref().map(|before| serde_json::to_string(before).unwrap_or_default()),
        old_credential_id: trace.old_credential.map(|id| id.0),
        version: trace.version,
    };
    let rows: Vec<TraceRow> = traces.iter().map(row).collect();
    match conn {
        // As in `bulk`.
        Conn::Sqlite(c) => {
            let insert = |row, c: &mut _| {
                let insert = diesel::insert_into(import_rows::table).values::<TraceRow>(row);
                diesel::RunQueryDsl::execute(insert, c)
            };
            c.spawn_blocking(move |c| rows.into_iter().try_for_each(|row| insert(row, c).map(drop))).await?;
        }
        Conn::Postgres(c) => {
            for chunk in rows.chunks(2_000) {
                diesel::insert_into(import_rows::table).values(chunk).execute(c).await?;
            }
        }
    }
    Ok(())
}

type Row = (i64, String, Option<NaiveDateTime>, Option<i64>, i32, Option<String>, Option<i64>, i32);

fn deed(row: Row) -> Result<Deed, StoreError> {
    let (device, name, deleted_at, credential, version, before, old_credential, version_after) = row;
    let read = |text: String| {
        serde_json::from_str(&text)
            .map_err(|_| StoreError::Unreadable { column: "import_rows.before", value: text })
    };
    Ok(Deed {
        device: DeviceId(device),
        name,
        before: before.map(read).transpose()?,
        old_credential: old_credential.map(CredentialId),
        credential: credential.map(CredentialId),
        is_as_left: deleted_at.is_none() && version == version_after,
    })
}

macro_rules! rows {
    () => {
        (
            devices::id,
            devices::name,
            devices::deleted_at,
            devices::credential_id,
            devices::version,
            import_rows::before,
            import_rows::old_credential_id,
            import_rows::version,
        )
    };
}

/// Everything that an import did, in the order of the devices.
pub async fn deeds(conn: &mut Conn, id: ImportId) -> Result<Vec<Deed>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| import_rows::table
        .inner_join(devices::table)
        .filter(import_rows::import_id.eq(id.0))
        .select(rows!())
        .order(devices::id)
        .load(c))?;
    rows.into_iter().map(deed).collect()
}

/// A page of what an import did to the devices that somebody sees, by their names.
pub async fn deeds_page(
    conn: &mut Conn,
    scope: Scope,
    id: ImportId,
    request: PageRequest,
) -> Result<Page<Deed>, StoreError> {
    let of = || import_rows::import_id.eq(id.0).and(scope::in_scope!(scope));
    let total: i64 =
        on!(conn, |c| import_rows::table.inner_join(devices::table).filter(of()).count().get_result(c))?;
    let rows: Vec<Row> = on!(conn, |c| import_rows::table
        .inner_join(devices::table)
        .filter(of())
        .select(rows!())
        .order((devices::name_key, devices::id))
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    let rows = rows.into_iter().map(deed).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}

/// Gives a device back what it had before an import.
pub async fn restore(
    conn: &mut Conn,
    id: DeviceId,
    before: &Before,
    credential: Option<CredentialId>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        devices::name.eq(before.name.as_str()),
        devices::address.eq(before.address.as_str()),
        devices::port.eq(i32::from(before.port)),
        devices::platform.eq(before.platform.as_str()),
        devices::transport.eq(before.transport.as_str()),
        devices::description.eq(before.description.as_str()),
        devices::serial_number.eq(before.serial_number.as_str()),
        devices::credential_id.eq(credential.map(|id| id.0)),
        before.is_enabled.map(|is| devices::is_enabled.eq(is)),
        devices::version.eq(devices::version + 1),
        devices::updated_at.eq(now.naive_utc()),
    );
    on!(conn, |c| diesel::update(devices::table.find(id.0)).set(values).execute(c))?;
    Ok(())
}

/// Forgets what imports carried out before `before` did, with the rows that they left out, and removes credentials that
/// no device, no rotation and no import that can be undone refers to any more.
pub async fn forget_old(conn: &mut Conn, before: DateTime<Utc>) -> Result<(), StoreError> {
    let is_old = || {
        imports::applied_at.is_not_null().and(imports::applied_at.assume_not_null().lt(before.naive_utc()))
    };
    let old = imports::table.filter(is_old()).select(imports::id);
    let rows = import_rows::table.filter(import_rows::import_id.eq_any(old));
    on!(conn, |c| diesel::delete(rows).execute(c))?;
    let files = imports::table.filter(is_old().and(imports::rejected.is_not_null()));
    on!(conn, |c| diesel::update(files).set(imports::rejected.eq(None::<Vec<u8>>)).execute(c))?;
    let older = diesel::alias!(credentials as rotating);
    let by_device = devices::table
        .filter(devices::credential_id.is_not_null())
        .select(devices::credential_id.assume_not_null());
    let by_rotation = older
        .filter(older.field(credentials::previous_id).is_not_null())
        .select(older.field(credentials::previous_id).assume_not_null());
    let by_import = import_rows::table
        .filter(import_rows::old_credential_id.is_not_null())
        .select(import_rows::old_credential_id.assume_not_null());
    let orphans = credentials::table.filter(
        credentials::name
            .is_null()
            .and(credentials::created_at.lt(before.naive_utc()))
            .and(credentials::id.ne_all(by_device))
            .and(credentials::id.ne_all(by_rotation))
            .and(credentials::id.ne_all(by_import)),
    );
    on!(conn, |c| diesel::delete(orphans).execute(c))?;
    Ok(())
}
