//! A verdict on every row of a file.

use std::collections::BTreeMap;

use super::{
    row,
    table::{Line, Table},
};
use crate::{
    domain::{
        access::Scope,
        credential::{NewCredential, Unsealed},
        csv_cell,
        device::{NewDevice, Port},
        id::DeviceId,
        import::{Column, Mapping, Verdict},
        tag::TagName,
    },
    service::{Core, Fault, secrets},
    store::{self, Conn, imports::KnownDevice},
};

/// A row with its verdict.
#[derive(Debug)]
pub(in crate::service) struct Judged {
    /// The line of the file.
    pub(in crate::service) line: u64,
    /// The name in it, as far as it can be read.
    pub(in crate::service) name: String,
    /// What becomes of it.
    pub(in crate::service) verdict: Verdict,
    /// The device as it would be; `None` for bad rows.
    pub(in crate::service) new: Option<NewDevice>,
    /// The device as it is.
    pub(in crate::service) known: Option<KnownDevice>,
    /// The cells, for the file of refused rows.
    pub(in crate::service) cells: Vec<String>,
}

/// What there is to compare with.
struct Inventory {
    devices: Vec<KnownDevice>,
    names: BTreeMap<String, usize>,
    places: BTreeMap<(String, u16), usize>,
    tags: BTreeMap<DeviceId, Vec<String>>,
    credentials: BTreeMap<i64, Unsealed>,
}

impl Inventory {
    fn named(&self, key: &str) -> Option<&KnownDevice> {
        self.names.get(key).and_then(|at| self.devices.get(*at))
    }

    fn at(&self, address: &str, port: u16) -> Option<&KnownDevice> {
        self.places.get(&(address.to_owned(), port)).and_then(|at| self.devices.get(*at))
    }

    async fn load(core: &Core, conn: &mut Conn, scope: Scope, rows: &[Row]) -> Result<Self, Fault> {
        let devices = store::imports::known(conn, scope).await?;
        let names: BTreeMap<String, usize> =
            devices.iter().enumerate().map(|(at, device)| (device.name_key.clone(), at)).collect();
        let places =
            devices.iter().enumerate().map(|(at, device)| ((device.address.clone(), device.port), at)).collect();
        let met = |row: &Row| {
            let device = row.device.as_ref().ok()?;
            let at = names.get(&device.name.key())?;
            devices.get(*at).filter(|known| known.is_seen).map(|known| (known, device.credential.is_some()))
        };
        let met: Vec<(&KnownDevice, bool)> = rows.iter().filter_map(met).collect();
        let ids: Vec<DeviceId> = met.iter().map(|(device, _)| device.id).collect();
        let tags = store::tags::of_persons(conn, &ids).await?;
        let wanted: Vec<i64> =
            met.iter().filter(|(_, has_secrets)| *has_secrets).filter_map(|(d, _)| d.credential).collect();
        let mut credentials = BTreeMap::new();
        for sealed in store::credentials::find_many(conn, &wanted).await? {
            credentials.insert(sealed.id, secrets::unseal(core, &sealed)?);
        }
        Ok(Self { devices, names, places, tags, credentials })
    }
}

/// A row as it was read.
struct Row {
    line: u64,
    name: String,
    has_port: bool,
    device: Result<NewDevice, Vec<(String, String)>>,
    cells: Vec<String>,
}

fn read(core: &Core, mapping: &Mapping, line: Line) -> Row {
    let cells = match line.cells {
        Ok(cells) => cells,
        Err(why) => {
            let device = Err(vec![("line".to_owned(), why)]);
            return Row { line: line.number, name: String::new(), has_port: false, device, cells: Vec::new() };
        }
    };
    let plain = |column: Column| {
        let at = mapping.columns.iter().position(|known| *known == column);
        at.and_then(|at| cells.get(at)).map(String::as_str)
    };
    let cell = |name: &str| -> &str {
        let Ok(column) = name.parse::<Column>() else { return "" };
        let text = match (column, plain(column)) {
            // Without addresses of its own, a list names devices by what DNS knows.
            (Column::Address, None) => plain(Column::Hostname).unwrap_or_default(),
            (_, text) => text.unwrap_or_default(),
        };
        match column {
            Column::Password | Column::EnablePassword => text,
            Column::Platform => {
                let word = csv_cell::unguard(text).trim();
                row::platform_alias(&word.to_lowercase()).unwrap_or(word)
            }
            Column::Hostname
            | Column::Address
            | Column::Port
            | Column::Transport
            | Column::Username
            | Column::Tags
            | Column::Description
            | Column::Ignored => csv_cell::unguard(text).trim(),
        }
    };
    let device = row::device(core, line.number, &cell).map_err(|faults| {
        let told = faults.into_iter().map(|fault| {
            let value = if fault.value.is_empty() { String::new() } else { format!("\"{}\": ", fault.value) };
            (fault.field, format!("{value}{}", fault.message))
        });
        told.collect()
    });
    let name = cell("hostname").chars().take(80).collect();
    let has_port = !cell("port").is_empty();
    Row { line: line.number, name, has_port, device, cells }
}

/// What becomes of each row, as far as the person with `scope` may know.
pub(in crate::service) async fn judge(
    core: &Core,
    conn: &mut Conn,
    scope: Scope,
    (table, mapping): (Table, &Mapping),
) -> Result<Vec<Judged>, Fault> {
    let rows: Vec<Row> = table.rows.into_iter().map(|line| read(core, mapping, line)).collect();
    let inventory = Inventory::load(core, conn, scope, &rows).await?;
    let mut names: BTreeMap<String, u64> = BTreeMap::new();
    let mut places: BTreeMap<(String, u16), u64> = BTreeMap::new();
    let judged = rows.into_iter().map(|row| {
        let (line, name) = (row.line, row.name);
        let bad = |verdict, cells| Judged { line, name: name.clone(), verdict, new: None, known: None, cells };
        let device = match row.device {
            Ok(device) => device,
            Err(faults) => return bad(Verdict::Error(faults), row.cells),
        };
        let known = inventory.named(&device.name.key());
        let device = match known {
            Some(known) if known.is_seen => kept(device, known, row.has_port),
            _ => device,
        };
        let place = (device.address.as_str().to_owned(), device.port.get());
        let first_name = *names.entry(device.name.key()).or_insert(line);
        let first_place = *places.entry(place.clone()).or_insert(line);
        if first_name != line {
            return bad(Verdict::Duplicate(format!("Line {first_name} names this device already.")), row.cells);
        }
        if first_place != line {
            let why = format!("Line {first_place} has this address and port already.");
            return bad(Verdict::Duplicate(why), row.cells);
        }
        if known.is_some_and(|known| !known.is_seen) {
            let why = "This name is taken. Choose a different one, or ask an administrator.".to_owned();
            return bad(Verdict::Error(vec![("hostname".to_owned(), why)]), row.cells);
        }
        let neighbour = inventory.at(&place.0, place.1);
        if let Some(other) = neighbour.filter(|other| known.is_none_or(|known| known.id != other.id)) {
            let why = if other.is_seen {
                format!("{} is at this address and port already.", other.name)
            } else {
                "This address and port are taken. Check them, or ask an administrator.".to_owned()
            };
            return bad(Verdict::Duplicate(why), row.cells);
        }
        let Some(known) = known else {
            let (verdict, new) = (Verdict::New, Some(device));
            return Judged { line, name, verdict, new, known: None, cells: row.cells };
        };
        let changes = changes(&inventory, known, &device);
        let verdict = if changes.is_empty() { Verdict::Unchanged } else { Verdict::Update(changes) };
        Judged { line, name, verdict, new: Some(device), known: Some(known.clone()), cells: row.cells }
    });
    Ok(judged.collect())
}

/// What a row leaves blank stays as it is on the device.
fn kept(new: NewDevice, known: &KnownDevice, has_port: bool) -> NewDevice {
    let port = if has_port { new.port } else { Port::try_from(i32::from(known.port)).unwrap_or(new.port) };
    let description =
        if new.description.is_empty() { known.description.clone() } else { new.description.clone() };
    NewDevice { port, description, is_enabled: known.is_enabled, ..new }
}

/// The fields that differ; secrets only as changed, tags only those that are added.
fn changes(
    inventory: &Inventory,
    known: &KnownDevice,
    new: &NewDevice,
) -> Vec<(&'static str, String, String)> {
    let held = inventory.tags.get(&known.id).map(Vec::as_slice).unwrap_or_default();
    let added: Vec<&str> =
        new.tags.iter().map(TagName::as_str).filter(|tag| held.iter().all(|held| held != tag)).collect();
    let mut told = vec![
        ("name", known.name.clone(), new.name.as_str().to_owned()),
        ("address", known.address.clone(), new.address.as_str().to_owned()),
        ("port", known.port.to_string(), new.port.get().to_string()),
        ("platform", known.platform.clone(), new.platform.clone()),
        ("transport", known.transport.clone(), new.transport.to_string()),
        ("description", known.description.clone(), new.description.clone()),
        ("tags", String::new(), added.join(" ")),
    ];
    let old = known.credential.and_then(|id| inventory.credentials.get(&id));
    if let Some(given) = new.credential.as_ref().filter(|given| !is_same(given, old)) {
        let before = old.map_or("none", |_| "kept").to_owned();
        told.push(("credential", before, format!("{}, changed", given.username)));
    }
    told.retain(|(_, before, after)| before != after);
    told
}

/// Whether a device has just these secrets; what is not given is not compared.
fn is_same(given: &NewCredential, old: Option<&Unsealed>) -> bool {
    let Some(old) = old else { return false };
    let same = |given: &Option<crate::domain::secret::Secret>, old: &Option<crate::domain::secret::Secret>| {
        given.as_ref().is_none_or(|given| old.as_ref().is_some_and(|old| old.expose() == given.expose()))
    };
    given.username == old.username && same(&given.password, &old.password) && same(&given.enable, &old.enable)
}
