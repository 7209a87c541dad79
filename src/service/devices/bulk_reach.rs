//! How many devices at once are reached.

use super::told::{Touched, told};
use crate::{
    domain::{
        access::{Grant, ManageDevices},
        audit::{AuditEvent, Changes},
        device::{Algorithms, Reach},
        id::{DeviceId, JumpHostId},
    },
    service::{Core, Fault},
    store::{self, Tx},
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
    let after = through.map(name).unwrap_or_default();
    let done = if through.is_some() { format!("reached through {after}") } else { "reached at once".into() };
    let change = |how: &Reach| {
        let before = how.jump_host.map(name).unwrap_or_default();
        let changes = Changes::default().field("jump_host", before, &after);
        (Reach { jump_host: through, ..how.clone() }, changes)
    };
    Ok(Some(set(core, by, tx, ids, (&done, &change)).await?))
}

/// Says which SSH algorithms may be agreed on with devices; those out of sight are left out. Gives how many changed.
pub async fn set_algorithms(
    core: &Core,
    by: &Grant<ManageDevices>,
    ids: &[DeviceId],
    algorithms: Algorithms,
) -> Result<usize, Fault> {
    let tx = core.db.begin().await?;
    let change = |how: &Reach| {
        let changes = Changes::default().field("algorithms", how.algorithms, algorithms);
        (Reach { algorithms, ..how.clone() }, changes)
    };
    set(core, by, tx, ids, (&format!("SSH algorithms: {algorithms}"), &change)).await
}

/// Changes how those of the devices that are in sight are reached, where the change makes a difference.
async fn set(
    core: &Core,
    by: &Grant<ManageDevices>,
    mut tx: Tx,
    ids: &[DeviceId],
    (done, change): (&str, &(impl Fn(&Reach) -> (Reach, Changes) + Sync)),
) -> Result<usize, Fault> {
    let seen = store::devices::named(&mut tx, by.scope(), ids).await?;
    let ids: Vec<DeviceId> = seen.iter().map(|(id, _)| *id).collect();
    let mut reach = store::reach::of(&mut tx, &ids).await?;
    let mut touched = Vec::new();
    for (id, name) in seen {
        let how = reach.remove(&id).unwrap_or_default();
        let (other, changes) = change(&how);
        if other != how {
            store::reach::set(&mut tx, id, &other).await?;
            touched.push(Touched { id, name, changes });
        }
    }
    let changed: Vec<DeviceId> = touched.iter().map(|device| device.id).collect();
    if !changed.is_empty() {
        // An import that is taken back leaves alone what was changed since.
        store::devices::set_changed(&mut tx, &changed, core.now()).await?;
        told(core, &mut tx, by.actor(), (AuditEvent::DeviceChanged, done), touched).await?;
        tx.commit().await?;
    }
    Ok(changed.len())
}
