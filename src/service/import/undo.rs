//! Taking an import back: what it added is deleted as people delete, what it changed is as it was.

use super::find;
use crate::{
    domain::{
        access::{Actor, Grant, ManageDevices},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        device::{FurtherAddress, Reach},
        id::{DeviceId, ImportId, JumpHostId},
        import::{Before, Deed},
        tag::TagName,
    },
    service::{Core, Fault, audit, rules},
    store::{self, StoreError, Tx},
};

/// Why an import was not undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// There is no such import.
    #[error("there is no such import")]
    Gone,
    /// It is not carried out, undone already, or too old.
    #[error("This import cannot be undone any more.")]
    NotUndoable,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for UndoError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// What came of undoing an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undone {
    /// Devices deleted; they can be brought back for 30 days.
    pub deleted: usize,
    /// Devices that are as they were.
    pub restored: usize,
    /// Devices left alone because somebody has changed or deleted them since, or somebody has their place.
    pub left: usize,
}

/// What undoing an import would do, without doing it.
pub async fn ask(core: &Core, by: &Grant<ManageDevices>, id: ImportId) -> Result<Undone, UndoError> {
    let mut conn = core.db.read().await?;
    let import = find(&mut conn, by.scope(), id).await?.ok_or(UndoError::Gone)?;
    import.undo_until(core.now()).ok_or(UndoError::NotUndoable)?;
    let deeds = store::imports::deeds(&mut conn, id).await?;
    let count =
        |is_new: bool| deeds.iter().filter(|deed| deed.is_as_left && deed.before.is_none() == is_new).count();
    let left = deeds.iter().filter(|deed| !deed.is_as_left).count();
    Ok(Undone { deleted: count(true), restored: count(false), left })
}

/// Undoes an import: everything that nobody has touched since.
pub async fn undo(core: &Core, by: &Grant<ManageDevices>, id: ImportId) -> Result<Undone, UndoError> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let import = find(&mut tx, by.scope(), id).await?.ok_or(UndoError::Gone)?;
    if import.undo_until(now).is_none() || !store::imports::set_undone(&mut tx, id, now).await? {
        return Err(UndoError::NotUndoable);
    }
    let deeds = store::imports::deeds(&mut tx, id).await?;
    let added: Vec<DeviceId> = deeds
        .iter()
        .filter(|deed| deed.is_as_left && deed.before.is_none())
        .map(|deed| deed.device)
        .collect();
    store::jobs::cancel_of(&mut tx, &added, now).await?;
    let deleted = store::devices::hide(&mut tx, &added, by.actor(), now).await?;
    let mut restored = Vec::new();
    for deed in deeds.iter().filter(|deed| deed.is_as_left) {
        if let Some(before) = &deed.before
            && restore(core, &mut tx, by.actor(), (deed, before)).await?
        {
            restored.push(deed.device);
        }
    }
    rules::reconcile_devices(core, &mut tx, &restored).await?;
    let undone = Undone { deleted, restored: restored.len(), left: deeds.len() - deleted - restored.len() };
    let about = format!("import {id}");
    let detail =
        format!("{} deleted, {} as before, {} left alone", undone.deleted, undone.restored, undone.left);
    let act = Act::new(AuditEvent::ImportUndone, &about).on(ObjectKind::Import, id.0).detail(&detail);
    audit::append(core, &mut tx, by.actor(), act).await.map_err(Fault::from)?;
    tx.commit().await?;
    Ok(undone)
}

/// Gives one device back what it had; `false` when another is in its place by now.
async fn restore(
    core: &Core,
    tx: &mut Tx,
    by: &Actor,
    (deed, before): (&Deed, &Before),
) -> Result<bool, Fault> {
    let neighbour = store::devices::find_by_place(tx, &before.address, before.port).await?;
    if neighbour.is_some_and(|other| other.id != deed.device) {
        return Ok(false);
    }
    let credential = match (before.is_credential_other, deed.old_credential) {
        (false, _) => deed.credential,
        (true, None) => None,
        // A shared one may have been deleted since.
        (true, Some(old)) => store::credentials::find(tx, old).await?.map(|_| old),
    };
    store::imports::restore(tx, deed.device, before, credential, core.now()).await?;
    let algorithms = before.algorithms.parse().unwrap_or_default();
    let further = FurtherAddress::list(&before.further).unwrap_or_default();
    let jump_host = match (before.is_jump_host_other, before.jump_host.map(JumpHostId)) {
        (false, _) => store::reach::find(tx, deed.device).await?.jump_host,
        (true, None) => None,
        // It may have been deleted since.
        (true, Some(old)) => store::jump_hosts::find(tx, old).await?.map(|host| host.id),
    };
    store::reach::set(tx, deed.device, &Reach { algorithms, further, jump_host }).await?;
    if let Some(unneeded) = deed.credential.filter(|id| Some(*id) != credential) {
        store::credentials::delete_own(tx, unneeded).await?;
    }
    let tags: Vec<TagName> = before.tags.iter().filter_map(|tag| tag.parse().ok()).collect();
    store::tags::set(tx, deed.device, &tags, core.now()).await?;
    let changes = Changes::default().field("import", "applied", "undone");
    let act = Act::new(AuditEvent::DeviceChanged, &before.name).on(ObjectKind::Device, deed.device.0);
    audit::append(core, tx, by, act.changes(changes)).await?;
    Ok(true)
}
