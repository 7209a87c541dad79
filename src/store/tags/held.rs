//! Which device has which tags: by people, by rules, or both.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::{dsl, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        id::{DeviceId, TagId},
        tag::TagName,
    },
    store::{
        Conn, StoreError, on,
        schema::{device_tags, devices, rule_matches, tag_rules, tags},
    },
};

/// How many devices one statement names: SQLite binds 32,766 values at most.
pub(in crate::store) const CHUNK: usize = 5_000;

fn raw(ids: &[DeviceId]) -> Vec<i64> {
    ids.iter().map(|id| id.0).collect()
}

/// The tags of each of these devices, by name.
pub async fn of(
    conn: &mut Conn,
    devices: &[DeviceId],
) -> Result<BTreeMap<DeviceId, Vec<String>>, StoreError> {
    let mut map: BTreeMap<DeviceId, Vec<String>> = BTreeMap::new();
    for ids in devices.chunks(CHUNK) {
        let ids = raw(ids);
        let pairs: Vec<(i64, String)> = on!(conn, |c| device_tags::table
            .inner_join(tags::table)
            .filter(device_tags::device_id.eq_any(&ids))
            .select((device_tags::device_id, tags::name))
            .order(tags::name)
            .load(c))?;
        for (device, name) in pairs {
            map.entry(DeviceId(device)).or_default().push(name);
        }
    }
    Ok(map)
}

/// The tags of each of these devices that people put there, by name.
pub async fn of_persons(
    conn: &mut Conn,
    devices: &[DeviceId],
) -> Result<BTreeMap<DeviceId, Vec<String>>, StoreError> {
    let mut map: BTreeMap<DeviceId, Vec<String>> = BTreeMap::new();
    for ids in devices.chunks(CHUNK) {
        let ids = raw(ids);
        let pairs: Vec<(i64, String)> = on!(conn, |c| device_tags::table
            .inner_join(tags::table)
            .filter(device_tags::device_id.eq_any(&ids).and(device_tags::by_person))
            .select((device_tags::device_id, tags::name))
            .order(tags::name)
            .load(c))?;
        for (device, name) in pairs {
            map.entry(DeviceId(device)).or_default().push(name);
        }
    }
    Ok(map)
}

/// The ids of these tags, adding to the table those that are new: two statements, and one more if any is.
pub async fn ids_of(
    conn: &mut Conn,
    names: &BTreeSet<TagName>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, TagId>, StoreError> {
    let wanted: Vec<&str> = names.iter().map(TagName::as_str).collect();
    let mut found = BTreeMap::new();
    for wanted in wanted.chunks(CHUNK) {
        let known = || tags::table.filter(tags::name.eq_any(wanted)).select((tags::name, tags::id));
        let mut rows: Vec<(String, i64)> = on!(conn, |c| known().load(c))?;
        if rows.len() < wanted.len() {
            let new: Vec<String> = wanted
                .iter()
                .filter(|name| rows.iter().all(|(known, _)| known != *name))
                .map(|name| (*name).to_owned())
                .collect();
            insert_names(conn, new, now).await?;
            rows = on!(conn, |c| known().load(c))?;
        }
        found.extend(rows.into_iter().map(|(name, id)| (name, TagId(id))));
    }
    Ok(found)
}

async fn insert_names(conn: &mut Conn, names: Vec<String>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = move |name: String| {
        (
            tags::name.eq(name),
            tags::description.eq(""),
            tags::color.eq("#64748b"),
            tags::is_default.eq(false),
            tags::created_at.eq(now.naive_utc()),
            tags::updated_at.eq(now.naive_utc()),
        )
    };
    match conn {
        // diesel-async cannot insert many rows on SQLite (diesel_async#277); its blocking side can.
        Conn::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                for name in names {
                    let insert = diesel::insert_into(tags::table).values(row(name)).on_conflict_do_nothing();
                    diesel::RunQueryDsl::execute(insert, c)?;
                }
                Ok(())
            })
            .await?;
        }
        Conn::Postgres(c) => {
            let rows: Vec<_> = names.into_iter().map(row).collect();
            diesel::insert_into(tags::table).values(rows).on_conflict_do_nothing().execute(c).await?;
        }
    }
    Ok(())
}

/// Puts each of `tags` on each of `devices`; gives how many were not there, or only there by rules before.
pub async fn put(
    conn: &mut Conn,
    devices: &[DeviceId],
    tags: &[TagId],
    by_person: bool,
) -> Result<usize, StoreError> {
    let tag_ids: Vec<i64> = tags.iter().map(|id| id.0).collect();
    let mut changed = 0;
    for ids in devices.chunks(CHUNK) {
        let ids = raw(ids);
        if by_person {
            let held = device_tags::table.filter(
                device_tags::device_id
                    .eq_any(&ids)
                    .and(device_tags::tag_id.eq_any(&tag_ids))
                    .and(dsl::not(device_tags::by_person)),
            );
            changed += on!(conn, |c| diesel::update(held).set(device_tags::by_person.eq(true)).execute(c))?;
        }
        let pairs = devices::table
            .inner_join(tags::table.on(tags::id.eq_any(&tag_ids)))
            .filter(devices::id.eq_any(&ids))
            .select((devices::id, tags::id, by_person.into_sql::<Bool>()));
        changed += on!(conn, |c| diesel::insert_into(device_tags::table)
            .values(pairs)
            .into_columns((device_tags::device_id, device_tags::tag_id, device_tags::by_person))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(changed)
}

/// Puts the default tag on each of these devices.
pub async fn with_default(conn: &mut Conn, devices: &[DeviceId]) -> Result<(), StoreError> {
    let default: Vec<i64> =
        on!(conn, |c| tags::table.filter(tags::is_default).select(tags::id).order(tags::id).load(c))?;
    let default: Vec<TagId> = default.into_iter().map(TagId).collect();
    put(conn, devices, &default, true).await?;
    Ok(())
}

/// Takes what people put: each of `tags` from each of `devices`. What a rule holds stays as the rule's; the default
/// tag stays. Gives how many were taken.
pub async fn take(conn: &mut Conn, devices: &[DeviceId], tags: &[TagId]) -> Result<usize, StoreError> {
    let tag_ids: Vec<i64> = tags.iter().map(|id| id.0).collect();
    let mut taken = 0;
    for ids in devices.chunks(CHUNK) {
        let ids = raw(ids);
        let default = tags::table.filter(tags::is_default).select(tags::id);
        let put = device_tags::device_id
            .eq_any(&ids)
            .and(device_tags::tag_id.eq_any(&tag_ids))
            .and(dsl::not(device_tags::tag_id.eq_any(default)))
            .and(device_tags::by_person);
        taken += on!(conn, |c| diesel::update(device_tags::table.filter(put))
            .set(device_tags::by_person.eq(false))
            .execute(c))?;
        drop_unheld(conn, &ids).await?;
    }
    Ok(taken)
}

/// Removes from these devices the tags that neither a person nor a rule holds.
pub(in crate::store) async fn drop_unheld(conn: &mut Conn, devices: &[i64]) -> Result<(), StoreError> {
    let held = rule_matches::table.inner_join(tag_rules::table).filter(
        rule_matches::device_id
            .eq(device_tags::device_id)
            .and(tag_rules::tag_id.eq(device_tags::tag_id))
            .and(tag_rules::is_enabled),
    );
    let unheld = device_tags::table.filter(
        device_tags::device_id
            .eq_any(devices)
            .and(dsl::not(device_tags::by_person))
            .and(dsl::not(dsl::exists(held))),
    );
    on!(conn, |c| diesel::delete(unheld).execute(c))?;
    Ok(())
}

/// Makes `names` what people put on the device, adding to the table those that are new, and the default tag. What a
/// rule put there stays the rule's, named or not.
pub async fn set(
    conn: &mut Conn,
    device: DeviceId,
    names: &[TagName],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let wanted = ids_of(conn, &names.iter().cloned().collect(), now).await?;
    let held: Vec<(i64, bool)> = on!(conn, |c| device_tags::table
        .filter(device_tags::device_id.eq(device.0))
        .select((device_tags::tag_id, device_tags::by_person))
        .order(device_tags::tag_id)
        .load(c))?;
    let gone: Vec<TagId> = held
        .iter()
        .filter(|(id, by_person)| *by_person && wanted.values().all(|wanted| wanted.0 != *id))
        .map(|(id, _)| TagId(*id))
        .collect();
    if !gone.is_empty() {
        take(conn, &[device], &gone).await?;
    }
    let added: Vec<TagId> =
        wanted.into_values().filter(|id| held.iter().all(|(held, _)| *held != id.0)).collect();
    if !added.is_empty() {
        put(conn, &[device], &added, true).await?;
    }
    with_default(conn, &[device]).await
}
