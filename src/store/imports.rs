//! Tables `imports` and `import_rows`.

mod bulk;
mod known;
mod traces;

pub use bulk::{insert_credentials, insert_devices};
pub use known::{KnownDevice, known};
pub use traces::{Trace, deeds, deeds_page, forget_old, remember, restore};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{imports, tags},
};
use crate::domain::{
    access::Scope,
    id::{ImportId, TagId, UserId},
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
    user_id: Option<i64>,
    created_by: String,
    created_at: NaiveDateTime,
    applied_at: Option<NaiveDateTime>,
    undone_at: Option<NaiveDateTime>,
    added: i32,
    changed: i32,
    rejected_count: i32,
}

fn import((row, tag): (ImportRow, Option<String>)) -> Result<Import, StoreError> {
    let mapping = serde_json::from_str(&row.mapping)
        .map_err(|_| StoreError::Unreadable { column: "imports.mapping", value: row.mapping })?;
    Ok(Import {
        id: ImportId(row.id),
        row_key: row.row_key,
        state: column::word("imports.state", &row.state)?,
        mapping,
        user: row.user_id.map(UserId),
        created_by: row.created_by,
        created_at: row.created_at.and_utc(),
        tag,
        applied_at: column::instant(row.applied_at),
        undone_at: column::instant(row.undone_at),
        added: row.added,
        changed: row.changed,
        rejected: row.rejected_count,
    })
}

/// The imports that somebody sees: those who do not see all devices see their own.
macro_rules! seen {
    ($scope:expr) => {{
        let (all, user) = $scope.parts();
        all.into_sql::<diesel::sql_types::Bool>().or(imports::user_id.assume_not_null().eq(user))
    }};
}

/// A list of devices that somebody brought.
pub struct NewImport<'a> {
    /// Random; bound into the envelopes.
    pub row_key: &'a str,
    /// The file, sealed; `None` when it is carried out at once.
    pub sealed: Option<&'a [u8]>,
    /// How it is read.
    pub mapping: &'a Mapping,
    /// Who brings it.
    pub user: Option<UserId>,
    /// That person's name.
    pub created_by: &'a str,
}

fn json(mapping: &Mapping) -> String {
    serde_json::to_string(mapping).unwrap_or_default()
}

/// Keeps a list that waits to be carried out.
pub async fn insert(
    conn: &mut Conn,
    new: &NewImport<'_>,
    now: DateTime<Utc>,
) -> Result<ImportId, StoreError> {
    let values = (
        imports::row_key.eq(new.row_key),
        imports::state.eq("staged"),
        imports::sealed.eq(new.sealed),
        imports::mapping.eq(json(new.mapping)),
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

/// Reads a waiting list another way from now on; `false` when it does not wait any more.
pub async fn set_mapping(conn: &mut Conn, id: ImportId, mapping: &Mapping) -> Result<bool, StoreError> {
    let row = imports::table.filter(imports::id.eq(id.0).and(imports::state.eq("staged")));
    Ok(on!(conn, |c| diesel::update(row).set(imports::mapping.eq(json(mapping))).execute(c))? > 0)
}

/// What came of an import.
#[derive(Debug, Default)]
pub struct Done {
    /// The tag of its devices.
    pub tag: Option<TagId>,
    /// Devices added.
    pub added: i32,
    /// Devices changed.
    pub changed: i32,
    /// The rows left out as a file, sealed.
    pub rejected: Option<Vec<u8>>,
    /// How many they are.
    pub rejected_count: i32,
}

/// Marks a waiting list as carried out, its file is removed; `false` when somebody else was faster.
pub async fn set_applied(
    conn: &mut Conn,
    id: ImportId,
    done: &Done,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (
        imports::state.eq("applied"),
        imports::sealed.eq(None::<Vec<u8>>),
        imports::tag_id.eq(done.tag.map(|id| id.0)),
        imports::applied_at.eq(now.naive_utc()),
        imports::added.eq(done.added),
        imports::changed.eq(done.changed),
        imports::rejected.eq(done.rejected.as_deref()),
        imports::rejected_count.eq(done.rejected_count),
    );
    let row = imports::table.filter(imports::id.eq(id.0).and(imports::state.eq("staged")));
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// Marks an import as undone; `false` when somebody else was faster.
pub async fn set_undone(conn: &mut Conn, id: ImportId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let row = imports::table.filter(imports::id.eq(id.0).and(imports::state.eq("applied")));
    let values = (imports::state.eq("undone"), imports::undone_at.eq(now.naive_utc()));
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// The import with this id, if the person sees it.
pub async fn find(conn: &mut Conn, scope: Scope, id: ImportId) -> Result<Option<Import>, StoreError> {
    let row: Option<(ImportRow, Option<String>)> = on!(conn, |c| imports::table
        .left_join(tags::table)
        .filter(imports::id.eq(id.0).and(seen!(scope)))
        .select((ImportRow::as_select(), tags::name.nullable()))
        .get_result(c))
    .optional()?;
    row.map(import).transpose()
}

/// The file of a list that waits, and the rows that an import left out.
pub type Sealed = (Option<Vec<u8>>, Option<Vec<u8>>);

/// What is kept sealed of an import.
pub async fn sealed(conn: &mut Conn, id: ImportId) -> Result<Sealed, StoreError> {
    let found: Option<Sealed> =
        on!(conn, |c| imports::table.find(id.0).select((imports::sealed, imports::rejected)).get_result(c))
            .optional()?;
    Ok(found.unwrap_or_default())
}

/// A page of the imports, the newest first.
pub async fn list(conn: &mut Conn, scope: Scope, request: PageRequest) -> Result<Page<Import>, StoreError> {
    let total: i64 = on!(conn, |c| imports::table.filter(seen!(scope)).count().get_result(c))?;
    let rows: Vec<(ImportRow, Option<String>)> = on!(conn, |c| imports::table
        .left_join(tags::table)
        .filter(seen!(scope))
        .select((ImportRow::as_select(), tags::name.nullable()))
        .order(imports::id.desc())
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    let rows = rows.into_iter().map(import).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}

/// Removes lists that were brought before `before` and never carried out.
pub async fn delete_waiting(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let waiting = imports::state.eq("staged").and(imports::created_at.lt(before.naive_utc()));
    Ok(on!(conn, |c| diesel::delete(imports::table.filter(waiting)).execute(c))?)
}

/// Removes a list that waits; `false` when there is none.
pub async fn delete(conn: &mut Conn, id: ImportId) -> Result<bool, StoreError> {
    let waiting = imports::id.eq(id.0).and(imports::state.eq("staged"));
    Ok(on!(conn, |c| diesel::delete(imports::table.filter(waiting)).execute(c))? > 0)
}
