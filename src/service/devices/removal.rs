//! Deleting devices, bringing them back, and removing for good what nobody brought back.

use super::told::{Touched, told};
use crate::{
    domain::{
        access::{Actor, DeleteBackups, Grant, ManageDevices},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        device::DeletedDevice,
        id::DeviceId,
        page::{Page, PageRequest},
    },
    service::{Core, Fault, audit, rules},
    store::{self, StoreError},
};

/// So many devices are removed in one go of an hour's upkeep; each in a transaction of its own.
const AT_ONCE: i64 = 100;

/// What goes with a device when it is deleted.
#[derive(Debug, Clone, Copy)]
pub struct Goes {
    /// Versions of its configuration.
    pub backups: i64,
    /// Schedules that name it.
    pub schedules: i64,
}

/// How much history and which plans a deletion would take along; `None` when there is no such device.
pub async fn what_goes(core: &Core, by: &Grant<ManageDevices>, id: DeviceId) -> Result<Option<Goes>, Fault> {
    let mut conn = core.db.read().await?;
    if store::devices::find(&mut conn, by.scope(), id).await?.is_none() {
        return Ok(None);
    }
    let backups = store::backups::list(&mut conn, by.scope(), id, PageRequest::first(1)).await?.total;
    let schedules = store::schedules::naming(&mut conn, id).await?;
    Ok(Some(Goes { backups, schedules }))
}

/// Deletes a device: it is hidden at once, stops being backed up, and can be brought back for 30 days with its
/// credential, host key and versions. `false` when there is none.
pub async fn delete(core: &Core, by: &Grant<ManageDevices>, id: DeviceId) -> Result<bool, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let Some(device) = store::devices::find(&mut tx, by.scope(), id).await? else {
        return Ok(false);
    };
    store::jobs::cancel_of(&mut tx, &[id], now).await?;
    if store::devices::hide(&mut tx, &[id], by.actor(), now).await? == 0 {
        return Ok(false);
    }
    let act = Act::new(AuditEvent::DeviceDeleted, &device.name)
        .on(ObjectKind::Device, id.0)
        .detail(&device.address);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(true)
}

/// Deletes many devices in one transaction; those out of sight are left out. Gives how many went.
pub async fn delete_many(core: &Core, by: &Grant<ManageDevices>, ids: &[DeviceId]) -> Result<usize, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let seen = store::devices::named(&mut tx, by.scope(), ids).await?;
    if seen.is_empty() {
        return Ok(0);
    }
    let ids: Vec<DeviceId> = seen.iter().map(|(id, _)| *id).collect();
    store::jobs::cancel_of(&mut tx, &ids, now).await?;
    let gone = store::devices::hide(&mut tx, &ids, by.actor(), now).await?;
    let touched = seen.into_iter().map(|(id, name)| Touched { id, name, changes: Changes::default() });
    let done = (AuditEvent::DeviceDeleted, "deleted");
    told(core, &mut tx, by.actor(), done, touched.collect()).await?;
    tx.commit().await?;
    Ok(gone)
}

/// The deleted devices that can be brought back.
pub async fn deleted(
    core: &Core,
    by: &Grant<ManageDevices>,
    request: PageRequest,
) -> Result<Page<DeletedDevice>, Fault> {
    Ok(store::devices::deleted(&mut core.db.read().await?, by.scope(), request).await?)
}

/// The deleted device with this id, to be asked about before it is removed for good.
pub async fn find_deleted(
    core: &Core,
    by: &Grant<DeleteBackups>,
    id: DeviceId,
) -> Result<Option<DeletedDevice>, Fault> {
    Ok(store::devices::find_deleted(&mut core.db.read().await?, by.scope(), id).await?)
}

/// Why a deleted device did not come back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no such deleted device.
    #[error("there is no such deleted device")]
    Unknown,
    /// Another device has its name, or its address and port, by now.
    #[error("another device has the name or the address of \"{0}\" by now; rename or move that one first")]
    Taken(String),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Brings a deleted device back with everything that it had; gives its name.
pub async fn restore(core: &Core, by: &Grant<ManageDevices>, id: DeviceId) -> Result<String, RestoreError> {
    let mut tx = core.db.begin().await?;
    let Some(device) = store::devices::find_deleted(&mut tx, by.scope(), id).await? else {
        return Err(RestoreError::Unknown);
    };
    match store::devices::restore(&mut tx, (id, &device.name.to_lowercase()), core.now()).await {
        Ok(true) => {}
        Ok(false) => return Err(RestoreError::Unknown),
        Err(StoreError::Conflict) => return Err(RestoreError::Taken(device.name)),
        Err(other) => return Err(other.into()),
    }
    // Rules may have come and gone while it was away.
    rules::reconcile_devices(core, &mut tx, &[id]).await?;
    let act = Act::new(AuditEvent::DeviceRestored, &device.name).on(ObjectKind::Device, id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(device.name)
}

/// Removes a deleted device for good, with its versions; `None` when there is none.
pub async fn purge(core: &Core, by: &Grant<DeleteBackups>, id: DeviceId) -> Result<Option<String>, Fault> {
    let found = store::devices::find_deleted(&mut core.db.read().await?, by.scope(), id).await?;
    match found {
        Some(device) if remove(core, by.actor(), &device).await? => Ok(Some(device.name)),
        _ => Ok(None),
    }
}

/// Removes the devices that nobody brought back in time; gives how many.
pub async fn purge_expired(core: &Core) -> Result<usize, Fault> {
    let before = core.now() - DeletedDevice::KEPT_FOR;
    let expired = store::devices::expired(&mut core.db.read().await?, before, AT_ONCE).await?;
    let mut removed = 0;
    for device in expired {
        removed += usize::from(remove(core, &Actor::system(), &device).await?);
    }
    Ok(removed)
}

/// `false` when it was brought back or removed in the meantime.
async fn remove(core: &Core, by: &Actor, device: &DeletedDevice) -> Result<bool, Fault> {
    let mut tx = core.db.begin().await?;
    let Some(credential) = store::devices::remove(&mut tx, device.id).await? else {
        return Ok(false);
    };
    if let Some(credential) = credential {
        store::credentials::delete_own(&mut tx, credential).await?;
    }
    store::contents::delete_orphans(&mut tx).await?;
    let detail = format!("{} versions", device.versions);
    let act =
        Act::new(AuditEvent::DevicePurged, &device.name).on(ObjectKind::Device, device.id.0).detail(&detail);
    audit::append(core, &mut tx, by, act).await?;
    tx.commit().await?;
    Ok(true)
}
