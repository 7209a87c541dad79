//! Adding, changing, linking and deleting shared credentials.

use crate::{
    domain::{
        access::{Actor, Grant, ManageCredentials, Scope},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        cap::Cap,
        credential::{NewCredential, Shared, SharedEdit},
        id::{CredentialId, TagId},
    },
    service::{Core, Fault, audit, secrets},
    store::{self, Conn, StoreError},
};

/// Why a shared credential was not added, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum SaveCredentialError {
    /// Another has this name.
    #[error("there is a credential with this name already")]
    NameTaken,
    /// It is gone.
    #[error("this credential has been deleted")]
    Gone,
    /// Somebody else saved it in the meantime.
    #[error("somebody else has changed this credential in the meantime")]
    Changed,
    /// Devices would be left without one.
    #[error("{0} devices use it as their only credential; choose another for them first")]
    InUse(i64),
    /// Jump hosts would be left without one.
    #[error("{0} jump hosts are shown it; choose another for them first")]
    ShownTo(i64),
    /// It may serve devices that the person does not see.
    #[error("only accounts that see all devices may change shared credentials")]
    Scope,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveCredentialError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::NameTaken,
            other @ (StoreError::Unavailable(_) | StoreError::Query(_) | StoreError::Unreadable { .. }) => {
                Self::Fault(other.into())
            }
        }
    }
}

pub(super) fn needs_all(by: &Grant<ManageCredentials>) -> Result<(), SaveCredentialError> {
    if by.scope() == Scope::All { Ok(()) } else { Err(SaveCredentialError::Scope) }
}

fn has_secrets(new: &NewCredential) -> bool {
    [&new.password, &new.enable, &new.private_key, &new.passphrase].iter().any(|secret| secret.is_some())
}

fn changes(old: Option<&Shared>, edit: &SharedEdit) -> Changes {
    let text = |of: fn(&Shared) -> String| old.map(of).unwrap_or_default();
    Changes::default()
        .field("name", text(|old| old.credential.name.clone().unwrap_or_default()), edit.name.as_str())
        .field("description", text(|old| old.description.clone()), &edit.description)
        .field("most_sessions", text(|old| Cap::told(old.most_sessions)), Cap::told(edit.most_sessions))
        .field("username", text(|old| old.credential.username.clone()), &edit.secrets.username)
        .secret("password", edit.secrets.password.is_some())
        .secret("enable", edit.secrets.enable.is_some())
        .secret("private_key", edit.secrets.private_key.is_some())
        .secret("passphrase", edit.secrets.passphrase.is_some())
}

/// Adds a shared credential.
pub async fn create(
    core: &Core,
    by: &Grant<ManageCredentials>,
    edit: &SharedEdit,
) -> Result<CredentialId, SaveCredentialError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    let id = secrets::insert(core, &mut tx, &edit.secrets).await?;
    store::credentials::shared::describe(&mut tx, (id, 1), edit, core.now()).await?;
    let act = Act::new(AuditEvent::CredentialCreated, edit.name.as_str()).on(ObjectKind::Credential, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes(None, edit))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Writes an edit. Changed secrets count as new ones on every device; those before stay beside them if asked for.
pub async fn update(
    core: &Core,
    by: &Grant<ManageCredentials>,
    (id, version): (CredentialId, i32),
    edit: &SharedEdit,
) -> Result<(), SaveCredentialError> {
    needs_all(by)?;
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let Some(old) = store::credentials::shared::find(&mut tx, id).await? else {
        return Err(SaveCredentialError::Gone);
    };
    if !store::credentials::shared::describe(&mut tx, (id, version), edit, now).await? {
        return Err(SaveCredentialError::Changed);
    }
    let is_changed = has_secrets(&edit.secrets) || edit.secrets.username != old.credential.username;
    if is_changed {
        if edit.keeps_old && old.previous.is_none() {
            let copy = secrets::copy(core, &mut tx, id).await?;
            store::credentials::shared::set_previous(&mut tx, id, (Some(copy), Some(now))).await?;
        } else if !edit.keeps_old {
            forget_previous(&mut tx, &old).await?;
        }
        secrets::update(core, &mut tx, id, &edit.secrets).await?;
    }
    let event = if is_changed { AuditEvent::CredentialRotated } else { AuditEvent::CredentialChanged };
    let act = Act::new(event, edit.name.as_str()).on(ObjectKind::Credential, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes(Some(&old), edit))).await?;
    tx.commit().await?;
    Ok(())
}

async fn forget_previous(conn: &mut Conn, old: &Shared) -> Result<(), StoreError> {
    if let Some(previous) = old.previous {
        store::credentials::shared::set_previous(conn, old.credential.id, (None, None)).await?;
        store::credentials::shared::delete(conn, previous).await?;
    }
    Ok(())
}

/// Removes the secrets before the last change; `false` when there are none.
pub async fn drop_previous(
    core: &Core,
    by: &Grant<ManageCredentials>,
    id: CredentialId,
) -> Result<bool, SaveCredentialError> {
    needs_all(by)?;
    dropped(core, by.actor(), id, "the secrets before the last change were removed").await
}

async fn dropped(
    core: &Core,
    by: &Actor,
    id: CredentialId,
    detail: &str,
) -> Result<bool, SaveCredentialError> {
    let mut tx = core.db.begin().await?;
    let Some(old) = store::credentials::shared::find(&mut tx, id).await? else {
        return Ok(false);
    };
    if old.previous.is_none() {
        return Ok(false);
    }
    forget_previous(&mut tx, &old).await?;
    let name = old.credential.name.unwrap_or_default();
    let act = Act::new(AuditEvent::CredentialChanged, &name).on(ObjectKind::Credential, id.0);
    audit::append(core, &mut tx, by, act.detail(detail)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends the rotations that are done: every device has accepted the new secrets. Gives how many.
pub async fn settle(core: &Core) -> Result<usize, Fault> {
    let mut settled = 0;
    let rotating = store::credentials::shared::rotating(&mut core.db.read().await?).await?;
    for shared in rotating {
        let id = shared.credential.id;
        let (all, done) =
            store::credentials::shared::progress(&mut core.db.read().await?, id, shared.revision).await?;
        if all > 0 && all == done {
            let detail = "every device accepted the new secrets; those before were removed";
            match dropped(core, &Actor::system(), id, detail).await {
                Ok(is) => settled += usize::from(is),
                Err(SaveCredentialError::Fault(fault)) => return Err(fault),
                Err(_) => {}
            }
        }
    }
    Ok(settled)
}

/// Has it tried through a tag with this priority; an existing link gets the priority.
pub async fn link(
    core: &Core,
    by: &Grant<ManageCredentials>,
    id: CredentialId,
    (tag, priority): (TagId, i32),
) -> Result<(), SaveCredentialError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    let found = store::credentials::shared::find(&mut tx, id).await?;
    let (Some(shared), Some(tag)) = (found, store::tags::find(&mut tx, tag).await?) else {
        return Err(SaveCredentialError::Gone);
    };
    let before = store::credentials::shared::tags_of(&mut tx, id).await?;
    let before = before.iter().find(|linked| linked.tag == tag.id).map(|linked| linked.priority.to_string());
    store::credentials::shared::link(&mut tx, id, (tag.id, priority)).await?;
    let field = format!("priority through {}", tag.name);
    let changes = Changes::default().field(&field, before.unwrap_or_default(), priority);
    let name = shared.credential.name.unwrap_or_default();
    let act = Act::new(AuditEvent::CredentialChanged, &name).on(ObjectKind::Credential, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes)).await?;
    tx.commit().await?;
    Ok(())
}

/// Has it no longer tried through a tag.
pub async fn unlink(
    core: &Core,
    by: &Grant<ManageCredentials>,
    id: CredentialId,
    tag: TagId,
) -> Result<(), SaveCredentialError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    let found = store::credentials::shared::find(&mut tx, id).await?;
    let (Some(shared), Some(tag)) = (found, store::tags::find(&mut tx, tag).await?) else {
        return Err(SaveCredentialError::Gone);
    };
    if store::credentials::shared::unlink(&mut tx, id, tag.id).await? {
        let changes = Changes::default().field("tag", &tag.name, "");
        let name = shared.credential.name.unwrap_or_default();
        let act = Act::new(AuditEvent::CredentialChanged, &name).on(ObjectKind::Credential, id.0);
        audit::append(core, &mut tx, by.actor(), act.changes(changes)).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Deletes a shared credential; refused while devices have it as their chosen one.
pub async fn delete(
    core: &Core,
    by: &Grant<ManageCredentials>,
    id: CredentialId,
) -> Result<Shared, SaveCredentialError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    let Some(old) = store::credentials::shared::find(&mut tx, id).await? else {
        return Err(SaveCredentialError::Gone);
    };
    let chosen = store::credentials::shared::chosen_by(&mut tx, id).await?;
    if chosen > 0 {
        return Err(SaveCredentialError::InUse(chosen));
    }
    let shown = store::jump_hosts::shown(&mut tx, id).await?;
    if shown > 0 {
        return Err(SaveCredentialError::ShownTo(shown));
    }
    forget_previous(&mut tx, &old).await?;
    store::credentials::shared::delete(&mut tx, id).await?;
    let name = old.credential.name.clone().unwrap_or_default();
    let act = Act::new(AuditEvent::CredentialDeleted, &name).on(ObjectKind::Credential, id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(old)
}
