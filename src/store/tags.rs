//! Tables `tags` and `device_tags`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, on,
    schema::{device_tags, tags},
};
use crate::domain::{id::DeviceId, tag::TagName};

/// All tag names in use, by name.
pub async fn names(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, |c| tags::table
        .inner_join(device_tags::table)
        .select(tags::name)
        .distinct()
        .order(tags::name)
        .load(c))?)
}

/// The tags of each of these devices, by name.
pub async fn of(
    conn: &mut Conn,
    devices: &[DeviceId],
) -> Result<BTreeMap<DeviceId, Vec<String>>, StoreError> {
    let ids: Vec<i64> = devices.iter().map(|id| id.0).collect();
    let pairs: Vec<(i64, String)> = on!(conn, |c| device_tags::table
        .inner_join(tags::table)
        .filter(device_tags::device_id.eq_any(&ids))
        .select((device_tags::device_id, tags::name))
        .order(tags::name)
        .load(c))?;
    let mut map: BTreeMap<DeviceId, Vec<String>> = BTreeMap::new();
    for (device, name) in pairs {
        map.entry(DeviceId(device)).or_default().push(name);
    }
    Ok(map)
}

/// Makes `names` the device's tags, adding to the table those that are new.
pub async fn set(
    conn: &mut Conn,
    device: DeviceId,
    names: &[TagName],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let old = device_tags::table.filter(device_tags::device_id.eq(device.0));
    on!(conn, |c| diesel::delete(old).execute(c))?;
    for name in names {
        let known: Option<i64> =
            on!(conn, |c| tags::table.filter(tags::name.eq(name.as_str())).select(tags::id).first(c))
                .optional()?;
        let tag: i64 = match known {
            Some(id) => id,
            None => on!(conn, |c| diesel::insert_into(tags::table)
                .values((tags::name.eq(name.as_str()), tags::created_at.eq(now.naive_utc())))
                .on_conflict(tags::name)
                .do_update()
                .set(tags::name.eq(name.as_str()))
                .returning(tags::id)
                .get_result(c))?,
        };
        let values = (device_tags::device_id.eq(device.0), device_tags::tag_id.eq(tag));
        on!(conn, |c| diesel::insert_into(device_tags::table).values(values).execute(c))?;
    }
    Ok(())
}
