//! What rules look at, and on which devices each holds.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{dsl, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::Scope,
        device::Standing,
        id::{DeviceId, RuleId, TagId},
        rule::{Facts, Known},
    },
    store::{
        Conn, StoreError, on,
        schema::{device_tags, devices, rule_matches, tag_rules, users},
        scope, tags as held,
    },
};

type FactRow = (
    (i64, String, String, String, String, i32),
    (String, bool, Option<bool>),
    (Option<i64>, Option<String>, Option<String>),
    Option<String>,
);

macro_rules! columns {
    () => {
        (
            (
                devices::id,
                devices::name,
                devices::address,
                devices::platform,
                devices::description,
                devices::port,
            ),
            (devices::serial_number, devices::is_enabled, devices::is_reachable),
            (devices::last_job_id, devices::last_job_state, devices::last_job_outcome),
            users::username.nullable(),
        )
    };
}

/// [`Device::standing`](crate::domain::device::Device::standing) of the columns.
fn standing(job: Option<i64>, state: Option<&str>, outcome: Option<&str>) -> Standing {
    match (job, state, outcome) {
        (None, ..) => Standing::Never,
        (Some(_), _, Some("suspect")) => Standing::Suspect,
        (Some(_), Some("succeeded"), _) => Standing::Good,
        (Some(_), ..) => Standing::Failing,
    }
}

async fn with_tags(conn: &mut Conn, rows: Vec<FactRow>) -> Result<Vec<Facts>, StoreError> {
    let ids: Vec<DeviceId> = rows.iter().map(|((id, ..), ..)| DeviceId(*id)).collect();
    let tags = held::of_persons(conn, &ids).await?;
    Ok(facts_from(rows, tags))
}

fn facts_from(rows: Vec<FactRow>, mut tags: BTreeMap<DeviceId, Vec<String>>) -> Vec<Facts> {
    rows.into_iter()
        .map(|((id, name, address, platform, description, port), more, job, owner)| {
            let (serial_number, is_enabled, is_reachable) = more;
            let id = DeviceId(id);
            Facts::from(Known {
                id,
                name,
                address,
                platform,
                description,
                port,
                serial_number,
                is_enabled,
                is_reachable,
                standing: standing(job.0, job.1.as_deref(), job.2.as_deref()),
                owner,
                tags: tags.remove(&id).unwrap_or_default(),
            })
        })
        .collect()
}

/// What rules can ask of the devices of `scope` behind `after`, `limit` of them in the order of their ids; without their
/// tags, which take as long as all the rest, where none of the rules asks about tags.
pub async fn facts(
    conn: &mut Conn,
    scope: Scope,
    (after, limit): (DeviceId, i64),
    asks_tags: bool,
) -> Result<Vec<Facts>, StoreError> {
    let rows: Vec<FactRow> = on!(conn, |c| devices::table
        .left_join(users::table.on(users::id.nullable().eq(devices::owner_id)))
        .filter(scope::in_scope!(scope))
        .filter(devices::id.gt(after.0))
        .select(columns!())
        .order(devices::id)
        .limit(limit)
        .load(c))?;
    if asks_tags { with_tags(conn, rows).await } else { Ok(facts_from(rows, BTreeMap::new())) }
}

/// What rules can ask of these devices; of deleted ones nothing.
pub async fn facts_of(conn: &mut Conn, ids: &[DeviceId]) -> Result<Vec<Facts>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<FactRow> = on!(conn, |c| devices::table
        .left_join(users::table.on(users::id.nullable().eq(devices::owner_id)))
        .filter(devices::id.eq_any(&ids).and(devices::deleted_at.is_null()))
        .select(columns!())
        .order(devices::id)
        .load(c))?;
    with_tags(conn, rows).await
}

/// Those of `ids` that `scope` has.
pub async fn within(conn: &mut Conn, scope: Scope, ids: &[DeviceId]) -> Result<Vec<DeviceId>, StoreError> {
    let mut seen = Vec::new();
    for ids in ids.chunks(5_000) {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let rows: Vec<i64> = on!(conn, |c| devices::table
            .filter(scope::in_scope!(scope))
            .filter(devices::id.eq_any(&ids))
            .select(devices::id)
            .order(devices::id)
            .load(c))?;
        seen.extend(rows.into_iter().map(DeviceId));
    }
    Ok(seen)
}

/// On which of `devices` which of `rules` held when last asked.
pub async fn stored(
    conn: &mut Conn,
    rules: &[RuleId],
    devices: &[DeviceId],
) -> Result<BTreeSet<(RuleId, DeviceId)>, StoreError> {
    let rules: Vec<i64> = rules.iter().map(|id| id.0).collect();
    let devices: Vec<i64> = devices.iter().map(|id| id.0).collect();
    let rows: Vec<(i64, i64)> = on!(conn, |c| rule_matches::table
        .filter(rule_matches::rule_id.eq_any(&rules).and(rule_matches::device_id.eq_any(&devices)))
        .select((rule_matches::rule_id, rule_matches::device_id))
        .load(c))?;
    Ok(rows.into_iter().map(|(rule, device)| (RuleId(rule), DeviceId(device))).collect())
}

/// The rules that hold on a device, by name.
pub async fn of_device(conn: &mut Conn, device: DeviceId) -> Result<Vec<RuleId>, StoreError> {
    let rows: Vec<i64> = on!(conn, |c| rule_matches::table
        .inner_join(tag_rules::table)
        .filter(rule_matches::device_id.eq(device.0))
        .select(tag_rules::id)
        .order((tag_rules::name, tag_rules::id))
        .load(c))?;
    Ok(rows.into_iter().map(RuleId).collect())
}

fn by_rule(pairs: &[(RuleId, DeviceId)]) -> BTreeMap<i64, Vec<i64>> {
    let mut map: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (rule, device) in pairs {
        map.entry(rule.0).or_default().push(device.0);
    }
    map
}

/// Remembers that rules hold on devices: a statement for each rule.
pub async fn add(conn: &mut Conn, pairs: &[(RuleId, DeviceId)]) -> Result<(), StoreError> {
    for (rule, devices) in by_rule(pairs) {
        let rows = tag_rules::table
            .inner_join(devices::table.on(devices::id.eq_any(&devices)))
            .filter(tag_rules::id.eq(rule))
            .select((tag_rules::id, devices::id));
        on!(conn, |c| diesel::insert_into(rule_matches::table)
            .values(rows)
            .into_columns((rule_matches::rule_id, rule_matches::device_id))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Forgets that rules held on devices: a statement for each rule.
pub async fn remove(conn: &mut Conn, pairs: &[(RuleId, DeviceId)]) -> Result<(), StoreError> {
    for (rule, devices) in by_rule(pairs) {
        let rows = rule_matches::table
            .filter(rule_matches::rule_id.eq(rule).and(rule_matches::device_id.eq_any(&devices)));
        on!(conn, |c| diesel::delete(rows).execute(c))?;
    }
    Ok(())
}

/// Gives these devices the tags of the rules that hold on them, and takes those that nothing holds any more.
pub async fn settle(conn: &mut Conn, devices: &[DeviceId]) -> Result<(), StoreError> {
    let ids: Vec<i64> = devices.iter().map(|id| id.0).collect();
    let due = rule_matches::table
        .inner_join(tag_rules::table)
        .filter(rule_matches::device_id.eq_any(&ids).and(tag_rules::is_enabled))
        .select((rule_matches::device_id, tag_rules::tag_id, false.into_sql::<Bool>()))
        .distinct();
    on!(conn, |c| diesel::insert_into(device_tags::table)
        .values(due)
        .into_columns((device_tags::device_id, device_tags::tag_id, device_tags::by_person))
        .on_conflict_do_nothing()
        .execute(c))?;
    held::drop_unheld(conn, &ids).await
}

/// Takes a tag from the devices on which neither a person nor a rule holds it.
pub async fn settle_tag(conn: &mut Conn, tag: TagId) -> Result<(), StoreError> {
    let held = rule_matches::table.inner_join(tag_rules::table).filter(
        rule_matches::device_id
            .eq(device_tags::device_id)
            .and(tag_rules::tag_id.eq(tag.0))
            .and(tag_rules::is_enabled),
    );
    let unheld = device_tags::table.filter(
        device_tags::tag_id.eq(tag.0).and(dsl::not(device_tags::by_person)).and(dsl::not(dsl::exists(held))),
    );
    on!(conn, |c| diesel::delete(unheld).execute(c))?;
    Ok(())
}

/// Forgets on which devices a rule held.
pub async fn forget(conn: &mut Conn, rule: RuleId) -> Result<(), StoreError> {
    let rows = rule_matches::table.filter(rule_matches::rule_id.eq(rule.0));
    on!(conn, |c| diesel::delete(rows).execute(c))?;
    Ok(())
}
