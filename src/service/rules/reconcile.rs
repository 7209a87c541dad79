//! Bringing the tags of devices in line with the rules: in chunks, a few statements for each.

use std::collections::BTreeSet;

use crate::{
    domain::{
        access::Scope,
        id::{DeviceId, RuleId},
        rule::{Facts, Field, Matcher, NewRule},
    },
    service::{Core, Fault},
    store::{self, Conn},
};

/// How many devices are looked at together.
pub(super) const CHUNK: i64 = 2_000;

/// The rules at work. One that this version cannot read holds nowhere and is told in the log.
async fn at_work(conn: &mut Conn) -> Result<Vec<(RuleId, Matcher)>, Fault> {
    let mut rules = Vec::new();
    for rule in store::rules::list(conn).await?.into_iter().filter(|rule| rule.is_enabled) {
        match rule.criteria.compile() {
            Ok(matcher) => rules.push((rule.id, matcher)),
            Err(error) => tracing::warn!(rule.id = %rule.id, %error, "a tag rule is not understood"),
        }
    }
    Ok(rules)
}

/// Brings the tags of these devices in line with all rules, in the transaction that changed the devices.
pub async fn reconcile_devices(_core: &Core, tx: &mut Conn, devices: &[DeviceId]) -> Result<(), Fault> {
    reconcile(tx, devices).await
}

async fn reconcile(tx: &mut Conn, devices: &[DeviceId]) -> Result<(), Fault> {
    let rules = at_work(tx).await?;
    if rules.is_empty() {
        return Ok(());
    }
    for devices in devices.chunks(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
        let facts = store::rules::facts_of(tx, devices).await?;
        apply(tx, &rules, &facts).await?;
    }
    Ok(())
}

/// Brings the tags of these devices in line after `field` of them changed, where a rule looks at it.
pub async fn after_change(tx: &mut Conn, field: Field, devices: &[DeviceId]) -> Result<(), Fault> {
    let rules = store::rules::list(tx).await?;
    if rules.iter().any(|rule| rule.is_enabled && rule.criteria.uses(field)) {
        reconcile(tx, devices).await?;
    }
    Ok(())
}

/// Brings the tags of all devices in line with all rules.
pub async fn reconcile_all(tx: &mut Conn) -> Result<(), Fault> {
    let rules = at_work(tx).await?;
    if rules.is_empty() { Ok(()) } else { over_all(tx, &rules).await }
}

/// Carries out one rule as it now is.
pub async fn run(tx: &mut Conn, id: RuleId, new: &NewRule) -> Result<(), Fault> {
    match new.criteria.compile() {
        Ok(matcher) if new.is_enabled => over_all(tx, &[(id, matcher)]).await,
        _ => {
            store::rules::forget(tx, id).await?;
            Ok(store::rules::settle_tag(tx, new.tag).await?)
        }
    }
}

async fn over_all(tx: &mut Conn, rules: &[(RuleId, Matcher)]) -> Result<(), Fault> {
    let mut after = DeviceId(0);
    loop {
        let facts = store::rules::facts(tx, Scope::All, (after, CHUNK), true).await?;
        let Some(last) = facts.last() else { return Ok(()) };
        after = last.id;
        apply(tx, rules, &facts).await?;
    }
}

async fn apply(tx: &mut Conn, rules: &[(RuleId, Matcher)], facts: &[Facts]) -> Result<(), Fault> {
    let ids: Vec<RuleId> = rules.iter().map(|(id, _)| *id).collect();
    let devices: Vec<DeviceId> = facts.iter().map(|facts| facts.id).collect();
    let holds = |(id, matcher): &(RuleId, Matcher)| {
        let held = facts.iter().filter(|facts| matcher.holds(facts));
        held.map(|facts| (*id, facts.id)).collect::<Vec<_>>()
    };
    let now: BTreeSet<(RuleId, DeviceId)> = rules.iter().flat_map(holds).collect();
    let before = store::rules::stored(tx, &ids, &devices).await?;
    let gone: Vec<_> = before.difference(&now).copied().collect();
    let new: Vec<_> = now.difference(&before).copied().collect();
    store::rules::remove(tx, &gone).await?;
    store::rules::add(tx, &new).await?;
    Ok(store::rules::settle(tx, &devices).await?)
}
