//! What is done to many devices at once: to those chosen, or to all that match a filter.

use std::collections::BTreeSet;

use super::told::{Touched, told};
use crate::{
    domain::{
        access::{Grant, ManageDevices, ViewDevices},
        audit::{Act, AuditEvent, Changes},
        csv_cell,
        device::DeviceFilter,
        id::{BackupId, CredentialId, DeviceId},
        page::PageRequest,
    },
    service::{Core, Fault, audit, rules},
    store,
};

/// Which devices are meant.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// These.
    These(Vec<DeviceId>),
    /// All that match, at the moment it is done.
    Matching(DeviceFilter),
}

/// The chosen devices that the person sees, with their names; the others count as not there.
pub async fn chosen(
    core: &Core,
    by: &Grant<ViewDevices>,
    which: &Chosen,
) -> Result<Vec<(DeviceId, String)>, Fault> {
    let mut conn = core.db.read().await?;
    Ok(match which {
        Chosen::These(ids) => store::devices::named(&mut conn, by.scope(), ids).await?,
        Chosen::Matching(filter) => {
            let everything = PageRequest::all();
            let page = store::devices::list(&mut conn, by.scope(), filter, everything).await?;
            page.rows.into_iter().map(|device| (device.id, device.name)).collect()
        }
    })
}

/// Switches devices on or off; those out of sight are left out. Gives how many changed.
pub async fn set_enabled(
    core: &Core,
    by: &Grant<ManageDevices>,
    ids: &[DeviceId],
    is: bool,
) -> Result<usize, Fault> {
    let mut tx = core.db.begin().await?;
    let seen = store::devices::named(&mut tx, by.scope(), ids).await?;
    let ids: Vec<DeviceId> = seen.iter().map(|(id, _)| *id).collect();
    let changed: BTreeSet<DeviceId> =
        store::devices::set_enabled(&mut tx, &ids, is, core.now()).await?.into_iter().collect();
    if !changed.is_empty() {
        // Rules may ask whether a device is enabled.
        rules::reconcile_devices(core, &mut tx, &ids).await?;
        let touched = seen.into_iter().filter(|(id, _)| changed.contains(id)).map(|(id, name)| Touched {
            id,
            name,
            changes: Changes::default().field("is_enabled", !is, is),
        });
        let done = (AuditEvent::DeviceChanged, if is { "enabled" } else { "disabled" });
        told(core, &mut tx, by.actor(), done, touched.collect()).await?;
        tx.commit().await?;
    }
    Ok(changed.len())
}

/// Gives devices a shared credential, or with `None` those of their tags; their own ones are removed. Gives how many
/// devices there were, or `None` when there is no such credential.
pub async fn set_login(
    core: &Core,
    by: &Grant<ManageDevices>,
    ids: &[DeviceId],
    credential: Option<CredentialId>,
) -> Result<Option<usize>, Fault> {
    let mut tx = core.db.begin().await?;
    let name = match credential {
        None => "those of their tags".to_owned(),
        Some(id) => match store::credentials::shared::find(&mut tx, id).await? {
            Some(shared) => shared.credential.name.unwrap_or_default(),
            None => return Ok(None),
        },
    };
    let seen = store::devices::named(&mut tx, by.scope(), ids).await?;
    let ids: Vec<DeviceId> = seen.iter().map(|(id, _)| *id).collect();
    let mut before = store::devices::logins(&mut tx, &ids).await?;
    for unneeded in store::devices::set_credential(&mut tx, &ids, credential, core.now()).await? {
        store::credentials::delete_own(&mut tx, unneeded).await?;
    }
    let count = seen.len();
    if count > 0 {
        let touched = seen.into_iter().map(|(id, device)| {
            let before = before.remove(&id).unwrap_or_default();
            Touched { id, name: device, changes: Changes::default().field("credential", before, &name) }
        });
        let done = format!("given the credential {name}");
        let done = (AuditEvent::DeviceChanged, done.as_str());
        told(core, &mut tx, by.actor(), done, touched.collect()).await?;
        tx.commit().await?;
    }
    Ok(Some(count))
}

/// The current versions of these devices, as far as the person sees them; those without one are left out.
pub async fn newest_versions(
    core: &Core,
    by: &Grant<ViewDevices>,
    ids: &[DeviceId],
) -> Result<Vec<BackupId>, Fault> {
    Ok(store::devices::current_versions(&mut core.db.read().await?, by.scope(), ids).await?)
}

/// Which devices are taken out as a table.
#[derive(Debug)]
pub enum Taken<'a> {
    /// Those that match.
    Matching(&'a DeviceFilter),
    /// These, in the order of the list.
    These(&'a [DeviceId]),
}

/// The columns of the list taken out; `device import` reads them.
const COLUMNS: [&str; 11] = [
    "hostname",
    "address",
    "port",
    "platform",
    "transport",
    "tags",
    "description",
    "serial_number",
    "algorithms",
    "further_addresses",
    "jump_host",
];

/// Devices as CSV, without a secret and without a cell that a spreadsheet takes for a formula (S-72).
pub async fn csv(core: &Core, by: &Grant<ViewDevices>, taken: &Taken<'_>) -> Result<Vec<u8>, Fault> {
    let everything = PageRequest::all();
    let all = DeviceFilter::default();
    let filter = if let Taken::Matching(filter) = taken { filter } else { &all };
    let (mut page, mut tags) = super::list(core, by, filter, everything).await?;
    if let Taken::These(ids) = taken {
        let ids: BTreeSet<DeviceId> = ids.iter().copied().collect();
        page.rows.retain(|device| ids.contains(&device.id));
    }
    let mut conn = core.db.read().await?;
    let reach = store::reach::all(&mut conn).await?;
    let all = store::tags::all(&mut conn).await?;
    let hosts = store::jump_hosts::all(&mut conn).await?;
    drop(conn);
    let of_all: Vec<String> = all.into_iter().filter(|tag| tag.is_default).map(|tag| tag.name).collect();
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS).map_err(anyhow::Error::from)?;
    for device in &page.rows {
        let mut tags = tags.remove(&device.id).unwrap_or_default();
        tags.retain(|tag| !of_all.contains(tag));
        let reach = reach.get(&device.id).cloned().unwrap_or_default();
        let through = hosts.iter().find(|host| Some(host.id) == reach.jump_host);
        let cells = [
            device.name.clone(),
            device.address.clone(),
            device.port.to_string(),
            device.platform.clone(),
            device.transport.to_string(),
            tags.join(";"),
            device.description.clone(),
            device.serial_number.clone(),
            reach.algorithms.to_string(),
            reach.further_text(";"),
            through.map(|host| host.name.clone()).unwrap_or_default(),
        ];
        let cells = cells.iter().map(|cell| csv_cell::guard(cell).into_owned());
        table.write_record(cells).map_err(anyhow::Error::from)?;
    }
    let table = table.into_inner().map_err(|error| anyhow::anyhow!(error.to_string()))?;
    let mut tx = core.db.begin().await?;
    let about = format!("{} devices", page.rows.len());
    audit::append(core, &mut tx, by.actor(), Act::new(AuditEvent::Exported, &about).detail("CSV")).await?;
    tx.commit().await?;
    Ok(table)
}
