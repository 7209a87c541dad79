//! Rules that tag devices: kept by people, carried out on every change of a rule or a device.

mod reconcile;

pub use reconcile::reconcile_devices;
use reconcile::run;
pub(super) use reconcile::{after_change, reconcile_all};

use super::{Core, Fault, audit};
use crate::{
    domain::{
        access::{Grant, ManageTags, Scope, ViewDevices},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::{DeviceId, RuleId},
        rule::{Criteria, Facts, Field, InvalidCriteria, NewRule, Reason, Rule},
    },
    store::{self, Conn, StoreError},
};

/// How many matches a preview names.
pub const SHOWN: usize = 50;

/// Why a rule was not added, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum SaveRuleError {
    /// Another rule has this name.
    #[error("there is a rule with this name already")]
    NameTaken,
    /// The tag is gone.
    #[error("this tag has been deleted")]
    NoTag,
    /// The default tag is on every device anyway.
    #[error("the default tag is on every device; choose another tag")]
    DefaultTag,
    /// The criteria make no rule.
    #[error(transparent)]
    Criteria(#[from] InvalidCriteria),
    /// Rules tag all devices, also those that this person does not see.
    #[error("rules work on all devices, and this account sees only some")]
    Scope,
    /// Somebody else changed or deleted it.
    #[error("somebody else has changed this rule since you opened the form")]
    Stale,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveRuleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::NameTaken,
            other @ (StoreError::Unavailable(_) | StoreError::Query(_) | StoreError::Unreadable { .. }) => {
                Self::Fault(other.into())
            }
        }
    }
}

/// All rules by name, each with the number of devices it holds on.
pub async fn list(core: &Core, by: &Grant<ViewDevices>) -> Result<Vec<(Rule, i64)>, Fault> {
    let mut conn = core.db.read().await?;
    let counts = store::rules::counts(&mut conn, by.scope()).await?;
    let rules = store::rules::list(&mut conn).await?;
    Ok(rules
        .into_iter()
        .map(|rule| (counts.get(&rule.id).copied().unwrap_or(0), rule))
        .map(|(n, r)| (r, n))
        .collect())
}

/// The rule with this id, if there is one.
pub async fn find(core: &Core, _by: &Grant<ViewDevices>, id: RuleId) -> Result<Option<Rule>, Fault> {
    Ok(store::rules::find(&mut core.db.read().await?, id).await?)
}

/// The devices on which criteria hold.
#[derive(Debug)]
pub struct Preview {
    /// How many.
    pub matches: usize,
    /// Of how many.
    pub devices: usize,
    /// The first of them, in the order in which they were added.
    pub first: Vec<Facts>,
}

/// On which devices criteria would hold, as far as the person sees devices; changes nothing.
pub async fn preview(
    core: &Core,
    by: &Grant<ManageTags>,
    criteria: &Criteria,
) -> Result<Preview, SaveRuleError> {
    let matcher = criteria.compile()?;
    let asks_tags = criteria.asks(Field::Tag);
    let mut conn = core.db.read().await?;
    let (mut seen, mut after) = (Preview { matches: 0, devices: 0, first: Vec::new() }, DeviceId(0));
    loop {
        let facts = store::rules::facts(&mut conn, by.scope(), (after, reconcile::CHUNK), asks_tags).await?;
        let Some(last) = facts.last() else { return Ok(seen) };
        after = last.id;
        seen.devices += facts.len();
        for facts in facts.into_iter().filter(|facts| matcher.holds(facts)) {
            seen.matches += 1;
            if seen.first.len() < SHOWN {
                seen.first.push(facts);
            }
        }
    }
}

/// Whoever does not see all devices must not tag them: a tag can be what lets somebody see a device (S-37).
async fn check(conn: &mut Conn, by: &Grant<ManageTags>, new: &NewRule) -> Result<String, SaveRuleError> {
    if by.scope() != Scope::All {
        return Err(SaveRuleError::Scope);
    }
    new.criteria.compile()?;
    let tag = store::tags::find(conn, new.tag).await?.ok_or(SaveRuleError::NoTag)?;
    if tag.is_default { Err(SaveRuleError::DefaultTag) } else { Ok(tag.name) }
}

fn changes(old: Option<&Rule>, new: &NewRule, tag: &str) -> Changes {
    let text = |of: fn(&Rule) -> String| old.map(of).unwrap_or_default();
    Changes::default()
        .field("name", text(|rule| rule.name.clone()), &new.name)
        .field("description", text(|rule| rule.description.clone()), &new.description)
        .field("tag", text(|rule| rule.tag_name.clone()), tag)
        .field("criteria", text(|rule| rule.criteria.to_string()), &new.criteria)
        .field("enabled", text(|rule| rule.is_enabled.to_string()), new.is_enabled)
}

/// Adds a rule and tags the devices on which it holds.
pub async fn create(core: &Core, by: &Grant<ManageTags>, new: &NewRule) -> Result<RuleId, SaveRuleError> {
    let mut tx = core.db.begin().await?;
    let tag = check(&mut tx, by, new).await?;
    let id = store::rules::insert(&mut tx, new, core.now()).await?;
    run(&mut tx, id, new).await?;
    let act = Act::new(AuditEvent::RuleCreated, &new.name).on(ObjectKind::Rule, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes(None, new, &tag))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Writes an edit that started from `version`, and tags and untags devices accordingly.
pub async fn update(
    core: &Core,
    by: &Grant<ManageTags>,
    (id, version): (RuleId, i32),
    new: &NewRule,
) -> Result<(), SaveRuleError> {
    let mut tx = core.db.begin().await?;
    let Some(old) = store::rules::find(&mut tx, id).await? else {
        return Err(SaveRuleError::Stale);
    };
    let tag = check(&mut tx, by, new).await?;
    if !store::rules::update(&mut tx, (id, version), new, core.now()).await? {
        return Err(SaveRuleError::Stale);
    }
    run(&mut tx, id, new).await?;
    store::rules::settle_tag(&mut tx, old.tag).await?;
    let act = Act::new(AuditEvent::RuleChanged, &new.name).on(ObjectKind::Rule, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes(Some(&old), new, &tag))).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes a rule; the tags that only it put on devices go with it. `false` when there is none.
pub async fn delete(core: &Core, by: &Grant<ManageTags>, id: RuleId) -> Result<bool, SaveRuleError> {
    if by.scope() != Scope::All {
        return Err(SaveRuleError::Scope);
    }
    let mut tx = core.db.begin().await?;
    let Some(rule) = store::rules::find(&mut tx, id).await? else {
        return Ok(false);
    };
    store::rules::delete(&mut tx, id).await?;
    store::rules::settle_tag(&mut tx, rule.tag).await?;
    let act = Act::new(AuditEvent::RuleDeleted, &rule.name).on(ObjectKind::Rule, id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(true)
}

/// A rule that put a tag on a device, and why.
#[derive(Debug)]
pub struct Explained {
    /// The rule.
    pub rule: Rule,
    /// Its conditions, each with whether it holds.
    pub reasons: Vec<Reason>,
}

/// Which rules put which tags on a device, and which of their conditions hold; nothing for devices out of sight.
pub async fn explain(
    core: &Core,
    by: &Grant<ViewDevices>,
    device: DeviceId,
) -> Result<Vec<Explained>, Fault> {
    let mut conn = core.db.read().await?;
    let seen = store::rules::within(&mut conn, by.scope(), &[device]).await?;
    let held = store::rules::of_device(&mut conn, device).await?;
    if held.is_empty() || seen.is_empty() {
        return Ok(Vec::new());
    }
    let Some(facts) = store::rules::facts_of(&mut conn, &[device]).await?.into_iter().next() else {
        return Ok(Vec::new());
    };
    let rules = store::rules::list(&mut conn).await?;
    let explained = rules.into_iter().filter(|rule| held.contains(&rule.id)).map(|rule| {
        let reasons = rule.criteria.compile().map(|matcher| matcher.explain(&facts)).unwrap_or_default();
        Explained { rule, reasons }
    });
    Ok(explained.collect())
}
