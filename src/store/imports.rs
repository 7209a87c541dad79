//! Tables `imports` and `import_rows`.

mod known;
mod write;

pub use known::{KnownDevice, known};
pub use write::{NewDeviceRow, insert_devices, remember, restore, soft_delete};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{credentials, devices, import_rows, imports},
};
use crate::domain::{
    id::{DeviceId, ImportId, TagId, UserId},
    import::{Import, Mapping},
    page::{Page, PageRequest},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = imports, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct ImportRow {
    id: i64,
    row_key: String,
    state: String,
    mapping: String,
    tag_id: Option<i64>,
    user_id: Option<i64>,
    created_by: String,
    created_at: NaiveDateTime,
    applied_at: Option<NaiveDateTime>,
    undone_at: Option<NaiveDateTime>,
    added: i32,
    changed: i32,
    rejected_count: i32,
}

impl TryFrom<ImportRow> for Import {
    type Error = StoreError;

    fn try_from(row: ImportRow) -> Result<Self, StoreError> {
        let mapping = serde_json::from_str(&row.mapping)
            .map_err(|_| StoreError::Unreadable { column: "imports.mapping", value: row.mapping })?;
        Ok(Self {
            id: ImportId(row.id),
            row_key: row.row_key,
            state: column::word("imports.state", &row.state)?,
            mapping,
            tag: row.tag_id.map(TagId),
            user: row.user_id.map(UserId),
            created_by: row.created_by,
            created_at: row.created_at.and_utc(),
            applied_at: column::instant(row.applied_at),
            undone_at: column::instant(row.undone_at),
            added: row.added,
            changed: row.changed,
            rejected: row.rejected_count,
        })
    }
}

/// A list of devices to be staged.
pub struct NewImport<'a> {
    /// Random; bound into the envelopes.
    pub row_key: &'a str,
    /// The file, sealed.
    pub sealed: Option<&'a [u8]>,
    /// How it is read.
    pub mapping: &'a Mapping,
    /// Who brings it.
    pub user: Option<UserId>,
    /// That person's name.
    pub created_by: &'a str,
}

/// Stages a list.
pub async fn insert(
    conn: &mut Conn,
    new: &NewImport<'_>,
    now: DateTime<Utc>,
) -> Result<ImportId, StoreError> {
    let values = (
        imports::row_key.eq(new.row_key),
        imports::state.eq("staged"),
        imports::sealed.eq(new.sealed),
        imports::mapping.eq(serde_json::to_string(new.mapping).unwrap_or_default()),
        imports::user_id.eq(new.user.map(|id| id.0)),
        imports::created_by.eq(new.created_by),
        imports::created_at.eq(now.naive_utc()),
        imports::added.eq(0),
        imports::changed.eq(0),
        imports::rejected_count.eq(0),
    );
    let id: i64 = on!(conn, |c| diesel::insert_into(imports::table)
        .values(values)
        .returning(imports::id)
        .get_result(c))?;
    Ok(ImportId(id))
}

/// Reads a staged list another way from now on.
pub async fn remap(conn: &mut Conn, id: ImportId, mapping: &Mapping) -> Result<(), StoreError> {
    let json = serde_json::to_string(mapping).unwrap_or_default();
    on!(conn, |c| diesel::update(imports::table.find(id.0)).set(imports::mapping.eq(json)).execute(c))?;
    Ok(())
}

/// What came of an import.
pub struct Done<'a> {
    /// The tag of its devices.
    pub tag: Option<TagId>,
    /// Devices added.
    pub added: i32,
    /// Devices changed.
    pub changed: i32,
    /// The refused rows as a file, sealed.
    pub rejected: Option<&'a [u8]>,
    /// How many they are.
    pub rejected_count: i32,
}

/// Marks an import as carried out; its file is gone.
pub async fn applied(
    conn: &mut Conn,
    id: ImportId,
    done: &Done<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        imports::state.eq("applied"),
        imports::sealed.eq(None::<Vec<u8>>),
        imports::tag_id.eq(done.tag.map(|id| id.0)),
        imports::applied_at.eq(now.naive_utc()),
        imports::added.eq(done.added),
        imports::changed.eq(done.changed),
        imports::rejected.eq(done.rejected),
        imports::rejected_count.eq(done.rejected_count),
    );
    on!(conn, |c| diesel::update(imports::table.find(id.0)).set(values).execute(c))?;
    Ok(())
}

/// Marks an import as undone; `false` when somebody else was faster.
pub async fn undone(conn: &mut Conn, id: ImportId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let row = imports::table.filter(imports::id.eq(id.0).and(imports::state.eq("applied")));
    let values = (imports::state.eq("undone"), imports::undone_at.eq(now.naive_utc()));
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// The import with this id, if there is one.
pub async fn find(conn: &mut Conn, id: ImportId) -> Result<Option<Import>, StoreError> {
    let row: Option<ImportRow> =
        on!(conn, |c| imports::table.find(id.0).select(ImportRow::as_select()).first(c)).optional()?;
    row.map(Import::try_from).transpose()
}

/// The sealed file and the sealed refused rows of an import.
pub async fn sealed(
    conn: &mut Conn,
    id: ImportId,
) -> Result<(Option<Vec<u8>>, Option<Vec<u8>>), StoreError> {
    let found: Option<(Option<Vec<u8>>, Option<Vec<u8>>)> =
        on!(conn, |c| imports::table.find(id.0).select((imports::sealed, imports::rejected)).first(c))
            .optional()?;
    Ok(found.unwrap_or_default())
}

/// A page of the imports, the newest first: all of them, or one person's.
pub async fn list(
    conn: &mut Conn,
    of: Option<UserId>,
    request: PageRequest,
) -> Result<Page<Import>, StoreError> {
    let (all, user) = (of.is_none(), of.map_or(0, |id| id.0));
    let seen = || {
        all.into_sql::<diesel::sql_types::Bool>().or(imports::user_id.assume_not_null().eq(user))
    };
    let total: i64 = on!(conn, |c| imports::table.filter(seen()).count().get_result(c))?;
    let rows: Vec<ImportRow> = on!(conn, |c| imports::table
        .filter(seen())
        .select(ImportRow::as_select())
        .order(imports::id.desc())
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    let rows = rows.into_iter().map(Import::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}

/// What an import did to a device.
#[derive(Debug, Clone, Queryable)]
pub struct Deed {
    /// The device.
    pub device: i64,
    /// Its name now.
    pub name: String,
    /// Whether it is deleted by now.
    pub deleted_at: Option<NaiveDateTime>,
    /// Its version now.
    pub version: i32,
    /// The device before, as JSON; `None` when the import added it.
    pub before: Option<String>,
    /// The credential before.
    pub old_credential: Option<i64>,
    /// The device's version after the import.
    pub version_after: i32,
}

/// What an import did, by the devices' names.
pub async fn deeds(conn: &mut Conn, id: ImportId) -> Result<Vec<Deed>, StoreError> {
    Ok(on!(conn, |c| import_rows::table
        .inner_join(devices::table)
        .filter(import_rows::import_id.eq(id.0))
        .select((
            devices::id,
            devices::name,
            devices::deleted_at,
            devices::version,
            import_rows::before,
            import_rows::old_credential_id,
            import_rows::version,
        ))
        .order((devices::name_key, devices::id))
        .load(c))?)
}

/// Removes lists that were staged before `staged` and never carried out, and what imports applied before `applied`
/// remembered to be undone.
pub async fn tidy(
    conn: &mut Conn,
    (staged, applied): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StoreError> {
    let waiting = imports::table
        .filter(imports::state.eq("staged").and(imports::created_at.lt(staged.naive_utc())));
    on!(conn, |c| diesel::delete(waiting).execute(c))?;
    let old = || {
        imports::table
            .filter(imports::applied_at.assume_not_null().lt(applied.naive_utc()))
            .select(imports::id)
    };
    let kept = import_rows::table
        .filter(import_rows::import_id.eq_any(old()).and(import_rows::old_credential_id.is_not_null()))
        .select(import_rows::old_credential_id.assume_not_null());
    let used = devices::table.filter(devices::credential_id.is_not_null()).select(devices::credential_id.assume_not_null());
    let orphans = credentials::table.filter(
        credentials::id
            .eq_any(kept)
            .and(credentials::name.is_null())
            .and(diesel::dsl::not(credentials::id.eq_any(used))),
    );
    on!(conn, |c| diesel::delete(orphans).execute(c))?;
    let rows = import_rows::table.filter(import_rows::import_id.eq_any(old()));
    on!(conn, |c| diesel::delete(rows).execute(c))?;
    let files = imports::table
        .filter(imports::applied_at.assume_not_null().lt(applied.naive_utc()).and(imports::rejected.is_not_null()));
    on!(conn, |c| diesel::update(files).set(imports::rejected.eq(None::<Vec<u8>>)).execute(c))?;
    Ok(())
}

/// The ids of the devices that an import touched and `ids` of which are asked about.
pub async fn device_ids(conn: &mut Conn, id: ImportId) -> Result<Vec<DeviceId>, StoreError> {
    let rows: Vec<i64> = on!(conn, |c| import_rows::table
        .filter(import_rows::import_id.eq(id.0))
        .select(import_rows::device_id)
        .order(import_rows::device_id)
        .load(c))?;
    Ok(rows.into_iter().map(DeviceId).collect())
}
