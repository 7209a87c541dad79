//! Which devices a schedule means: the one condition that the planner, the counts and the standing order go by.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, sql},
    prelude::*,
    sql_types::Bool,
};
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::Scope,
        id::{DeviceId, ScheduleId},
        schedule::Targets,
    },
    store::{
        Conn, StoreError, on,
        schema::{device_tags, devices, jobs, schedules},
        scope,
    },
};

/// Whether the row of `schedules` means the row of `devices`: by its targets, and within the rights of who answers for
/// it (S-39). A schedule whose person is gone, disabled or no longer allowed to start backups means none.
pub(super) const MEANS: &str = "devices.is_enabled AND devices.deleted_at IS NULL \
    AND (schedules.targets = 'all' \
      OR (schedules.targets = 'tags' AND EXISTS (SELECT 1 FROM schedule_tags AS wanted \
        JOIN device_tags AS held ON held.tag_id = wanted.tag_id \
        WHERE wanted.schedule_id = schedules.id AND held.device_id = devices.id)) \
      OR (schedules.targets = 'devices' AND EXISTS (SELECT 1 FROM schedule_devices AS named \
        WHERE named.schedule_id = schedules.id AND named.device_id = devices.id))) \
    AND ((schedules.user_id IS NULL AND schedules.created_by = 'console') \
      OR EXISTS (SELECT 1 FROM users AS own WHERE own.id = schedules.user_id AND own.is_enabled \
        AND own.role IN ('operator', 'admin') \
        AND (own.scope = 'all' OR devices.owner_id = own.id OR EXISTS (SELECT 1 FROM user_tags AS seen \
          JOIN device_tags AS worn ON worn.tag_id = seen.tag_id \
          WHERE seen.user_id = own.id AND worn.device_id = devices.id))))";

/// Whether somebody with the right to start backups answers for the row of `schedules`.
const BACKED: &str = "((schedules.user_id IS NULL AND schedules.created_by = 'console') \
    OR EXISTS (SELECT 1 FROM users AS own WHERE own.id = schedules.user_id AND own.is_enabled \
      AND own.role IN ('operator', 'admin')))";

/// The devices that a schedule means, within `scope`, by name.
pub async fn matching(
    conn: &mut Conn,
    scope: Scope,
    id: ScheduleId,
) -> Result<Vec<(DeviceId, String)>, StoreError> {
    let rows: Vec<(i64, String)> = on!(conn, |c| schedules::table
        .inner_join(devices::table.on(sql::<Bool>(MEANS)))
        .filter(schedules::id.eq(id.0).and(scope::in_scope!(scope)))
        .select((devices::id, devices::name))
        .order((devices::name_key, devices::id))
        .load(c))?;
    Ok(rows.into_iter().map(|(id, name)| (DeviceId(id), name)).collect())
}

/// How many devices each of these schedules means, within `scope`; one that means none is left out.
pub async fn counts(
    conn: &mut Conn,
    scope: Scope,
    ids: &[ScheduleId],
) -> Result<BTreeMap<ScheduleId, i64>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<(i64, i64)> = on!(conn, |c| schedules::table
        .inner_join(devices::table.on(sql::<Bool>(MEANS)))
        .filter(schedules::id.eq_any(&ids).and(scope::in_scope!(scope)))
        .group_by(schedules::id)
        .select((schedules::id, count_star()))
        .load(c))?;
    Ok(rows.into_iter().map(|(id, count)| (ScheduleId(id), count)).collect())
}

/// How many devices these targets mean, within `scope`.
pub async fn count_of(conn: &mut Conn, scope: Scope, targets: &Targets) -> Result<i64, StoreError> {
    let enabled = devices::table.filter(devices::is_enabled.and(scope::in_scope!(scope)));
    let count = match targets {
        Targets::All => on!(conn, |c| enabled.count().get_result(c))?,
        Targets::Tags(tags) => {
            let tags: Vec<i64> = tags.iter().map(|id| id.0).collect();
            let held =
                device_tags::table.filter(device_tags::tag_id.eq_any(tags)).select(device_tags::device_id);
            on!(conn, |c| enabled.filter(devices::id.eq_any(held)).count().get_result(c))?
        }
        Targets::Devices(ids) => {
            let mut count = 0;
            for chunk in ids.chunks(500) {
                let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
                let found: i64 =
                    on!(conn, |c| enabled.filter(devices::id.eq_any(&ids)).count().get_result(c))?;
                count += found;
            }
            count
        }
    };
    Ok(count)
}

/// Whether somebody with the right to start backups answers for the schedule.
pub async fn is_backed(conn: &mut Conn, id: ScheduleId) -> Result<bool, StoreError> {
    let count: i64 = on!(conn, |c| schedules::table
        .filter(schedules::id.eq(id.0).and(sql::<Bool>(BACKED)))
        .count()
        .get_result(c))?;
    Ok(count > 0)
}

/// Enabled devices that no enabled schedule means and that are overdue: their last job ended before `before`, or they
/// never had one and were added before `added_before`. None that has been tried since `before`. The longest overdue
/// come first, at most `limit`.
pub async fn uncovered(
    conn: &mut Conn,
    (before, added_before): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<(DeviceId, String)>, StoreError> {
    let (before, added_before) = (before.naive_utc(), added_before.naive_utc());
    let overdue = devices::last_job_at
        .is_not_null()
        .and(devices::last_job_at.assume_not_null().le(before))
        .or(devices::last_job_at.is_null().and(devices::created_at.le(added_before)));
    let covering = schedules::table.filter(schedules::is_enabled.and(sql::<Bool>(MEANS)));
    let tried =
        jobs::table.filter(jobs::device_id.assume_not_null().eq(devices::id).and(
            jobs::queued_at.gt(before).or(sql::<Bool>("jobs.state IN ('queued', 'retrying', 'running')")),
        ));
    let due = devices::table
        .filter(devices::is_enabled.and(devices::deleted_at.is_null()).and(overdue))
        .filter(diesel::dsl::not(diesel::dsl::exists(tried)))
        .filter(diesel::dsl::not(diesel::dsl::exists(covering)))
        .select((devices::id, devices::name))
        .order((devices::last_job_at.is_not_null(), devices::last_job_at, devices::id))
        .limit(limit);
    let rows: Vec<(i64, String)> = on!(conn, |c| due.load(c))?;
    Ok(rows.into_iter().map(|(id, name)| (DeviceId(id), name)).collect())
}

#[cfg(test)]
mod tests {
    use super::{BACKED, MEANS};
    use crate::domain::access::{Permission, RunBackups};

    #[test]
    fn the_roles_in_sql_are_those_that_may_start_backups() {
        let roles: Vec<String> = RunBackups::ROLES.iter().map(|role| format!("'{role}'")).collect();
        let told = format!("IN ({})", roles.join(", "));
        assert!(MEANS.contains(&told) && BACKED.contains(&told), "{told}");
    }
}
