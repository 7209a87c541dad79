//! Confirming which platform a device is of.

use super::{SaveDeviceError, checked};
use crate::{
    domain::{
        access::{Grant, ManageDevices},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        device::Device,
        id::DeviceId,
    },
    platform::AUTO,
    service::{Core, audit, rules},
    store,
};

/// Whether the device's platform is yet to be found out and confirmed.
pub fn is_wanted(device: &Device) -> bool {
    device.platform == AUTO
}

/// Gives a device whose platform was to be found out the one that a person confirms, and forgets the proposal. `version`
/// is the one that the person saw.
pub async fn confirm(
    core: &Core,
    by: &Grant<ManageDevices>,
    (id, version): (DeviceId, i32),
    platform: &str,
) -> Result<(), SaveDeviceError> {
    let mut tx = core.db.begin().await?;
    let found = store::devices::find(&mut tx, by.scope(), id).await?;
    let Some(device) = found.filter(is_wanted) else {
        return Err(SaveDeviceError::Stale);
    };
    if platform == AUTO || core.platforms.get(platform).is_none() {
        let instead = core.platforms.instead_of(platform);
        return Err(SaveDeviceError::UnknownPlatform { given: platform.to_owned(), instead });
    }
    checked::transport(core, by.actor(), (platform, device.transport), Some(device.transport))?;
    if !store::devices::set_platform(&mut tx, (id, version), platform, core.now()).await? {
        return Err(SaveDeviceError::Stale);
    }
    store::proposals::forget(&mut tx, id).await?;
    rules::reconcile_devices(core, &mut tx, &[id]).await?;
    let changes = Changes::default().field("platform", AUTO, platform);
    let act = Act::new(AuditEvent::DeviceChanged, &device.name).on(ObjectKind::Device, id.0);
    let act = act.detail("the platform that was found out is confirmed").changes(changes);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(())
}
