//! Versions of all devices: filtered, newest first.

use diesel::{dsl::sql, prelude::*, sql_types::Text};
use diesel_async::RunQueryDsl;

use super::{BackupRow, backup};
use crate::{
    domain::{
        access::Scope,
        backup::{Backup, BackupFilter, Soundness},
        id::BackupId,
        page::{Page, PageRequest},
    },
    store::{
        Conn, StoreError, column, on,
        schema::{backups, device_tags, devices, tags},
        scope,
    },
};

/// So few devices with a name are looked up before their versions: with many, the newest versions soon hold enough of
/// theirs; with few, all versions of all years would be gone through for them.
const FEW: i64 = 200;

/// The devices whose names hold the piece that is asked for, where they are few.
async fn few(conn: &mut Conn, filter: &BackupFilter) -> Result<Option<Vec<i64>>, StoreError> {
    let Some(piece) = &filter.device else { return Ok(None) };
    let found: Vec<i64> = on!(conn, |c| devices::table
        .filter(devices::name_key.like(column::anywhere(piece)).escape('\\'))
        .select(devices::id)
        .limit(FEW + 1)
        .load(c))?;
    Ok(i64::try_from(found.len()).is_ok_and(|count| count <= FEW).then_some(found))
}

/// The versions within the scope that match, for either database.
macro_rules! matching {
    ($scope:expr, ($filter:expr, $few:expr), $db:ty) => {{
        let (filter, few): (&BackupFilter, &Option<Vec<i64>>) = ($filter, $few);
        let mut query =
            backups::table.inner_join(devices::table).filter(scope::in_scope!($scope)).into_boxed::<$db>();
        if let Some(ids) = few {
            query = query.filter(backups::device_id.eq_any(ids));
        } else if let Some(piece) = &filter.device {
            query = query.filter(devices::name_key.like(column::anywhere(piece)).escape('\\'));
        }
        if let Some(tag) = &filter.tag {
            let tagged = device_tags::table
                .inner_join(tags::table)
                .filter(tags::name.eq(tag.to_lowercase()))
                .select(device_tags::device_id);
            query = query.filter(backups::device_id.eq_any(tagged));
        }
        if let Some(platform) = &filter.platform {
            query = query.filter(backups::platform.eq(platform.clone()));
        }
        if let Some(from) = filter.from {
            query = query.filter(backups::taken_at.ge(from.naive_utc()));
        }
        if let Some(until) = filter.until {
            query = query.filter(backups::taken_at.lt(until.naive_utc()));
        }
        if let Some(changed) = filter.changed {
            query = query.filter((backups::added + backups::removed).ge(changed));
        }
        if let Some(piece) = &filter.started_by {
            let who = sql::<Text>("lower(backups.started_by)");
            query = query.filter(who.like(column::anywhere(piece)).escape('\\'));
        }
        if let Some(is_pinned) = filter.is_pinned {
            query = query.filter(backups::is_pinned.eq(is_pinned));
        }
        match filter.soundness {
            None => query,
            Some(Soundness::Damaged) => query.filter(backups::is_damaged.eq(true)),
            Some(Soundness::Good) => {
                query.filter(backups::checked_at.is_not_null().and(backups::is_damaged.eq(false)))
            }
            Some(Soundness::Unchecked) => {
                query.filter(backups::checked_at.is_null().and(backups::is_damaged.eq(false)))
            }
        }
    }};
}

macro_rules! listed {
    ($conn:expr, $scope:expr, $filter:tt, $request:expr, $db:ty) => {{
        let counted = matching!($scope, $filter, $db).select(backups::id).limit($request.count_limit());
        let total: i64 = backups::table.filter(backups::id.eq_any(counted)).count().get_result($conn).await?;
        let rows: Vec<(BackupRow, String)> = matching!($scope, $filter, $db)
            .select((BackupRow::as_select(), devices::name))
            .order((backups::taken_at.desc(), backups::id.desc()))
            .limit($request.limit())
            .offset($request.offset())
            .load($conn)
            .await?;
        (total, rows)
    }};
}

/// A page of the versions that match, the newest first.
pub async fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &BackupFilter,
    request: PageRequest,
) -> Result<Page<Backup>, StoreError> {
    let few = few(conn, filter).await?;
    let (total, rows) = match conn {
        Conn::Sqlite(c) => listed!(c, scope, (filter, &few), request, diesel::sqlite::Sqlite),
        Conn::Postgres(c) => listed!(c, scope, (filter, &few), request, diesel::pg::Pg),
    };
    Ok(Page { rows: rows.into_iter().map(backup).collect(), total, request })
}

/// What a search through the texts needs of a version.
#[derive(Debug, Clone, Queryable)]
pub struct Head {
    id: i64,
    /// Its device.
    pub device: i64,
    /// The address of its raw text.
    pub sha256: String,
    /// The platform whose rules mask it.
    pub platform: String,
    /// Length of the raw text.
    pub bytes: i64,
}

impl Head {
    /// The version.
    pub fn id(&self) -> BackupId {
        BackupId(self.id)
    }
}

macro_rules! heads {
    ($conn:expr, $scope:expr, $filter:tt, $limit:expr, $db:ty) => {
        matching!($scope, $filter, $db)
            .select((backups::id, backups::device_id, backups::sha256, backups::platform, backups::bytes))
            .order((backups::taken_at.desc(), backups::id.desc()))
            .limit($limit)
            .load($conn)
            .await?
    };
}

/// The newest versions that match, without what only pages need.
pub async fn heads(
    conn: &mut Conn,
    scope: Scope,
    filter: &BackupFilter,
    limit: i64,
) -> Result<Vec<Head>, StoreError> {
    let few = few(conn, filter).await?;
    Ok(match conn {
        Conn::Sqlite(c) => heads!(c, scope, (filter, &few), limit, diesel::sqlite::Sqlite),
        Conn::Postgres(c) => heads!(c, scope, (filter, &few), limit, diesel::pg::Pg),
    })
}

/// Those of these versions that are within the scope, the newest first.
pub async fn chosen(conn: &mut Conn, scope: Scope, ids: &[BackupId]) -> Result<Vec<Backup>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<(BackupRow, String)> = on!(conn, |c| backups::table
            .inner_join(devices::table)
            .filter(backups::id.eq_any(&ids).and(scope::in_scope!(scope)))
            .select((BackupRow::as_select(), devices::name))
            .load(c))?;
        found.extend(rows.into_iter().map(backup));
    }
    found.sort_by_key(|backup| std::cmp::Reverse((backup.taken_at, backup.id)));
    Ok(found)
}
