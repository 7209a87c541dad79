//! The lines of the trail for what was done to many devices together.

use crate::{
    domain::{
        access::Actor,
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::DeviceId,
    },
    service::{Core, Fault, audit},
    store::Tx,
};

/// A device that was changed with others: its name, and what it was before.
#[derive(Debug)]
pub(in crate::service) struct Touched {
    pub id: DeviceId,
    pub name: String,
    pub changes: Changes,
}

/// One line for each device, so that its own history is whole, and one for all of them together, which names the first
/// ten. A single device has the one line.
pub(in crate::service) async fn told(
    core: &Core,
    tx: &mut Tx,
    by: &Actor,
    (event, done): (AuditEvent, &str),
    devices: Vec<Touched>,
) -> Result<(), Fault> {
    let names: Vec<&str> = devices.iter().take(10).map(|device| device.name.as_str()).collect();
    let more = if devices.len() > names.len() { ", …" } else { "" };
    let detail = format!("{done}: {}{more}", names.join(", "));
    if let [device] = devices.as_slice() {
        let act = Act::new(AuditEvent::DevicesChanged, &device.name).on(ObjectKind::Device, device.id.0);
        let act = act.detail(&detail).changes(device.changes.clone());
        return Ok(audit::append(core, tx, by, act).await?);
    }
    let about = format!("{} devices", devices.len());
    let each = devices.iter().map(|device| {
        let act = Act::new(event, &device.name).on(ObjectKind::Device, device.id.0);
        act.detail(done).changes(device.changes.clone())
    });
    let together = Act::new(AuditEvent::DevicesChanged, &about).detail(&detail);
    let acts: Vec<Act<'_>> = each.chain([together]).collect();
    Ok(audit::append_all(core, tx, by, &acts).await?)
}
