//! What is done to many devices at once: to those chosen, or to all that match a filter.

use crate::{
    domain::{
        access::{Actor, Grant, ManageDevices, ViewDevices},
        audit::{Act, AuditEvent, ObjectKind},
        csv_cell,
        device::DeviceFilter,
        id::{CredentialId, DeviceId},
        page::PageRequest,
    },
    service::{Core, Fault, audit, rules},
    store::{self, Tx},
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
            let everything = PageRequest { number: 1, size: i64::MAX };
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
    let changed = store::devices::set_enabled(&mut tx, &ids, is, core.now()).await?;
    if changed > 0 {
        // Rules may ask whether a device is enabled.
        rules::reconcile_devices(core, &mut tx, &ids).await?;
        told(core, &mut tx, by.actor(), &seen, if is { "enabled" } else { "disabled" }).await?;
        tx.commit().await?;
    }
    Ok(changed)
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
    for unneeded in store::devices::set_credential(&mut tx, &ids, credential, core.now()).await? {
        store::credentials::delete_own(&mut tx, unneeded).await?;
    }
    if !seen.is_empty() {
        told(core, &mut tx, by.actor(), &seen, &format!("given the credential {name}")).await?;
        tx.commit().await?;
    }
    Ok(Some(seen.len()))
}

/// One line of the trail for all of them; it names the first ten.
pub(super) async fn told(
    core: &Core,
    tx: &mut Tx,
    by: &Actor,
    devices: &[(DeviceId, String)],
    done: &str,
) -> Result<(), Fault> {
    let names: Vec<&str> = devices.iter().take(10).map(|(_, name)| name.as_str()).collect();
    let more = if devices.len() > names.len() { ", …" } else { "" };
    let about = match devices {
        [(_, name)] => name.clone(),
        many => format!("{} devices", many.len()),
    };
    let detail = format!("{done}: {}{more}", names.join(", "));
    let act = Act::new(AuditEvent::DevicesChanged, &about).detail(&detail);
    let act = if let [(id, _)] = devices { act.on(ObjectKind::Device, id.0) } else { act };
    Ok(audit::append(core, tx, by, act).await?)
}

/// The columns of the list taken out; `device import` reads them.
const COLUMNS: [&str; 8] =
    ["hostname", "address", "port", "platform", "transport", "tags", "description", "serial_number"];

/// The devices that match as CSV, without a secret and without a cell that a spreadsheet takes for a formula (S-72).
pub async fn csv(core: &Core, by: &Grant<ViewDevices>, filter: &DeviceFilter) -> Result<Vec<u8>, Fault> {
    let everything = PageRequest { number: 1, size: i64::MAX };
    let (page, mut tags) = super::list(core, by, filter, everything).await?;
    let all = store::tags::all(&mut core.db.read().await?).await?;
    let of_all: Vec<String> = all.into_iter().filter(|tag| tag.is_default).map(|tag| tag.name).collect();
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS).map_err(anyhow::Error::from)?;
    for device in &page.rows {
        let mut tags = tags.remove(&device.id).unwrap_or_default();
        tags.retain(|tag| !of_all.contains(tag));
        let cells = [
            device.name.clone(),
            device.address.clone(),
            device.port.to_string(),
            device.platform.clone(),
            device.transport.to_string(),
            tags.join(";"),
            device.description.clone(),
            device.serial_number.clone(),
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
