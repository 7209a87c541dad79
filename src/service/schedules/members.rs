//! Adding devices to a schedule that names devices.

use super::may_change;
use crate::{
    domain::{
        access::{Grant, ManageSchedules},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::{DeviceId, ScheduleId},
        schedule::{Aim, Targets},
    },
    service::{Core, Fault, audit},
    store,
};

/// Why devices were not added to a schedule.
#[derive(Debug, thiserror::Error)]
pub enum AddDevicesError {
    /// There is no such schedule.
    #[error("there is no such schedule")]
    Unknown,
    /// It goes by tags, or takes all devices.
    #[error("\"{0}\" does not name devices; it takes them by tag, or all")]
    NotByDevice(String),
    /// Somebody else answers for it, and this account sees only some devices.
    #[error("\"{0}\" is somebody else's, and this account sees only some devices")]
    Scope(String),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<store::StoreError> for AddDevicesError {
    fn from(error: store::StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Adds devices to a schedule that names devices; those out of sight are left out. Gives how many it names more.
pub async fn add_devices(
    core: &Core,
    by: &Grant<ManageSchedules>,
    id: ScheduleId,
    devices: &[DeviceId],
) -> Result<usize, AddDevicesError> {
    let mut tx = core.db.begin().await?;
    let Some(schedule) = store::schedules::find(&mut tx, id).await? else {
        return Err(AddDevicesError::Unknown);
    };
    if !may_change(by, &schedule) {
        return Err(AddDevicesError::Scope(schedule.name));
    }
    if schedule.aim != Aim::Devices {
        return Err(AddDevicesError::NotByDevice(schedule.name));
    }
    let Targets::Devices(mut named) = store::schedules::targets(&mut tx, id, schedule.aim).await? else {
        return Err(AddDevicesError::NotByDevice(schedule.name));
    };
    let before = named.len();
    let seen = store::devices::named(&mut tx, by.scope(), devices).await?;
    named.extend(seen.into_iter().map(|(device, _)| device));
    named.sort_unstable();
    named.dedup();
    let added = named.len() - before;
    if added > 0 {
        let changes = Changes::default().field(
            "targets",
            format!("{before} devices"),
            format!("{} devices", named.len()),
        );
        store::schedules::set_targets(&mut tx, id, &Targets::Devices(named)).await?;
        let act = Act::new(AuditEvent::ScheduleChanged, &schedule.name)
            .on(ObjectKind::Schedule, id.0)
            .changes(changes);
        audit::append(core, &mut tx, by.actor(), act).await?;
        tx.commit().await?;
    }
    Ok(added)
}
