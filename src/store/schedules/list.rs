//! Lists of schedules: filtered, ordered, counted.

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::{ScheduleRow, matching::MEANS};
use crate::{
    domain::{
        access::Scope,
        id::{ScheduleId, UserId},
        page::{Page, PageRequest},
        schedule::{Aim, Schedule, ScheduleFilter, ScheduleOrder},
    },
    store::{
        Conn, StoreError, column, on,
        schema::{devices, schedule_tags, schedules, tags},
        scope,
    },
};

type Condition<DB> = Box<dyn BoxableExpression<schedules::table, DB, SqlType = Bool>>;

/// The filter as one condition, for either database.
macro_rules! condition {
    ($scope:expr, $filter:expr, $db:ty) => {{
        let filter: &ScheduleFilter = $filter;
        let mut all: Condition<$db> = Box::new(sql::<Bool>("1 = 1"));
        if let Some(piece) = &filter.text {
            let pattern = column::anywhere(piece);
            let lower = |column: &'static str| sql::<diesel::sql_types::Text>(column);
            let found = lower("lower(schedules.name)").like(pattern.clone()).escape('\\').or(lower(
                "lower(schedules.description)",
            )
            .like(pattern)
            .escape('\\'));
            all = Box::new(all.and(found));
        }
        if let Some(kind) = filter.kind {
            all = Box::new(all.and(schedules::kind.eq(kind.as_str())));
        }
        if let Some(is_enabled) = filter.is_enabled {
            all = Box::new(all.and(schedules::is_enabled.eq(is_enabled)));
        }
        if let Some(owner) = &filter.owner {
            all = Box::new(all.and(schedules::created_by.eq(owner.clone())));
        }
        if let Some(tag) = &filter.tag {
            let naming = schedule_tags::table
                .inner_join(tags::table)
                .filter(tags::name.eq(tag.to_lowercase()))
                .select(schedule_tags::schedule_id);
            all = Box::new(all.and(schedules::targets.eq("tags")).and(schedules::id.eq_any(naming)));
        }
        if let Some(device) = filter.device {
            let meant = devices::table
                .filter(devices::id.eq(device.0).and(scope::in_scope!($scope)).and(sql::<Bool>(MEANS)));
            all = Box::new(all.and(diesel::dsl::exists(meant)));
        }
        all
    }};
}

macro_rules! listed {
    ($conn:expr, $scope:expr, $filter:expr, $request:expr, $db:ty) => {{
        let condition = || -> Condition<$db> { condition!($scope, $filter, $db) };
        let total: i64 = schedules::table.filter(condition()).count().get_result($conn).await?;
        let query = schedules::table.filter(condition()).select(ScheduleRow::as_select()).into_boxed::<$db>();
        let query = match $filter.order.unwrap_or(ScheduleOrder::Name) {
            ScheduleOrder::Name => query.order((schedules::name.asc(), schedules::id.asc())),
            // Those without one come last, on both databases.
            ScheduleOrder::Next => query.order((
                schedules::next_run_at.is_null().asc(),
                schedules::next_run_at.asc(),
                schedules::id.asc(),
            )),
            ScheduleOrder::Last => query.order((
                schedules::last_run_at.is_null().asc(),
                schedules::last_run_at.desc(),
                schedules::id.asc(),
            )),
            ScheduleOrder::Newest => query.order((schedules::created_at.desc(), schedules::id.desc())),
        };
        let rows: Vec<ScheduleRow> = query.limit($request.size).offset($request.offset()).load($conn).await?;
        (total, rows)
    }};
}

/// A page of the schedules that match.
pub async fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &ScheduleFilter,
    request: PageRequest,
) -> Result<Page<Schedule>, StoreError> {
    let (total, rows) = match conn {
        Conn::Sqlite(c) => listed!(c, scope, filter, request, diesel::sqlite::Sqlite),
        Conn::Postgres(c) => listed!(c, scope, filter, request, diesel::pg::Pg),
    };
    let rows = rows.into_iter().map(Schedule::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}

/// The enabled schedules that fall due next, at most `limit`.
pub async fn coming(conn: &mut Conn, limit: i64) -> Result<Vec<Schedule>, StoreError> {
    let rows: Vec<ScheduleRow> = on!(conn, |c| schedules::table
        .filter(schedules::is_enabled.and(schedules::next_run_at.is_not_null()))
        .select(ScheduleRow::as_select())
        .order((schedules::next_run_at, schedules::id))
        .limit(limit)
        .load(c))?;
    rows.into_iter().map(Schedule::try_from).collect()
}

/// The id and name of every schedule, or of those that go by `aim`, or of those that one person answers for; by name.
pub async fn names(
    conn: &mut Conn,
    (aim, owner): (Option<Aim>, Option<UserId>),
) -> Result<Vec<(ScheduleId, String)>, StoreError> {
    let (any, aim) = (aim.is_none(), aim.map(Aim::as_str).unwrap_or_default());
    let (anybody, owner) = (owner.is_none(), owner.map_or(0, |id| id.0));
    let rows: Vec<(i64, String)> = on!(conn, |c| schedules::table
        .filter(any.into_sql::<Bool>().or(schedules::targets.eq(aim)))
        .filter(anybody.into_sql::<Bool>().or(schedules::user_id.assume_not_null().eq(owner)))
        .select((schedules::id, schedules::name))
        .order((schedules::name, schedules::id))
        .load(c))?;
    Ok(rows.into_iter().map(|(id, name)| (ScheduleId(id), name)).collect())
}
