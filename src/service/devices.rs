//! Devices: the inventory.

mod bulk;
mod bulk_reach;
mod changed;
mod checked;
pub mod proposals;
mod refused;
mod removal;
pub(super) mod told;

pub use bulk::{Chosen, Taken, chosen, csv, newest_versions, set_enabled, set_login};
pub use bulk_reach::{set_algorithms, set_jump_host};
pub use checked::{TransportRefused, transport};
pub use refused::SaveDeviceError;
pub use removal::{
    Goes, RestoreError, delete, delete_many, deleted, find_deleted, purge, purge_expired, restore, what_goes,
};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Core, Fault, audit, platforms, rules, secrets};
use crate::{
    domain::{
        access::{Grant, ManageDevices, ViewDevices},
        audit::{Act, AuditEvent, ObjectKind},
        credential::{Credential, Login},
        device::{Device, DeviceFilter, NewDevice, Reach},
        fact::{Facts, SeenChange},
        host_key::Pin,
        id::{CredentialId, DeviceId, UserId},
        page::{Page, PageRequest},
        proposal::Proposed,
    },
    platform,
    store::{self, Conn, StoreError},
};

/// A device with what belongs to it.
#[derive(Debug)]
pub struct DeviceDetail {
    /// The device.
    pub device: Device,
    /// The platform's name for people; its key when it is not known any more.
    pub platform_title: String,
    /// Its tags, by name.
    pub tags: Vec<String>,
    /// What is known of its credential.
    pub credential: Option<Credential>,
    /// The pinned host keys, each for its address.
    pub pins: Vec<Pin>,
    /// How it is reached beyond its address.
    pub reach: Reach,
    /// The sign-in name of who answers for it.
    pub owner: Option<String>,
    /// What it told of itself, and when it last did; `None` where it never has.
    pub told: Option<(Facts, DateTime<Utc>)>,
    /// What of that became another, the newest first.
    pub told_changes: Vec<SeenChange>,
    /// Which platform it may be of, where that is yet to be confirmed.
    pub proposed: Option<Proposed>,
}

/// So many changes of what a device tells of itself are shown.
const SHOWN: i64 = 20;

/// A page of the devices that match, with the tags of each.
pub async fn list(
    core: &Core,
    by: &Grant<ViewDevices>,
    filter: &DeviceFilter,
    request: PageRequest,
) -> Result<(Page<Device>, BTreeMap<DeviceId, Vec<String>>), Fault> {
    let mut conn = core.db.read().await?;
    let page = store::devices::list(&mut conn, by.scope(), filter, request).await?;
    let ids: Vec<DeviceId> = page.rows.iter().map(|device| device.id).collect();
    let tags = store::tags::of(&mut conn, &ids).await?;
    Ok((page, tags))
}

/// How those of these devices are reached that are not reached as most are.
pub async fn reach(
    core: &Core,
    _by: &Grant<ViewDevices>,
    ids: &[DeviceId],
) -> Result<BTreeMap<DeviceId, Reach>, Fault> {
    Ok(store::reach::of(&mut core.db.read().await?, ids).await?)
}

/// The tags in use, by name.
pub async fn tag_names(core: &Core, by: &Grant<ViewDevices>) -> Result<Vec<String>, Fault> {
    Ok(store::tags::names(&mut core.db.read().await?, by.scope()).await?)
}

/// The people who may answer for devices, by name.
pub async fn owners(core: &Core, _by: &Grant<ViewDevices>) -> Result<Vec<(UserId, String)>, Fault> {
    Ok(store::users::names(&mut core.db.read().await?).await?)
}

/// The device with this id, if there is one.
pub async fn find(core: &Core, by: &Grant<ViewDevices>, id: DeviceId) -> Result<Option<DeviceDetail>, Fault> {
    let mut conn = core.db.read().await?;
    let Some(device) = store::devices::find(&mut conn, by.scope(), id).await? else {
        return Ok(None);
    };
    let tags = store::tags::of(&mut conn, &[id]).await?.remove(&id).unwrap_or_default();
    let credential = match device.credential {
        Some(id) => store::credentials::find(&mut conn, id).await?.as_ref().map(Credential::from),
        None => None,
    };
    let pins = store::host_keys::of(&mut conn, id).await?;
    let reach = store::reach::find(&mut conn, id).await?;
    let owner = match device.owner {
        Some(id) => store::users::find(&mut conn, id).await?.map(|user| user.username),
        None => None,
    };
    let told = store::facts::find(&mut conn, id).await?;
    let told_changes = store::facts::changes(&mut conn, id, SHOWN).await?;
    let proposed = match device.platform.as_str() {
        platform::AUTO => store::proposals::find(&mut conn, id).await?,
        _ => None,
    };
    Ok(Some(DeviceDetail {
        proposed,
        told,
        told_changes,
        platform_title: platforms::title(core, &device.platform),
        device,
        tags,
        credential,
        pins,
        reach,
        owner,
    }))
}

/// The device with this name, without regard to case.
pub async fn find_by_name(core: &Core, by: &Grant<ViewDevices>, name: &str) -> Result<Option<Device>, Fault> {
    Ok(store::devices::find_by_name(&mut core.db.read().await?, by.scope(), &name.trim().to_lowercase())
        .await?)
}

/// The device without what hides in its description (S-68).
fn visible(new: NewDevice) -> NewDevice {
    NewDevice { description: platform::visible(&new.description), ..new }
}

/// Adds a device with its credential and tags.
pub async fn create(
    core: &Core,
    by: &Grant<ManageDevices>,
    new: NewDevice,
) -> Result<DeviceId, SaveDeviceError> {
    let mut tx = core.db.begin().await?;
    let new = visible(new);
    let new = NewDevice { owner: new.owner.or(by.actor().user), ..new };
    checked::check(core, &mut tx, &new, (None, by.actor())).await?;
    let id = insert(core, &mut tx, &new).await?;
    rules::reconcile_devices(core, &mut tx, &[id]).await?;
    let detail = format!("{} {}:{}", new.platform, new.address.as_str(), new.port.get());
    let act = Act::new(AuditEvent::DeviceCreated, new.name.as_str()).on(ObjectKind::Device, id.0);
    audit::append(core, &mut tx, by.actor(), act.detail(&detail)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Writes a checked device, its credential and its tags into an open transaction.
pub(super) async fn insert(core: &Core, tx: &mut Conn, new: &NewDevice) -> Result<DeviceId, SaveDeviceError> {
    let credential = match (new.login, &new.credential) {
        (Login::Own, Some(credential)) => Some(secrets::insert(core, tx, credential).await?),
        (Login::Shared(id), _) => Some(shared(tx, id).await?),
        (Login::Own, None) | (Login::Tags, _) => None,
    };
    let id = match store::devices::insert(tx, new, credential, core.now()).await {
        // Another process was between our check and our insert.
        Err(StoreError::Conflict) => return Err(SaveDeviceError::NameTaken(new.name.as_str().to_owned())),
        other => other?,
    };
    store::reach::set(tx, id, &new.reach).await?;
    store::tags::set(tx, id, &new.tags, core.now()).await?;
    Ok(id)
}

/// Writes an edit that started from `version` of the device.
pub async fn update(
    core: &Core,
    by: &Grant<ManageDevices>,
    (id, version): (DeviceId, i32),
    new: NewDevice,
) -> Result<(), SaveDeviceError> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let Some(old) = store::devices::find(&mut tx, by.scope(), id).await? else {
        return Err(SaveDeviceError::Stale);
    };
    let new = visible(new);
    checked::check(core, &mut tx, &new, (Some(&old), by.actor())).await?;
    let old_reach = store::reach::find(&mut tx, id).await?;
    let old_tags = store::tags::of(&mut tx, &[id]).await?.remove(&id).unwrap_or_default();
    let (credential, unneeded) = changed_credential(core, &mut tx, &old, &new).await?;
    match store::devices::update(&mut tx, (id, version), &new, credential, now).await {
        Ok(true) => {}
        Ok(false) => return Err(SaveDeviceError::Stale),
        Err(StoreError::Conflict) => return Err(SaveDeviceError::NameTaken(new.name.as_str().to_owned())),
        Err(other) => return Err(other.into()),
    }
    if let Some(unneeded) = unneeded {
        store::credentials::delete_own(&mut tx, unneeded).await?;
    }
    store::reach::set(&mut tx, id, &new.reach).await?;
    if new.platform != old.platform {
        store::proposals::forget(&mut tx, id).await?;
    }
    store::tags::set(&mut tx, id, &new.tags, now).await?;
    rules::reconcile_devices(core, &mut tx, &[id]).await?;
    let tags = store::tags::of(&mut tx, &[id]).await?.remove(&id).unwrap_or_default();
    let changed = changed::changes((&old, &old_reach, credential), &new, (&old_tags, &tags));
    let act = Act::new(AuditEvent::DeviceChanged, new.name.as_str()).on(ObjectKind::Device, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changed)).await?;
    tx.commit().await?;
    Ok(())
}

/// A shared credential that is there.
async fn shared(tx: &mut Conn, id: CredentialId) -> Result<CredentialId, SaveDeviceError> {
    let found = store::credentials::find(tx, id).await?.filter(|row| row.name.is_some());
    found.map(|_| id).ok_or(SaveDeviceError::UnknownCredential)
}

/// The credential that the device has from now on, and its own one where that is no longer needed. What others share
/// is never changed here.
async fn changed_credential(
    core: &Core,
    tx: &mut Conn,
    old: &Device,
    new: &NewDevice,
) -> Result<(Option<CredentialId>, Option<CredentialId>), SaveDeviceError> {
    let own = match old.credential {
        Some(id) => store::credentials::find(tx, id).await?.filter(|row| row.name.is_none()),
        None => None,
    };
    let own = own.map(|row| CredentialId(row.id));
    Ok(match (new.login, &new.credential, own) {
        (Login::Own, None, kept) => (kept, None),
        (Login::Own, Some(changed), Some(id)) => {
            secrets::update(core, tx, id, changed).await?;
            (Some(id), None)
        }
        (Login::Own, Some(added), None) => (Some(secrets::insert(core, tx, added).await?), None),
        (Login::Shared(id), _, own) => (Some(shared(tx, id).await?), own),
        (Login::Tags, _, own) => (None, own),
    })
}
