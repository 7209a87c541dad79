//! Devices: the inventory.

mod bulk;
mod removal;

pub use bulk::{Chosen, chosen, csv, set_enabled};
pub use removal::{
    Goes, RestoreError, delete, delete_many, deleted, find_deleted, purge, purge_expired, restore, what_goes,
};

use std::collections::BTreeMap;

use super::{Core, Fault, audit, platforms, rules, secrets};
use crate::{
    domain::{
        access::{Grant, ManageDevices, Scope, ViewDevices},
        audit::{Act, AuditEvent},
        credential::Credential,
        device::{Device, DeviceFilter, NewDevice},
        host_key::Pin,
        id::{CredentialId, DeviceId, UserId},
        page::{Page, PageRequest},
    },
    platform,
    store::{self, Conn, StoreError},
};

/// Why a device was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveDeviceError {
    /// Another device has this name.
    #[error("there is a device named \"{0}\" already")]
    NameTaken(String),
    /// Another device is at this address and port.
    #[error("the device \"{0}\" is at this address and port already")]
    PlaceTaken(String),
    /// No platform has this key.
    #[error("\"{given}\" is not a platform; known are: {known}")]
    UnknownPlatform {
        /// What was given.
        given: String,
        /// All keys, separated by commas.
        known: String,
    },
    /// It was changed by somebody else in the meantime, or deleted.
    #[error("somebody else has changed this device since you opened the form")]
    Stale,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveDeviceError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

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
    /// The pinned host key.
    pub pin: Option<Pin>,
    /// The sign-in name of who answers for it.
    pub owner: Option<String>,
}

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

/// The tags in use, by name.
pub async fn tag_names(core: &Core, _by: &Grant<ViewDevices>) -> Result<Vec<String>, Fault> {
    Ok(store::tags::names(&mut core.db.read().await?).await?)
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
    let pin = store::host_keys::find(&mut conn, id).await?;
    let owner = match device.owner {
        Some(id) => store::users::find(&mut conn, id).await?.map(|user| user.username),
        None => None,
    };
    Ok(Some(DeviceDetail {
        platform_title: platforms::title(core, &device.platform),
        device,
        tags,
        credential,
        pin,
        owner,
    }))
}

/// The device with this name, without regard to case.
pub async fn find_by_name(core: &Core, by: &Grant<ViewDevices>, name: &str) -> Result<Option<Device>, Fault> {
    Ok(store::devices::find_by_name(&mut core.db.read().await?, by.scope(), &name.trim().to_lowercase())
        .await?)
}

/// Refuses what the database would refuse, in words.
async fn check(
    core: &Core,
    conn: &mut Conn,
    new: &NewDevice,
    own: Option<DeviceId>,
) -> Result<(), SaveDeviceError> {
    if core.platforms.get(&new.platform).is_none() {
        let known = core.platforms.keys().join(", ");
        return Err(SaveDeviceError::UnknownPlatform { given: new.platform.clone(), known });
    }
    let namesake = store::devices::find_by_name(conn, Scope::All, &new.name.key()).await?;
    if let Some(other) = namesake.filter(|other| Some(other.id) != own) {
        return Err(SaveDeviceError::NameTaken(other.name));
    }
    let neighbour = store::devices::find_by_place(conn, new.address.as_str(), new.port.get()).await?;
    match neighbour.filter(|other| Some(other.id) != own) {
        Some(other) => Err(SaveDeviceError::PlaceTaken(other.name)),
        None => Ok(()),
    }
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
    check(core, &mut tx, &new, None).await?;
    let id = insert(core, &mut tx, &new).await?;
    rules::reconcile_devices(core, &mut tx, &[id]).await?;
    let detail = format!("{} {}:{}", new.platform, new.address.as_str(), new.port.get());
    let about = (new.name.as_str(), Some(detail.as_str()));
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::DeviceCreated, about)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Writes a checked device, its credential and its tags into an open transaction.
pub(super) async fn insert(core: &Core, tx: &mut Conn, new: &NewDevice) -> Result<DeviceId, SaveDeviceError> {
    let credential = match &new.credential {
        Some(credential) => Some(secrets::insert(core, tx, credential).await?),
        None => None,
    };
    let id = match store::devices::insert(tx, new, credential, core.now()).await {
        // Another process was between our check and our insert.
        Err(StoreError::Conflict) => return Err(SaveDeviceError::NameTaken(new.name.as_str().to_owned())),
        other => other?,
    };
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
    check(core, &mut tx, &new, Some(id)).await?;
    let old_tags = store::tags::of(&mut tx, &[id]).await?.remove(&id).unwrap_or_default();
    let credential = changed_credential(core, &mut tx, &old, &new).await?;
    match store::devices::update(&mut tx, (id, version), &new, credential, now).await {
        Ok(true) => {}
        Ok(false) => return Err(SaveDeviceError::Stale),
        Err(StoreError::Conflict) => return Err(SaveDeviceError::NameTaken(new.name.as_str().to_owned())),
        Err(other) => return Err(other.into()),
    }
    store::tags::set(&mut tx, id, &new.tags, now).await?;
    rules::reconcile_devices(core, &mut tx, &[id]).await?;
    let tags = store::tags::of(&mut tx, &[id]).await?.remove(&id).unwrap_or_default();
    let detail = changes(&old, &new, (&old_tags, &tags)).join("; ");
    let about = (new.name.as_str(), Some(detail.as_str()));
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::DeviceChanged, about)).await?;
    if new.credential.is_some() {
        let about = (new.name.as_str(), None);
        audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::CredentialChanged, about)).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn changed_credential(
    core: &Core,
    tx: &mut Conn,
    old: &Device,
    new: &NewDevice,
) -> Result<Option<CredentialId>, Fault> {
    match (&new.credential, old.credential) {
        (None, kept) => Ok(kept),
        (Some(changed), Some(id)) => {
            secrets::update(core, tx, id, changed).await?;
            Ok(Some(id))
        }
        (Some(added), None) => Ok(Some(secrets::insert(core, tx, added).await?)),
    }
}

fn number(owner: Option<UserId>) -> String {
    owner.map(|id| format!("person {id}")).unwrap_or_default()
}

/// What an edit changed, as "field: before → after"; secrets only as changed.
fn changes(old: &Device, new: &NewDevice, (old_tags, tags): (&[String], &[String])) -> Vec<String> {
    let pairs = [
        ("name", old.name.clone(), new.name.as_str().to_owned()),
        ("address", old.address.clone(), new.address.as_str().to_owned()),
        ("port", old.port.to_string(), new.port.get().to_string()),
        ("platform", old.platform.clone(), new.platform.clone()),
        ("transport", old.transport.to_string(), new.transport.to_string()),
        ("description", old.description.clone(), new.description.clone()),
        ("serial number", old.serial_number.clone(), new.serial_number.clone()),
        ("owner", number(old.owner), number(new.owner)),
        ("enabled", old.is_enabled.to_string(), new.is_enabled.to_string()),
        ("tags", old_tags.join(" "), tags.join(" ")),
    ];
    let mut told: Vec<String> = pairs
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| format!("{field}: {before} → {after}"))
        .collect();
    if new.credential.is_some() {
        told.push("credential: changed".to_owned());
    }
    told
}
