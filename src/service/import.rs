//! Import of devices from CSV: judged row by row, taken whole or not at all.

mod row;

use std::collections::{BTreeMap, BTreeSet};

use super::{Core, Fault, audit, devices, rules};
use crate::{
    domain::{
        access::{Grant, ManageDevices},
        audit::{Act, AuditEvent},
        csv_cell,
        device::NewDevice,
    },
    platform::without_carriage_returns,
    store,
};

/// The columns, as DESIGN writes them; the first two and `platform` are required.
pub const COLUMNS: [&str; 11] = [
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
    "serial_number",
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
    // Behind CR LF the reader counts a line too few.
    let csv = without_carriage_returns(csv.to_vec());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(csv.as_slice());
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
            errors.push(RowError { line, field: "file".to_owned(), value: String::new(), message });
            break;
        }
        let cell = |name: &str| {
            let text = columns.get(name).and_then(|i| record.get(*i)).unwrap_or_default();
            // A password may begin or end with a space.
            if name.ends_with("password") { text } else { csv_cell::unguard(text).trim() }
        };
        match row::device(core, line, &cell) {
            Ok(device) => rows.push((line, device)),
            Err(faults) => errors.extend(faults),
        }
    }
    errors.extend(repeats(&rows));
    if errors.is_empty() { Ok(rows) } else { Err(errors) }
}

fn broken(error: &csv::Error) -> RowError {
    let line = error.position().map_or(0, csv::Position::line);
    let message = if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        format!("The line has {len} fields, the header {expected_len}; check its commas and quotes.")
    } else if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) {
        "The line is not UTF-8; save the file as UTF-8.".to_owned()
    } else {
        format!("The line cannot be read: {error}")
    };
    RowError { line, field: "line".to_owned(), value: String::new(), message }
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
    // A first line that names no column is a row: it may hold a password, so nothing of it is repeated (S-47).
    if !header.iter().any(|name| REQUIRED.contains(&name.to_lowercase().as_str())) {
        let message = format!("The first line must name the columns: {}.", COLUMNS.join(", "));
        return Err(vec![fault("", message)]);
    }
    for (i, name) in header.iter().enumerate() {
        let key = name.to_lowercase();
        if !COLUMNS.contains(&key.as_str()) {
            errors.push(fault(name, format!("This column is not known; use {}.", COLUMNS.join(", "))));
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

/// Rows that name a device or a place that an earlier row names.
fn repeats(rows: &[(u64, NewDevice)]) -> Vec<RowError> {
    let (mut names, mut places, mut errors) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for (line, device) in rows {
        if let Some(first) = names.insert(device.name.key(), *line) {
            let message = format!("Line {first} names this device already.");
            let value = device.name.as_str().to_owned();
            errors.push(RowError { line: *line, field: "hostname".to_owned(), value, message });
        }
        let place = (device.address.as_str(), device.port.get());
        if let Some(first) = places.insert(place, *line) {
            let message = format!("Line {first} has this address and port already.");
            let value = format!("{}:{}", place.0, place.1);
            errors.push(RowError { line: *line, field: "address".to_owned(), value, message });
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
    let known =
        store::devices::places(&mut core.db.read().await.map_err(Fault::from)?).await.map_err(Fault::from)?;
    let names: BTreeSet<&str> = known.iter().map(|(_, name, _)| name.as_str()).collect();
    let places: BTreeSet<(&str, u16)> = known.iter().map(|(_, _, (a, p))| (a.as_str(), *p)).collect();
    let mut errors = Vec::new();
    for (line, device) in &rows {
        if names.contains(device.name.key().as_str()) {
            let message = "There is a device with this name already; delete the row or rename it.".to_owned();
            let value = device.name.as_str().to_owned();
            errors.push(RowError { line: *line, field: "hostname".to_owned(), value, message });
        } else if places.contains(&(device.address.as_str(), device.port.get())) {
            let message = "There is a device at this address and port already.".to_owned();
            let value = format!("{}:{}", device.address.as_str(), device.port.get());
            errors.push(RowError { line: *line, field: "address".to_owned(), value, message });
        }
    }
    if errors.is_empty() { Ok(rows) } else { Err(ImportError::Rows(errors)) }
}

/// Adds every device of a file in one transaction; gives how many.
pub async fn apply(core: &Core, by: &Grant<ManageDevices>, csv: &[u8]) -> Result<usize, ImportError> {
    let rows = check(core, by, csv).await?;
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    let mut added = Vec::with_capacity(rows.len());
    for (line, device) in &rows {
        match devices::insert(core, &mut tx, device).await {
            Ok(id) => added.push(id),
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
    rules::reconcile_devices(core, &mut tx, &added).await?;
    let count = format!("{} devices", rows.len());
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::DevicesImported, (&count, None)))
        .await
        .map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(rows.len())
}
