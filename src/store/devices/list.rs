//! Lists of devices: filtered, ordered, counted.

use std::collections::BTreeMap;

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::DeviceRow;
use crate::{
    domain::{
        access::Scope,
        device::{Device, DeviceFilter, DeviceOrder, Standing},
        page::{Page, PageRequest},
    },
    store::{
        Conn, StoreError, column, on,
        schema::{device_tags, devices, reach, tags, users},
        scope,
    },
};

/// [`Device::standing`] as a condition on the row.
fn standing_in_sql(standing: Standing) -> &'static str {
    match standing {
        Standing::Never => "last_job_id IS NULL",
        Standing::Suspect => "COALESCE(last_job_outcome, '') = 'suspect'",
        Standing::Good => "COALESCE(last_job_state, '') = 'succeeded'",
        Standing::Failing => {
            "(last_job_id IS NOT NULL AND COALESCE(last_job_outcome, '') <> 'suspect' \
              AND COALESCE(last_job_state, '') <> 'succeeded')"
        }
    }
}

type Condition<DB> = Box<dyn BoxableExpression<devices::table, DB, SqlType = Bool>>;

/// The filter as one condition, for either database.
macro_rules! condition {
    ($scope:expr, $filter:expr, $db:ty) => {{
        let filter: &DeviceFilter = $filter;
        let mut all: Condition<$db> = Box::new(scope::in_scope!($scope));
        if let Some(piece) = &filter.text {
            let pattern = column::anywhere(piece);
            let further = reach::table.filter(reach::further.like(pattern.clone()).escape('\\'));
            let lower = |column: &'static str| sql::<diesel::sql_types::Text>(column);
            all = Box::new(
                all.and(
                    devices::name_key
                        .like(pattern.clone())
                        .escape('\\')
                        .or(lower("lower(devices.address)").like(pattern.clone()).escape('\\'))
                        .or(lower("lower(devices.description)").like(pattern.clone()).escape('\\'))
                        .or(lower("lower(devices.serial_number)").like(pattern).escape('\\'))
                        .or(devices::id.eq_any(further.select(reach::device_id))),
                ),
            );
        }
        if let Some(platform) = &filter.platform {
            all = Box::new(all.and(devices::platform.eq(platform.clone())));
        }
        if let Some(tag) = &filter.tag {
            let tagged = device_tags::table
                .inner_join(tags::table)
                .filter(tags::name.eq(tag.to_lowercase()))
                .select(device_tags::device_id);
            all = Box::new(all.and(devices::id.eq_any(tagged)));
        }
        if let Some(is_enabled) = filter.is_enabled {
            all = Box::new(all.and(devices::is_enabled.eq(is_enabled)));
        }
        if let Some(reached) = filter.is_reachable {
            all = match reached {
                None => Box::new(all.and(devices::is_reachable.is_null())),
                Some(is) => Box::new(all.and(devices::is_reachable.assume_not_null().eq(is))),
            };
        }
        if let Some(owner) = &filter.owner {
            let owner = users::table
                .filter(users::username_key.eq(owner.to_lowercase()))
                .select(users::id.nullable());
            all = Box::new(all.and(devices::owner_id.eq_any(owner).assume_not_null()));
        }
        match filter.standing {
            None => all,
            Some(standing) => Box::new(all.and(sql::<Bool>(standing_in_sql(standing)))),
        }
    }};
}

macro_rules! listed {
    ($conn:expr, $scope:expr, $filter:expr, $request:expr, $db:ty) => {{
        let condition = || -> Condition<$db> { condition!($scope, $filter, $db) };
        let total: i64 = devices::table.filter(condition()).count().get_result($conn).await?;
        let query = devices::table.filter(condition()).select(DeviceRow::as_select()).into_boxed::<$db>();
        let query = match $filter.order.unwrap_or(DeviceOrder::Name) {
            DeviceOrder::Name => query.order((devices::name_key.asc(), devices::id.asc())),
            DeviceOrder::Address => query.order((devices::address.asc(), devices::port.asc())),
            DeviceOrder::Platform => query.order((devices::platform.asc(), devices::name_key.asc())),
            // Never backed up comes first here, on both databases.
            DeviceOrder::Stalest => query.order((
                devices::last_good_at.is_not_null().asc(),
                devices::last_good_at.asc(),
                devices::name_key.asc(),
            )),
            DeviceOrder::Newest => query.order((devices::created_at.desc(), devices::id.desc())),
            DeviceOrder::Changed => query.order((
                devices::last_changed_at.is_null().asc(),
                devices::last_changed_at.desc(),
                devices::name_key.asc(),
            )),
        };
        let rows: Vec<DeviceRow> = query.limit($request.size).offset($request.offset()).load($conn).await?;
        (total, rows)
    }};
}

/// A page of the devices that match.
pub async fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &DeviceFilter,
    request: PageRequest,
) -> Result<Page<Device>, StoreError> {
    let (total, rows) = match conn {
        Conn::Sqlite(c) => listed!(c, scope, filter, request, diesel::sqlite::Sqlite),
        Conn::Postgres(c) => listed!(c, scope, filter, request, diesel::pg::Pg),
    };
    let rows = rows.into_iter().map(Device::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}

/// How many devices stand how; disabled ones are left out.
pub async fn standings(conn: &mut Conn, scope: Scope) -> Result<Vec<(Standing, i64)>, StoreError> {
    let mut counts = Vec::new();
    for standing in Standing::ALL {
        let filter =
            DeviceFilter { standing: Some(*standing), is_enabled: Some(true), ..DeviceFilter::default() };
        let count: i64 = match conn {
            Conn::Sqlite(c) => {
                devices::table
                    .filter(condition!(scope, &filter, diesel::sqlite::Sqlite))
                    .count()
                    .get_result(c)
                    .await?
            }
            Conn::Postgres(c) => {
                devices::table
                    .filter(condition!(scope, &filter, diesel::pg::Pg))
                    .count()
                    .get_result(c)
                    .await?
            }
        };
        counts.push((*standing, count));
    }
    Ok(counts)
}

/// How many devices of each platform there are, by its key.
pub async fn by_platform(conn: &mut Conn, scope: Scope) -> Result<BTreeMap<String, i64>, StoreError> {
    let counts = devices::table
        .filter(devices::deleted_at.is_null().and(scope::in_scope!(scope)))
        .group_by(devices::platform)
        .select((devices::platform, diesel::dsl::count_star()));
    let rows: Vec<(String, i64)> = on!(conn, |c| counts.load(c))?;
    Ok(rows.into_iter().collect())
}
