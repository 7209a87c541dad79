//! A verdict on every row of a file.

mod cell;
mod changes;

use std::{collections::BTreeMap, sync::Arc};

use cell::cell;

use super::{
    MAX_ROWS, row,
    table::{self, Line, Unreadable},
};
use crate::{
    domain::{
        access::Actor,
        credential::Unsealed,
        device::{NewDevice, Reach},
        id::{CredentialId, DeviceId},
        import::{Column, Complaint, Mapping, Verdict},
    },
    service::{Core, Fault, secrets},
    store::{self, Conn, StoreError, imports::KnownDevice},
};

/// A row with its verdict.
#[derive(Debug)]
pub(super) struct Judged {
    /// The line of the file.
    pub(super) line: u64,
    /// The name in it, as far as it can be read.
    pub(super) name: String,
    /// What becomes of it.
    pub(super) verdict: Verdict,
    /// The device as it would be; `None` for rows that cannot be taken.
    pub(super) new: Option<NewDevice>,
    /// The device as it is.
    pub(super) known: Option<Arc<KnownDevice>>,
    /// The cells, for the file of rows that were left out.
    pub(super) cells: Vec<String>,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub(super) enum JudgeError {
    /// The file cannot be read at all.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for JudgeError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// The devices that there are, by what must be unique.
struct Inventory {
    names: BTreeMap<String, Arc<KnownDevice>>,
    places: BTreeMap<(String, u16), Arc<KnownDevice>>,
    jump_hosts: row::JumpHosts,
}

impl Inventory {
    fn new(devices: Vec<KnownDevice>, jump_hosts: row::JumpHosts) -> Self {
        let devices: Vec<Arc<KnownDevice>> = devices.into_iter().map(Arc::new).collect();
        let places = devices
            .iter()
            .flat_map(|device| device.places().into_iter().map(|place| (place, Arc::clone(device))));
        Self {
            places: places.collect(),
            names: devices.into_iter().map(|device| (device.name_key.clone(), device)).collect(),
            jump_hosts,
        }
    }
}

/// A row as it was read.
struct Row {
    line: u64,
    name: String,
    known: Option<Arc<KnownDevice>>,
    device: Result<NewDevice, Vec<Complaint>>,
    cells: Vec<String>,
}

fn on_line(message: String) -> Vec<Complaint> {
    vec![Complaint { column: "line", value: String::new(), message }]
}

fn read((core, by): (&Core, &Actor), mapping: &Mapping, inventory: &Inventory, line: Line) -> Row {
    let cells = match line.cells {
        Ok(cells) => cells,
        Err(why) => {
            let (name, device) = (String::new(), Err(on_line(why)));
            return Row { line: line.number, name, known: None, device, cells: Vec::new() };
        }
    };
    let name = cell((&cells, mapping), None, Column::Hostname).to_owned();
    let known = inventory.names.get(&name.to_lowercase()).cloned();
    let seen = known.as_deref().filter(|known| known.is_seen);
    let before = seen.and_then(|known| known.transport.parse().ok());
    let cell = |column| cell((&cells, mapping), seen, column);
    let device = row::device((core, by), &inventory.jump_hosts, &cell, before);
    let device = device.map(|device| NewDevice {
        owner: seen.and_then(|known| known.owner),
        time_limit: seen.and_then(|known| known.time_limit),
        reach: Reach {
            jump_host: device.reach.jump_host.or(seen.and_then(|known| known.reach.jump_host)),
            ..device.reach
        },
        ..device
    });
    let name = row::shown(Column::Hostname, &name).chars().take(80).collect();
    Row { line: line.number, name, known, device, cells }
}

/// What the rows are compared with besides the inventory.
struct Details {
    tags: BTreeMap<DeviceId, Vec<String>>,
    credentials: BTreeMap<CredentialId, Unsealed>,
}

impl Details {
    async fn load(core: &Core, conn: &mut Conn, rows: &[Row]) -> Result<Self, Fault> {
        let met = |row: &Row| {
            let known = row.known.clone().filter(|known| known.is_seen)?;
            row.device.as_ref().ok().map(|device| (known, device.credential.is_some()))
        };
        let met: Vec<(Arc<KnownDevice>, bool)> = rows.iter().filter_map(met).collect();
        let ids: Vec<DeviceId> = met.iter().map(|(known, _)| known.id).collect();
        let tags = store::tags::of_persons(conn, &ids).await?;
        let wanted: Vec<CredentialId> =
            met.iter().filter(|(_, is_given)| *is_given).filter_map(|(known, _)| known.credential).collect();
        let mut credentials = BTreeMap::new();
        for wanted in wanted.chunks(5_000) {
            for sealed in store::credentials::find_many(conn, wanted).await? {
                credentials.insert(CredentialId(sealed.id), secrets::unseal(core, &sealed)?);
            }
        }
        Ok(Self { tags, credentials })
    }
}

/// What becomes of each row, as far as `by` may know and do it.
pub(super) async fn judge(
    core: &Core,
    conn: &mut Conn,
    by: &Actor,
    (bytes, mapping): (Vec<u8>, &Mapping),
) -> Result<Vec<Judged>, JudgeError> {
    let hosts = row::JumpHosts::new(store::jump_hosts::all(conn).await?);
    let inventory = Inventory::new(store::imports::known(conn, by.scope).await?, hosts);
    let (own, by, mapping) = (core.clone(), by.clone(), mapping.clone());
    // A large file takes a while to be read.
    let read = tokio::task::spawn_blocking(move || {
        let table = table::read(&bytes, &mapping, MAX_ROWS)?;
        let rows: Vec<Row> =
            table.rows.into_iter().map(|line| read((&own, &by), &mapping, &inventory, line)).collect();
        Ok::<_, Unreadable>((rows, inventory))
    });
    let (rows, inventory) = read.await.map_err(|error| Fault::from(anyhow::Error::from(error)))??;
    let details = Details::load(core, conn, &rows).await?;
    let mut seen = Seen::default();
    Ok(rows.into_iter().map(|row| verdict(row, &mut seen, &inventory, &details)).collect())
}

/// The lines on which names and places stood first.
#[derive(Default)]
struct Seen {
    names: BTreeMap<String, u64>,
    places: BTreeMap<(String, u16), u64>,
}

fn verdict(row: Row, seen: &mut Seen, inventory: &Inventory, details: &Details) -> Judged {
    let (line, name, cells) = (row.line, row.name, row.cells);
    let judged = |verdict, new, known| Judged { line, name, verdict, new, known, cells };
    let device = match row.device {
        Ok(device) => device,
        Err(faults) => return judged(Verdict::Error(faults), None, None),
    };
    if let Some(complaint) = seen.repeats(line, &device) {
        return judged(Verdict::Duplicate(complaint), None, None);
    }
    if row.known.as_deref().is_some_and(|known| !known.is_seen) {
        let message = "This name is taken. Choose another, or ask an administrator.".to_owned();
        let complaint = Complaint { column: "hostname", value: device.name.as_str().to_owned(), message };
        return judged(Verdict::Error(vec![complaint]), None, None);
    }
    if let Some(complaint) = neighbour(inventory, &device, row.known.as_deref()) {
        return judged(Verdict::Duplicate(complaint), None, None);
    }
    let hosts = &inventory.jump_hosts;
    let verdict = match row.known.as_deref().map(|known| changes::changes((details, hosts), known, &device)) {
        None => Verdict::New,
        Some(changes) if changes.is_empty() => Verdict::Unchanged,
        Some(changes) => Verdict::Update(changes),
    };
    judged(verdict, Some(device), row.known)
}

impl Seen {
    /// What is wrong when an earlier line names this device or its place.
    fn repeats(&mut self, line: u64, device: &NewDevice) -> Option<Complaint> {
        let first_name = *self.names.entry(device.name.key()).or_insert(line);
        if first_name != line {
            let message = format!("Line {first_name} names this device already.");
            let value = device.name.as_str().to_owned();
            return Some(Complaint { column: "hostname", value, message });
        }
        device.places().into_iter().enumerate().find_map(|(at, place)| {
            let value = format!("{}:{}", place.0, place.1);
            let first_place = *self.places.entry(place).or_insert(line);
            let message = format!("Line {first_place} has this address and port already.");
            (first_place != line).then_some(Complaint { column: column_of(at), value, message })
        })
    }
}

/// The column that holds the device's address with this number.
fn column_of(at: usize) -> &'static str {
    if at == 0 { "address" } else { "further_addresses" }
}

/// What is wrong when another device is at this place.
fn neighbour(inventory: &Inventory, device: &NewDevice, known: Option<&KnownDevice>) -> Option<Complaint> {
    if let Some(repeated) = device.repeated() {
        let message = "This is among its addresses already.".to_owned();
        return Some(Complaint { column: column_of(1), value: repeated.to_string(), message });
    }
    let taken = |place: &(String, u16)| {
        let other = inventory.places.get(place)?;
        known.is_none_or(|known| known.id != other.id).then_some(other)
    };
    let places = device.places().into_iter().enumerate();
    let (at, place, other) =
        places.into_iter().find_map(|(at, place)| taken(&place).map(|other| (at, place, other)))?;
    // What the person does not see has no name here (S-37).
    let message = if other.is_seen {
        format!("{} is at this address and port already.", other.name)
    } else {
        "Another device is at this address and port already. Check them, or ask an administrator.".to_owned()
    };
    Some(Complaint { column: column_of(at), value: format!("{}:{}", place.0, place.1), message })
}
