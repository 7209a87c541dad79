//! Tables `schedule_tags` and `schedule_devices`.

use std::collections::BTreeMap;

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::Scope,
        id::{DeviceId, ScheduleId, TagId},
        schedule::{Aim, Targets},
    },
    store::{
        Conn, StoreError, on,
        schema::{devices, schedule_devices, schedule_tags, schedules, tags},
        scope,
    },
};

/// Makes `targets` the schedule's. What is not there any more is left out.
pub async fn set_targets(conn: &mut Conn, id: ScheduleId, targets: &Targets) -> Result<(), StoreError> {
    let old = schedule_tags::table.filter(schedule_tags::schedule_id.eq(id.0));
    on!(conn, |c| diesel::delete(old).execute(c))?;
    let old = schedule_devices::table.filter(schedule_devices::schedule_id.eq(id.0));
    on!(conn, |c| diesel::delete(old).execute(c))?;
    // A schedule's row as a constant beside each of the rows that it names: one statement per 500 of them.
    match targets {
        Targets::All => {}
        Targets::Tags(ids) => {
            for chunk in ids.chunks(500) {
                let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
                let pairs = schedules::table
                    .inner_join(tags::table.on(sql::<Bool>("1 = 1")))
                    .filter(schedules::id.eq(id.0).and(tags::id.eq_any(ids)))
                    .select((schedules::id, tags::id));
                on!(conn, |c| pairs
                    .insert_into(schedule_tags::table)
                    .into_columns((schedule_tags::schedule_id, schedule_tags::tag_id))
                    .execute(c))?;
            }
        }
        Targets::Devices(ids) => {
            for chunk in ids.chunks(500) {
                let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
                let pairs = schedules::table
                    .inner_join(devices::table.on(sql::<Bool>("1 = 1")))
                    .filter(schedules::id.eq(id.0).and(devices::id.eq_any(ids)))
                    .select((schedules::id, devices::id));
                on!(conn, |c| pairs
                    .insert_into(schedule_devices::table)
                    .into_columns((schedule_devices::schedule_id, schedule_devices::device_id))
                    .execute(c))?;
            }
        }
    }
    Ok(())
}

/// What a schedule targets: the ids.
pub async fn targets(conn: &mut Conn, id: ScheduleId, aim: Aim) -> Result<Targets, StoreError> {
    Ok(match aim {
        Aim::All => Targets::All,
        Aim::Tags => {
            let ids: Vec<i64> = on!(conn, |c| schedule_tags::table
                .filter(schedule_tags::schedule_id.eq(id.0))
                .select(schedule_tags::tag_id)
                .order(schedule_tags::tag_id)
                .load(c))?;
            Targets::Tags(ids.into_iter().map(TagId).collect())
        }
        Aim::Devices => {
            let ids: Vec<i64> = on!(conn, |c| schedule_devices::table
                .filter(schedule_devices::schedule_id.eq(id.0))
                .select(schedule_devices::device_id)
                .order(schedule_devices::device_id)
                .load(c))?;
            Targets::Devices(ids.into_iter().map(DeviceId).collect())
        }
    })
}

/// What a schedule targets, by name: tags, or the devices within `scope`.
pub async fn target_names(
    conn: &mut Conn,
    scope: Scope,
    id: ScheduleId,
    aim: Aim,
) -> Result<Vec<String>, StoreError> {
    Ok(match aim {
        Aim::All => Vec::new(),
        Aim::Tags => on!(conn, |c| schedule_tags::table
            .inner_join(tags::table)
            .filter(schedule_tags::schedule_id.eq(id.0))
            .select(tags::name)
            .order(tags::name)
            .load(c))?,
        Aim::Devices => on!(conn, |c| schedule_devices::table
            .inner_join(devices::table)
            .filter(schedule_devices::schedule_id.eq(id.0).and(scope::in_scope!(scope)))
            .select(devices::name)
            .order(devices::name_key)
            .load(c))?,
    })
}

/// All tags, by name.
pub async fn all_tags(conn: &mut Conn) -> Result<Vec<(TagId, String)>, StoreError> {
    let rows: Vec<(i64, String)> =
        on!(conn, |c| tags::table.select((tags::id, tags::name)).order(tags::name).load(c))?;
    Ok(rows.into_iter().map(|(id, name)| (TagId(id), name)).collect())
}

/// Those of the devices within `scope` whose names have these keys.
pub async fn named(
    conn: &mut Conn,
    scope: Scope,
    keys: &[String],
) -> Result<BTreeMap<String, DeviceId>, StoreError> {
    let mut found = BTreeMap::new();
    for chunk in keys.chunks(500) {
        let rows: Vec<(String, i64)> = on!(conn, |c| devices::table
            .filter(devices::name_key.eq_any(chunk).and(scope::in_scope!(scope)))
            .select((devices::name_key, devices::id))
            .load(c))?;
        found.extend(rows.into_iter().map(|(key, id)| (key, DeviceId(id))));
    }
    Ok(found)
}

/// How many schedules name this device.
pub async fn naming(conn: &mut Conn, device: DeviceId) -> Result<i64, StoreError> {
    Ok(on!(conn, |c| schedule_devices::table
        .filter(schedule_devices::device_id.eq(device.0))
        .count()
        .get_result(c))?)
}
