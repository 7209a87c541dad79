//! Tables `tag_rules` and `rule_matches`.

mod matches;

pub use matches::{add, facts, facts_of, forget, of_device, remove, settle, settle_tag, stored, within};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, on,
    schema::{devices, rule_matches, tag_rules, tags},
    scope,
};
use crate::domain::{
    access::Scope,
    id::{RuleId, TagId},
    rule::{NewRule, Rule},
};

type Row = (i64, String, String, i64, String, String, bool, i32);

fn rule(row: Row) -> Result<Rule, StoreError> {
    let (id, name, description, tag, tag_name, criteria, is_enabled, version) = row;
    let criteria = serde_json::from_str(&criteria)
        .map_err(|_| StoreError::Unreadable { column: "tag_rules.criteria", value: criteria })?;
    Ok(Rule { id: RuleId(id), name, description, tag: TagId(tag), tag_name, criteria, is_enabled, version })
}

macro_rules! columns {
    () => {
        (
            tag_rules::id,
            tag_rules::name,
            tag_rules::description,
            tag_rules::tag_id,
            tags::name,
            tag_rules::criteria,
            tag_rules::is_enabled,
            tag_rules::version,
        )
    };
}

/// All rules, by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<Rule>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| tag_rules::table
        .inner_join(tags::table)
        .select(columns!())
        .order((tag_rules::name, tag_rules::id))
        .load(c))?;
    rows.into_iter().map(rule).collect()
}

/// On how many devices each rule holds, as far as `scope` goes.
pub async fn counts(conn: &mut Conn, scope: Scope) -> Result<BTreeMap<RuleId, i64>, StoreError> {
    let rows: Vec<(i64, i64)> = on!(conn, |c| rule_matches::table
        .filter(
            rule_matches::device_id
                .eq_any(devices::table.filter(scope::in_scope!(scope)).select(devices::id))
        )
        .group_by(rule_matches::rule_id)
        .select((rule_matches::rule_id, count_star()))
        .load(c))?;
    Ok(rows.into_iter().map(|(id, count)| (RuleId(id), count)).collect())
}

/// The rule with this id, if there is one.
pub async fn find(conn: &mut Conn, id: RuleId) -> Result<Option<Rule>, StoreError> {
    let row: Option<Row> = on!(conn, |c| tag_rules::table
        .inner_join(tags::table)
        .filter(tag_rules::id.eq(id.0))
        .select(columns!())
        .get_result(c))
    .optional()?;
    row.map(rule).transpose()
}

fn json(new: &NewRule) -> String {
    serde_json::to_string(&new.criteria).unwrap_or_default()
}

/// Adds a rule; [`StoreError::Conflict`] when the name is taken.
pub async fn insert(conn: &mut Conn, new: &NewRule, now: DateTime<Utc>) -> Result<RuleId, StoreError> {
    let values = (
        tag_rules::name.eq(new.name.as_str()),
        tag_rules::description.eq(new.description.as_str()),
        tag_rules::tag_id.eq(new.tag.0),
        tag_rules::criteria.eq(json(new)),
        tag_rules::is_enabled.eq(new.is_enabled),
        tag_rules::version.eq(1),
        tag_rules::created_at.eq(now.naive_utc()),
        tag_rules::updated_at.eq(now.naive_utc()),
    );
    let id: i64 = on!(conn, |c| diesel::insert_into(tag_rules::table)
        .values(values)
        .returning(tag_rules::id)
        .get_result(c))?;
    Ok(RuleId(id))
}

/// Writes an edit that started from `version`; `false` when somebody was faster.
pub async fn update(
    conn: &mut Conn,
    (id, version): (RuleId, i32),
    new: &NewRule,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = (
        tag_rules::name.eq(new.name.as_str()),
        tag_rules::description.eq(new.description.as_str()),
        tag_rules::tag_id.eq(new.tag.0),
        tag_rules::criteria.eq(json(new)),
        tag_rules::is_enabled.eq(new.is_enabled),
        tag_rules::version.eq(version + 1),
        tag_rules::updated_at.eq(now.naive_utc()),
    );
    let row = tag_rules::table.filter(tag_rules::id.eq(id.0).and(tag_rules::version.eq(version)));
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// Removes a rule with what it remembers.
pub async fn delete(conn: &mut Conn, id: RuleId) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(tag_rules::table.find(id.0)).execute(c))?;
    Ok(())
}
