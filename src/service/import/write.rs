//! Writing many devices in few statements.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::Judged;
use crate::{
    crypt::token,
    domain::{
        access::Actor,
        audit::{Act, AuditEvent, Changes, ObjectKind},
        credential::NewCredential,
        device::{NewDevice, Reach},
        id::{CredentialId, DeviceId, ImportId, TagId},
        import::{Before, FieldChange, Verdict},
        tag::TagName,
    },
    service::{Core, Fault, audit, rules, secrets},
    store::{
        self, Conn, StoreError, Tx,
        imports::{KnownDevice, Trace},
    },
};

/// Why devices could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// Somebody else took a name or a place, or changed a device, at the same moment.
    #[error("Somebody else has just changed one of these devices. Look again.")]
    Taken,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Taken,
            other @ (StoreError::Unavailable(_) | StoreError::Query(_) | StoreError::Unreadable { .. }) => {
                Self::Fault(other.into())
            }
        }
    }
}

/// How many devices were added and changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Added.
    pub(super) added: usize,
    /// Changed.
    pub(super) changed: usize,
}

/// Carries out every row that can be taken, with `tag` on each of its devices, and remembers how to undo it.
pub(super) async fn write(
    core: &Core,
    tx: &mut Tx,
    by: &Actor,
    (import, tag): (ImportId, Option<TagId>),
    rows: &[Judged],
) -> Result<Written, WriteError> {
    let new: Vec<&NewDevice> =
        rows.iter().filter(|row| row.verdict == Verdict::New).filter_map(|row| row.new.as_ref()).collect();
    let updates: Vec<Update<'_>> = rows.iter().filter_map(Update::of).collect();
    let mut traces = add(core, tx, by, &new).await?;
    let known: Vec<DeviceId> = updates.iter().map(|update| update.known.id).collect();
    let mut held = store::tags::of_persons(tx, &known).await?;
    for update in &updates {
        let tags = held.remove(&update.known.id).unwrap_or_default();
        traces.push(update.write(core, tx, by, tags).await?);
    }
    let devices: Vec<DeviceId> = traces.iter().map(|trace| trace.device).collect();
    let tagged =
        devices.iter().copied().zip(new.iter().copied().chain(updates.iter().map(|update| update.new)));
    put_tags(core, tx, tagged).await?;
    if let Some(tag) = tag {
        store::tags::put(tx, &devices, &[tag], true).await?;
    }
    store::imports::remember(tx, import, &traces).await?;
    rules::reconcile_devices(core, tx, &devices).await?;
    Ok(Written { added: new.len(), changed: updates.len() })
}

async fn insert_credentials(
    core: &Core,
    tx: &mut Conn,
    new: &[&NewCredential],
) -> Result<Vec<CredentialId>, Fault> {
    let sealed = new.iter().map(|new| {
        let row = token::new_name()?;
        let sealed = secrets::seal(core, &row, new)?;
        Ok((row, sealed))
    });
    let sealed = sealed.collect::<Result<Vec<_>, Fault>>()?;
    Ok(store::imports::insert_credentials(tx, sealed, core.now()).await?)
}

/// Adds devices with their credentials; they belong to whoever brings them.
async fn add(core: &Core, tx: &mut Conn, by: &Actor, new: &[&NewDevice]) -> Result<Vec<Trace>, WriteError> {
    let with: Vec<&NewCredential> = new.iter().filter_map(|device| device.credential.as_ref()).collect();
    let mut credentials = insert_credentials(core, tx, &with).await?.into_iter();
    let rows: Vec<(&NewDevice, Option<CredentialId>)> = new
        .iter()
        .map(|device| (*device, device.credential.as_ref().and_then(|_| credentials.next())))
        .collect();
    let ids = store::imports::insert_devices(tx, (&rows, by.user), core.now()).await?;
    for (id, device) in ids.iter().zip(new).filter(|(_, device)| device.reach != Reach::default()) {
        store::reach::set(tx, *id, &device.reach).await?;
    }
    store::tags::with_default(tx, &ids).await?;
    let trace = |device| Trace { device, before: None, old_credential: None, version: 1 };
    Ok(ids.into_iter().map(trace).collect())
}

/// Puts the tags that the rows name, as a person does: a statement or two for each tag, not for each device.
async fn put_tags<'a>(
    core: &Core,
    tx: &mut Conn,
    devices: impl Iterator<Item = (DeviceId, &'a NewDevice)>,
) -> Result<(), StoreError> {
    let pairs: Vec<(DeviceId, &[TagName])> =
        devices.map(|(id, device)| (id, device.tags.as_slice())).collect();
    let names: BTreeSet<TagName> = pairs.iter().flat_map(|(_, tags)| tags.iter().cloned()).collect();
    let ids = store::tags::ids_of(tx, &names, core.now()).await?;
    let mut by_tag: BTreeMap<TagId, Vec<DeviceId>> = BTreeMap::new();
    for (device, tags) in pairs {
        for tag in tags.iter().filter_map(|name| ids.get(name.as_str())) {
            by_tag.entry(*tag).or_default().push(device);
        }
    }
    for (tag, devices) in by_tag {
        store::tags::put(tx, &devices, &[tag], true).await?;
    }
    Ok(())
}

/// A row that changes a device.
struct Update<'a> {
    known: &'a KnownDevice,
    new: &'a NewDevice,
    changes: &'a [FieldChange],
}

impl<'a> Update<'a> {
    fn of(row: &'a Judged) -> Option<Self> {
        match (&row.verdict, &row.new, row.known.as_deref()) {
            (Verdict::Update(changes), Some(new), Some(known)) => Some(Self { known, new, changes }),
            _ => None,
        }
    }

    /// Changes the device; the credential that it had is kept for as long as this can be undone.
    async fn write(
        &self,
        core: &Core,
        tx: &mut Tx,
        by: &Actor,
        tags: Vec<String>,
    ) -> Result<Trace, WriteError> {
        let known = self.known;
        let is_given = self.changes.iter().any(|(field, ..)| *field == "credential");
        let credential = match self.new.credential.as_ref().filter(|_| is_given) {
            Some(given) => Some(secrets::insert(core, tx, given).await?),
            None => known.credential,
        };
        let at = (known.id, known.version);
        if !store::devices::update(tx, at, self.new, credential, core.now()).await? {
            return Err(WriteError::Taken);
        }
        store::reach::set(tx, known.id, &self.new.reach).await?;
        let mut changes = Changes::default().secret("secrets", is_given);
        for (field, before, after) in self.changes.iter().filter(|(field, ..)| *field != "credential") {
            changes = changes.field(field, before, after);
        }
        let act =
            Act::new(AuditEvent::DeviceChanged, self.new.name.as_str()).on(ObjectKind::Device, known.id.0);
        audit::append(core, tx, by, act.changes(changes)).await.map_err(Fault::from)?;
        let before = Before {
            name: known.name.clone(),
            address: known.address.clone(),
            port: known.port.parse().unwrap_or_default(),
            platform: known.platform.clone(),
            transport: known.transport.clone(),
            algorithms: known.reach.algorithms.to_string(),
            further: known.further.clone(),
            is_jump_host_other: known.reach.jump_host != self.new.reach.jump_host,
            jump_host: known.reach.jump_host.map(|id| id.0),
            description: known.description.clone(),
            serial_number: known.serial_number.clone(),
            tags,
            is_credential_other: credential != known.credential,
            is_enabled: Some(known.is_enabled),
        };
        Ok(Trace {
            device: known.id,
            before: Some(before),
            old_credential: known.credential.filter(|old| Some(*old) != credential),
            version: known.version + 1,
        })
    }
}
