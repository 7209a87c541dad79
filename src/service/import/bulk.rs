//! Writing many devices in few statements.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::{
        device::NewDevice,
        id::{DeviceId, TagId, UserId},
        tag::TagName,
    },
    service::{Core, Fault, rules, secrets},
    store::{self, Conn, StoreError, imports::NewDeviceRow},
};

/// Why devices could not be added.
#[derive(Debug, thiserror::Error)]
pub(in crate::service) enum AddError {
    /// Somebody else took a name or a place at the same moment.
    #[error("somebody else has just added one of these devices; try again")]
    Taken,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for AddError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Taken,
            other @ (StoreError::Unavailable(_) | StoreError::Query(_) | StoreError::Unreadable { .. }) => {
                Self::Fault(other.into())
            }
        }
    }
}

/// Adds checked devices with their credentials and tags, and brings the rules' tags in line; their ids in order.
pub(in crate::service) async fn add(
    core: &Core,
    tx: &mut Conn,
    owner: Option<UserId>,
    new: &[&NewDevice],
) -> Result<Vec<DeviceId>, AddError> {
    let now = core.now();
    let with: Vec<_> = new.iter().filter_map(|device| device.credential.as_ref()).collect();
    let mut credentials = secrets::insert_many(core, tx, &with).await?.into_iter();
    let rows = new.iter().map(|device| {
        let credential = device.credential.as_ref().and_then(|_| credentials.next());
        NewDeviceRow::new(device, credential, owner, now)
    });
    let rows = rows.collect();
    let ids = store::imports::insert_devices(tx, rows).await?;
    let pairs: Vec<(DeviceId, &[TagName])> =
        ids.iter().zip(new).map(|(id, device)| (*id, device.tags.as_slice())).collect();
    tag(core, tx, &pairs).await?;
    store::tags::with_default(tx, &ids).await?;
    rules::reconcile_devices(core, tx, &ids).await?;
    Ok(ids)
}

/// Puts tags on devices as a person does: a statement or two for each tag, not for each device.
pub(in crate::service) async fn tag(
    core: &Core,
    tx: &mut Conn,
    pairs: &[(DeviceId, &[TagName])],
) -> Result<(), StoreError> {
    let names: BTreeSet<TagName> = pairs.iter().flat_map(|(_, tags)| tags.iter().cloned()).collect();
    let ids = store::tags::ids_of(tx, &names, core.now()).await?;
    let mut by_tag: BTreeMap<TagId, Vec<DeviceId>> = BTreeMap::new();
    for (device, tags) in pairs {
        for tag in tags.iter().filter_map(|name| ids.get(name.as_str())) {
            by_tag.entry(*tag).or_default().push(*device);
        }
    }
    for (tag, devices) in by_tag {
        store::tags::put(tx, &devices, &[tag], true).await?;
    }
    Ok(())
}
