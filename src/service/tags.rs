//! Tags: kept by people, put on devices by people and rules.

mod assign;

pub use assign::{Assigned, assign, unassign};

use super::{Core, Fault, audit, rules};
use crate::{
    domain::{
        access::{Grant, ManageTags, Scope, ViewCredentials, ViewDevices},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        cap::Cap,
        id::{CredentialId, TagId},
        page::{Page, PageRequest},
        rule::{Field, Rule},
        tag::{NewTag, Tag, TagUse},
    },
    store::{self, Conn, StoreError},
};

/// Why a tag was not added, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum SaveTagError {
    /// Another tag has this name.
    #[error("there is a tag with this name already")]
    NameTaken,
    /// It is gone.
    #[error("this tag has been deleted")]
    Gone,
    /// The default tag is on every device.
    #[error("the default tag is on every device and stays")]
    Default,
    /// A tag may be what lets others see devices.
    #[error("only accounts that see all devices may delete tags")]
    Scope,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveTagError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::NameTaken,
            other @ (StoreError::Unavailable(_) | StoreError::Query(_) | StoreError::Unreadable { .. }) => {
                Self::Fault(other.into())
            }
        }
    }
}

/// A page of the tags whose name or description holds `text`, each with what hangs on it.
pub async fn list(
    core: &Core,
    by: &Grant<ViewDevices>,
    text: &str,
    request: PageRequest,
) -> Result<Page<(Tag, TagUse)>, Fault> {
    let mut conn = core.db.read().await?;
    let page = store::tags::list(&mut conn, text.trim(), request).await?;
    let ids: Vec<TagId> = page.rows.iter().map(|tag| tag.id).collect();
    let uses = store::tags::uses(&mut conn, by.scope(), &ids).await?;
    Ok(Page { rows: page.rows.into_iter().zip(uses).collect(), total: page.total, request })
}

/// All tags, by name.
pub async fn all(core: &Core, _by: &Grant<ViewDevices>) -> Result<Vec<Tag>, Fault> {
    Ok(store::tags::all(&mut core.db.read().await?).await?)
}

/// A tag with what hangs on it and the rules that assign it.
#[derive(Debug)]
pub struct TagDetail {
    /// The tag.
    pub tag: Tag,
    /// What hangs on it.
    pub uses: TagUse,
    /// The rules that assign it, by name.
    pub rules: Vec<Rule>,
}

/// The tag with this id, if there is one.
pub async fn find(core: &Core, by: &Grant<ViewDevices>, id: TagId) -> Result<Option<TagDetail>, Fault> {
    let mut conn = core.db.read().await?;
    let Some(tag) = store::tags::find(&mut conn, id).await? else {
        return Ok(None);
    };
    let uses = store::tags::uses(&mut conn, by.scope(), &[id]).await?.pop().unwrap_or_default();
    let mut rules = store::rules::list(&mut conn).await?;
    rules.retain(|rule| rule.tag == id);
    Ok(Some(TagDetail { tag, uses, rules }))
}

/// The tag with this name, without regard to case.
pub async fn find_by_name(core: &Core, _by: &Grant<ViewDevices>, name: &str) -> Result<Option<Tag>, Fault> {
    Ok(store::tags::find_by_name(&mut core.db.read().await?, &name.trim().to_lowercase()).await?)
}

/// The shared credentials that are tried on the tag's devices, with their priority, in the order of trying.
pub async fn credentials(
    core: &Core,
    _by: &Grant<ViewCredentials>,
    id: TagId,
) -> Result<Vec<(CredentialId, Option<String>, i32)>, Fault> {
    Ok(store::tags::credentials(&mut core.db.read().await?, id).await?)
}

fn changes(old: Option<&Tag>, new: &NewTag) -> Changes {
    let text = |of: fn(&Tag) -> String| old.map(of).unwrap_or_default();
    Changes::default()
        .field("name", text(|tag| tag.name.clone()), new.name.as_str())
        .field("description", text(|tag| tag.description.clone()), &new.description)
        .field("color", text(|tag| tag.color.clone()), new.color.as_str())
        .field("most_sessions", text(|tag| Cap::told(tag.most_sessions)), Cap::told(new.most_sessions))
}

/// Adds a tag.
pub async fn create(core: &Core, by: &Grant<ManageTags>, new: &NewTag) -> Result<TagId, SaveTagError> {
    let mut tx = core.db.begin().await?;
    let id = store::tags::insert(&mut tx, new, core.now()).await?;
    let act = Act::new(AuditEvent::TagCreated, new.name.as_str()).on(ObjectKind::Tag, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes(None, new))).await?;
    tx.commit().await?;
    Ok(id)
}

async fn rules_look_at_tags(conn: &mut Conn) -> Result<bool, StoreError> {
    let rules = store::rules::list(conn).await?;
    Ok(rules.iter().any(|rule| rule.is_enabled && rule.criteria.uses(Field::Tag)))
}

/// Writes an edit. Rules that look at tags by name see the new name at once.
pub async fn update(
    core: &Core,
    by: &Grant<ManageTags>,
    id: TagId,
    new: &NewTag,
) -> Result<(), SaveTagError> {
    let mut tx = core.db.begin().await?;
    let Some(old) = store::tags::find(&mut tx, id).await? else {
        return Err(SaveTagError::Gone);
    };
    store::tags::update(&mut tx, id, new, core.now()).await?;
    if old.name != new.name.as_str() && rules_look_at_tags(&mut tx).await? {
        rules::reconcile_all(&mut tx).await?;
    }
    let act = Act::new(AuditEvent::TagChanged, new.name.as_str()).on(ObjectKind::Tag, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes(Some(&old), new))).await?;
    tx.commit().await?;
    Ok(())
}

/// What goes with a tag when it is deleted.
#[derive(Debug)]
pub struct TagGoes {
    /// The tag.
    pub tag: Tag,
    /// Devices that lose it, rules that go, credentials that are no longer tried through it.
    pub uses: TagUse,
    /// The names of those rules.
    pub rules: Vec<String>,
    /// Schedules that no longer take its devices.
    pub schedules: i64,
    /// People who no longer see devices through it.
    pub people: i64,
}

/// What would go with a tag; `None` when there is none.
pub async fn what_goes(core: &Core, _by: &Grant<ManageTags>, id: TagId) -> Result<Option<TagGoes>, Fault> {
    let mut conn = core.db.read().await?;
    let Some(tag) = store::tags::find(&mut conn, id).await? else {
        return Ok(None);
    };
    // All devices count here: what is deleted is gone for everybody.
    let uses = store::tags::uses(&mut conn, Scope::All, &[id]).await?.pop().unwrap_or_default();
    let (schedules, people) = store::tags::named_by(&mut conn, id).await?;
    let rules = store::rules::list(&mut conn).await?;
    let rules = rules.into_iter().filter(|rule| rule.tag == id).map(|rule| rule.name).collect();
    Ok(Some(TagGoes { tag, uses, rules, schedules, people }))
}

/// Deletes a tag with its rules and links; `false` when there is none.
pub async fn delete(core: &Core, by: &Grant<ManageTags>, id: TagId) -> Result<bool, SaveTagError> {
    if by.scope() != Scope::All {
        return Err(SaveTagError::Scope);
    }
    let mut tx = core.db.begin().await?;
    let Some(tag) = store::tags::find(&mut tx, id).await? else {
        return Ok(false);
    };
    if tag.is_default {
        return Err(SaveTagError::Default);
    }
    store::tags::delete(&mut tx, id).await?;
    if rules_look_at_tags(&mut tx).await? {
        rules::reconcile_all(&mut tx).await?;
    }
    let act = Act::new(AuditEvent::TagDeleted, &tag.name).on(ObjectKind::Tag, id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(true)
}

/// The id and name of every tag, by name.
pub async fn named(core: &Core, _by: &Grant<ViewDevices>) -> Result<Vec<(TagId, String)>, Fault> {
    Ok(store::schedules::all_tags(&mut core.db.read().await?).await?)
}
