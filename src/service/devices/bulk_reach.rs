//! How many devices at once are reached.

use super::told::{Touched, told};
use crate::{
    domain::{
        access::{Grant, ManageDevices},
        audit::{AuditEvent, Changes},
        device::Reach,
        id::{DeviceId, JumpHostId},
    },
    service::{Core, Fault},
    store,
};

/// Has devices reached through a jump host, or with `None` at once; those out of sight are left out. Gives how many changed,
/// or `None` when there is no such jump host.
pub async fn set_jump_host(
    core: &Core,
    by: &Grant<ManageDevices>,
    ids: &[DeviceId],
    through: Option<JumpHostId>,
) -> Result<Option<usize>, Fault> {
    let mut tx = core.db.begin().await?;
    let all = store::jump_hosts::all(&mut tx).await?;
    let name = |id: JumpHostId| {
        all.iter().find(|host| host.id == id).map_or("", |host| host.name.as_str()).to_owned()
    };
    if through.is_some_and(|id| all.iter().all(|host| host.id != id)) {
        return Ok(None);
    }
    let seen = store::devices::named(&mut tx, by.scope(), ids).await?;
    let ids: Vec<DeviceId> = seen.iter().map(|(id, _)| *id).collect();
    let mut reach = store::reach::of(&mut tx, &ids).await?;
    let after = through.map(name).unwrap_or_default();
    let mut touched = Vec::new();
    for (id, device) in seen {
        let how = reach.remove(&id).unwrap_or_default();
        if how.jump_host == through {
            continue;
        }
        let before = how.jump_host.map(name).unwrap_or_default();
        store::reach::set(&mut tx, id, &Reach { jump_host: through, ..how }).await?;
        let changes = Changes::default().field("jump_host", before, &after);
        touched.push(Touched { id, name: device, changes });
    }
    let changed = touched.len();
    if changed > 0 {
        // An import that is taken back leaves alone what was changed since.
        let changed: Vec<DeviceId> = touched.iter().map(|device| device.id).collect();
        store::devices::set_changed(&mut tx, &changed, core.now()).await?;
        let done =
            if through.is_some() { format!("reached through {after}") } else { "reached at once".into() };
        told(core, &mut tx, by.actor(), (AuditEvent::DeviceChanged, &done), touched).await?;
        tx.commit().await?;
    }
    Ok(Some(changed))
}
