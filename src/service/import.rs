//! Import of devices from CSV: judged row by row, taken whole or not at all.

use std::collections::{BTreeMap, BTreeSet};

use super::{Core, Fault, devices};
use crate::{
    domain::{
        access::{Grant, ManageDevices},
        audit::AuditEvent,
        credential::NewCredential,
        device::{Address, DeviceName, NewDevice, Port, Transport},
        secret::Secret,
        tag::TagName,
    },
    platform::visible,
    store,
};

/// The columns, as DESIGN writes them; the first two and `platform` are required.
pub const COLUMNS: [&str; 10] = [
    "hostname",
    "address",
    "port",
    "platform",
    "transport",
    "username",
    "password",
    "enable_password",
    "tags",
    "description",
];
const REQUIRED: [&str; 3] = ["hostname", "address", "platform"];

/// The most rows of one file.
pub const MAX_ROWS: usize = 100_000;

/// Something wrong with a file: where, what, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line of the file, from 1; the header is line 1.
    pub line: u64,
    /// The column.
    pub field: String,
    /// What stands there; never a secret.
    pub value: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, {}", self.line, self.field)?;
        if !self.value.is_empty() {
            write!(f, " \"{}\"", self.value)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Why an import did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file has faults; nothing was imported.
    #[error("the file has {} faults; nothing was imported", .0.len())]
    Rows(Vec<RowError>),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Reads a CSV file into devices, or tells everything that is wrong with it.
pub fn parse(core: &Core, csv: &[u8]) -> Result<Vec<(u64, NewDevice)>, Vec<RowError>> {
    // Excel writes a byte order mark; it belongs to no column's name.
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let header = reader.headers().map_err(|e| vec![broken(&e)])?.clone();
    let columns = columns(&header)?;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                errors.push(broken(&error));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if rows.len() + errors.len() >= MAX_ROWS {
            let message = format!("A file has at most {MAX_ROWS} rows; split it.");
            errors.push(RowError {
                line,
                field: "file".to_owned(),
                value: String::new(),
                message,
            });
            break;
        }
        let cell = |name: &str| columns.get(name).and_then(|i| record.get(*i)).unwrap_or_default();
        match row(core, line, &cell) {
            Ok(device) => rows.push((line, device)),
            Err(faults) => errors.extend(faults),
        }
    }
    errors.extend(repeats(&rows));
    if errors.is_empty() { Ok(rows) } else { Err(errors) }
}

fn broken(error: &csv::Error) -> RowError {
    let line = error.position().map_or(0, csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("The line has {len} fields, the header {expected_len}; check its commas and quotes.")
        }
        csv::ErrorKind::Utf8 { .. } => "The line is not UTF-8; save the file as UTF-8.".to_owned(),
        _ => format!("The line cannot be read: {error}"),
    };
    RowError {
        line,
        field: "line".to_owned(),
        value: String::new(),
        message,
    }
}

/// Which column stands where.
fn columns(header: &csv::StringRecord) -> Result<BTreeMap<String, usize>, Vec<RowError>> {
    let (mut found, mut errors) = (BTreeMap::new(), Vec::new());
    let fault = |name: &str, message: String| RowError {
        line: 1,
        field: "header".to_owned(),
        value: name.to_owned(),
        message,
    };
    for (i, name) in header.iter().enumerate() {
        let key = name.to_lowercase();
        if !COLUMNS.contains(&key.as_str()) {
            errors.push(fault(
                name,
                format!("This column is not known; use {}.", COLUMNS.join(", ")),
            ));
        } else if found.insert(key, i).is_some() {
            errors.push(fault(name, "This column stands twice.".to_owned()));
        }
    }
    for name in REQUIRED {
        if !found.contains_key(name) {
            errors.push(fault(
                "",
                format!("The column {name} is missing; the first line must name the columns."),
            ));
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

fn row<'a>(core: &Core, line: u64, cell: &dyn Fn(&str) -> &'a str) -> Result<NewDevice, Vec<RowError>> {
    let mut errors = Vec::new();
    let mut fault = |field: &str, message: String| {
        let value = cell(field).chars().take(80).collect();
        errors.push(RowError {
            line,
            field: field.to_owned(),
            value,
            message,
        });
    };
    let name = cell("hostname")
        .parse::<DeviceName>()
        .map_err(|e| fault("hostname", e.to_string()))
        .ok();
    let address = cell("address")
        .parse::<Address>()
        .map_err(|e| fault("address", e.to_string()))
        .ok();
    let port = match cell("port") {
        "" => Some(Port::SSH),
        text => text
            .parse::<Port>()
            .map_err(|e| fault("port", e.to_string()))
            .ok(),
    };
    let transport = match cell("transport") {
        "" => Some(Transport::Ssh),
        text => text
            .to_lowercase()
            .parse::<Transport>()
            .map_err(|e| fault("transport", e.to_string()))
            .ok(),
    };
    let platform = cell("platform").to_lowercase();
    if core.platforms.get(&platform).is_none() {
        fault(
            "platform",
            format!(
                "This is not a platform; known are: {}.",
                core.platforms.keys().join(", ")
            ),
        );
    }
    let tags = TagName::list(cell("tags"))
        .map_err(|e| fault("tags", e.to_string()))
        .ok();
    let secret = |name: &str| Some(cell(name)).filter(|text| !text.is_empty()).map(Secret::new);
    let (password, enable) = (secret("password"), secret("enable_password"));
    let username = cell("username").to_owned();
    if username.is_empty() && (password.is_some() || enable.is_some()) {
        fault("username", "A password needs a username.".to_owned());
    }
    let credential = (!username.is_empty()).then(|| NewCredential {
        username,
        password,
        enable,
        ..NewCredential::default()
    });
    let description = visible(&cell("description").chars().take(1_000).collect::<String>());
    match (name, address, port, transport, tags) {
        (Some(name), Some(address), Some(port), Some(transport), Some(tags)) if errors.is_empty() => {
            Ok(NewDevice {
                name,
                address,
                port,
                platform,
                transport,
                description,
                is_enabled: true,
                credential,
                tags,
            })
        }
        _ => Err(errors),
    }
}

/// Rows that name a device or a place that an earlier row names.
fn repeats(rows: &[(u64, NewDevice)]) -> Vec<RowError> {
    let (mut names, mut places, mut errors) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for (line, device) in rows {
        if let Some(first) = names.insert(device.name.key(), *line) {
            let message = format!("Line {first} names this device already.");
            let value = device.name.as_str().to_owned();
            errors.push(RowError {
                line: *line,
                field: "hostname".to_owned(),
                value,
                message,
            });
        }
        let place = (device.address.as_str(), device.port.get());
        if let Some(first) = places.insert(place, *line) {
            let message = format!("Line {first} has this address and port already.");
            let value = format!("{}:{}", place.0, place.1);
            errors.push(RowError {
                line: *line,
                field: "address".to_owned(),
                value,
                message,
            });
        }
    }
    errors
}

/// What an import would add, or what stands in its way.
pub async fn check(
    core: &Core,
    _by: &Grant<ManageDevices>,
    csv: &[u8],
) -> Result<Vec<(u64, NewDevice)>, ImportError> {
    let rows = parse(core, csv).map_err(ImportError::Rows)?;
    let known = store::devices::places(&mut core.db.read().await.map_err(Fault::from)?)
        .await
        .map_err(Fault::from)?;
    let names: BTreeSet<&str> = known.iter().map(|(_, name, _)| name.as_str()).collect();
    let places: BTreeSet<(&str, u16)> = known.iter().map(|(_, _, (a, p))| (a.as_str(), *p)).collect();
    let mut errors = Vec::new();
    for (line, device) in &rows {
        if names.contains(device.name.key().as_str()) {
            let message = "There is a device with this name already; delete the row or rename it.".to_owned();
            let value = device.name.as_str().to_owned();
            errors.push(RowError {
                line: *line,
                field: "hostname".to_owned(),
                value,
                message,
            });
        } else if places.contains(&(device.address.as_str(), device.port.get())) {
            let message = "There is a device at this address and port already.".to_owned();
            let value = format!("{}:{}", device.address.as_str(), device.port.get());
            errors.push(RowError {
                line: *line,
                field: "address".to_owned(),
                value,
                message,
            });
        }
    }
    if errors.is_empty() {
        Ok(rows)
    } else {
        Err(ImportError::Rows(errors))
    }
}

/// Adds every device of a file in one transaction; gives how many.
pub async fn apply(core: &Core, by: &Grant<ManageDevices>, csv: &[u8]) -> Result<usize, ImportError> {
    let rows = check(core, by, csv).await?;
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    for (line, device) in &rows {
        match devices::insert(core, &mut tx, device).await {
            Ok(_) => {}
            Err(devices::SaveDeviceError::Fault(fault)) => return Err(fault.into()),
            Err(other) => {
                let value = device.name.as_str().to_owned();
                let message = other.to_string();
                return Err(ImportError::Rows(vec![RowError {
                    line: *line,
                    field: "hostname".to_owned(),
                    value,
                    message,
                }]));
            }
        }
    }
    let count = format!("{} devices", rows.len());
    store::audit::append(
        &mut tx,
        by.actor(),
        AuditEvent::DevicesImported,
        (&count, None),
        core.now(),
    )
    .await
    .map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(rows.len())
}
