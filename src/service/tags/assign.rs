//! Tags put on devices and taken from them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::{
        access::{Grant, ManageDevices, Scope},
        audit::{AuditEvent, Changes},
        id::{DeviceId, TagId},
        tag::Tag,
    },
    service::{
        Core, Fault,
        devices::told::{Touched, told},
        rules,
    },
    store::{self, Conn, Tx},
};

/// What came of tagging devices together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Assigned {
    /// Devices that were there and within sight.
    pub devices: usize,
    /// Tags that were there.
    pub tags: usize,
    /// Pairs of device and tag that changed.
    pub changed: usize,
    /// Ids of devices and tags that were not there, or out of sight, or the default tag that cannot be taken.
    pub left_out: usize,
}

/// Puts each of `tags` on each of `devices`; what is there already stays. As a rule's work with `by_person` false.
pub async fn assign(
    core: &Core,
    by: &Grant<ManageDevices>,
    devices: &[DeviceId],
    tags: &[TagId],
    by_person: bool,
) -> Result<Assigned, Fault> {
    let mut tx = core.db.begin().await?;
    let (mut done, seen, known) = chosen(&mut tx, by, devices, tags).await?;
    let ids: Vec<TagId> = known.iter().map(|tag| tag.id).collect();
    let before = store::tags::of(&mut tx, &seen).await?;
    done.changed = store::tags::put(&mut tx, &seen, &ids, by_person).await?;
    if done.changed > 0 {
        rules::reconcile_devices(core, &mut tx, &seen).await?;
        tell(core, &mut tx, by, &format!("given the tags {}", names(&known)), (&seen, before)).await?;
        tx.commit().await?;
    }
    Ok(done)
}

/// Takes what people put: each of `tags` from each of `devices`. What a rule holds stays, and so does the default tag.
pub async fn unassign(
    core: &Core,
    by: &Grant<ManageDevices>,
    devices: &[DeviceId],
    tags: &[TagId],
) -> Result<Assigned, Fault> {
    let mut tx = core.db.begin().await?;
    let (mut done, seen, mut known) = chosen(&mut tx, by, devices, tags).await?;
    let all = known.len();
    known.retain(|tag| !tag.is_default);
    done.left_out += all - known.len();
    done.tags = known.len();
    let ids: Vec<TagId> = known.iter().map(|tag| tag.id).collect();
    let before = store::tags::of(&mut tx, &seen).await?;
    done.changed = store::tags::take(&mut tx, &seen, &ids).await?;
    if done.changed > 0 {
        rules::reconcile_devices(core, &mut tx, &seen).await?;
        tell(core, &mut tx, by, &format!("rid of the tags {}", names(&known)), (&seen, before)).await?;
        tx.commit().await?;
    }
    Ok(done)
}

/// The devices within sight and the tags that there are; everything else is left out as if it did not exist.
async fn chosen(
    tx: &mut Conn,
    by: &Grant<ManageDevices>,
    devices: &[DeviceId],
    tags: &[TagId],
) -> Result<(Assigned, Vec<DeviceId>, Vec<Tag>), Fault> {
    let devices: Vec<DeviceId> = devices.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let tags: Vec<TagId> = tags.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let seen = store::rules::within(tx, by.scope(), &devices).await?;
    let known = store::tags::find_all(tx, &tags).await?;
    let left_out = devices.len() - seen.len() + tags.len() - known.len();
    let done = Assigned { devices: seen.len(), tags: known.len(), changed: 0, left_out };
    Ok((done, seen, known))
}

fn names(tags: &[Tag]) -> String {
    tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Writes down which tags each device had and has, of those that changed.
async fn tell(
    core: &Core,
    tx: &mut Tx,
    by: &Grant<ManageDevices>,
    done: &str,
    (seen, before): (&[DeviceId], BTreeMap<DeviceId, Vec<String>>),
) -> Result<(), Fault> {
    let after = store::tags::of(tx, seen).await?;
    let joined = |tags: Option<&Vec<String>>| tags.map(|tags| tags.join(" ")).unwrap_or_default();
    let named = store::devices::named(tx, Scope::All, seen).await?;
    let mut touched: Vec<Touched> = named
        .into_iter()
        .map(|(id, name)| {
            let changes = Changes::default().field("tags", joined(before.get(&id)), joined(after.get(&id)));
            Touched { id, name, changes }
        })
        .collect();
    // A tag that a rule held and now a person holds too is a change without a difference.
    if touched.iter().any(|device| !device.changes.is_empty()) {
        touched.retain(|device| !device.changes.is_empty());
    }
    told(core, tx, by.actor(), (AuditEvent::DeviceChanged, done), touched).await
}
