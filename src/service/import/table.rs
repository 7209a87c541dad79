//! A file as rows of cells: separator, header and columns guessed or demanded, every broken line told.

use crate::{
    domain::import::{Column, Complaint, Mapping},
    platform::without_carriage_returns,
};

use super::MAX_ROWS;

mod guess;

pub(super) use guess::{guess, guess_with};

/// The most columns of a file.
const MAX_COLUMNS: usize = 64;

/// Why a file cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Nothing in it.
    #[error("There is nothing in it. Choose a file, or paste its text.")]
    Empty,
    /// Packed.
    #[error("The file is packed, or in a spreadsheet's own format. Unpack it, or save it as CSV.")]
    Packed,
    /// Bytes that no text has.
    #[error("This is not a text file. Save it as CSV in UTF-8.")]
    NotText,
    /// Too many rows.
    #[error("The file has more than {MAX_ROWS} rows. Split it.")]
    Rows,
    /// Too many columns.
    #[error("The file has more than {MAX_COLUMNS} columns. Take out those that are not needed.")]
    Columns,
}

/// A line of the file.
#[derive(Debug)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: u64,
    /// Its cells, or why they cannot be read.
    pub(super) cells: Result<Vec<String>, String>,
}

/// A file as cells.
#[derive(Debug)]
pub(super) struct Table {
    /// The first line, where it names the columns.
    pub(super) header: Vec<String>,
    /// The rows.
    pub(super) rows: Vec<Line>,
}

/// The text without a byte order mark, each line ended by a newline alone: behind CR LF the reader counts a line too few.
fn text(bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    const PACKED: [&[u8]; 6] =
        [b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"\xd0\xcf\x11\xe0"];
    if PACKED.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(Unreadable::Packed);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(Unreadable::NotText);
    }
    if bytes.trim_ascii().is_empty() {
        return Err(Unreadable::Empty);
    }
    let mut plain = without_carriage_returns(bytes.to_vec());
    if let Some(sign) = commented_header(&plain).and_then(|at| plain.get_mut(at)) {
        *sign = b' ';
    }
    Ok(plain)
}

/// Where the sign stands with which a first line begins that names the columns all the same.
fn commented_header(plain: &[u8]) -> Option<usize> {
    let start = plain
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .filter(|at| plain.get(*at) == Some(&b'#'))?;
    let line = plain.get(start..)?.split(|byte| *byte == b'\n').next()?;
    let named = |separator: u8| {
        let columns =
            line.split(|byte| *byte == separator).map(|cell| Column::guess(&String::from_utf8_lossy(cell)));
        let known: Vec<Column> = columns.filter(|column| *column != Column::Ignored).collect();
        known.len() > 1 && known.iter().any(|column| matches!(column, Column::Hostname | Column::Address))
    };
    b",;\t".iter().any(|separator| named(*separator)).then_some(start)
}

fn reader(bytes: &[u8], separator: char, has_header: bool) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .comment(Some(b'#'))
        // router.db knows no quoting: a password may begin with a quotation mark.
        .quoting(separator != ':')
        .has_headers(has_header)
        .flexible(true)
        .from_reader(bytes)
}

/// The lines that say something: neither blank nor a comment, which router.db of Oxidized and RANCID begins with `#`.
fn telling(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.filter(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#"))
}

/// The cells of a line.
fn cells(line: &[u8], separator: char) -> Vec<String> {
    let mut record = csv::ByteRecord::new();
    // A line that cannot be read has no cells; the rows tell what is wrong with it.
    let _ = reader(line, separator, false).read_byte_record(&mut record);
    record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
}

/// Each meaning at its first column only.
pub(super) fn once(columns: Vec<Column>) -> Vec<Column> {
    let mut seen = Vec::new();
    let keep = |column: Column| {
        if column == Column::Ignored || seen.contains(&column) {
            Column::Ignored
        } else {
            seen.push(column);
            column
        }
    };
    columns.into_iter().map(keep).collect()
}

/// The mapping of a file whose first line must name its columns by our own names, or everything that is wrong with that
/// line: where nobody can look and correct, nothing is guessed.
pub(super) fn named(
    bytes: &[u8],
    known: &[&'static str],
    required: &[&str],
) -> Result<Mapping, Vec<Complaint>> {
    let fault =
        |value: &str, message: String| Complaint { column: "header", value: value.to_owned(), message };
    let cells = match text(bytes) {
        Ok(plain) => cells(telling(&plain).next().unwrap_or_default(), ','),
        Err(Unreadable::Empty) => Vec::new(),
        Err(other) => return Err(vec![fault("", other.to_string())]),
    };
    // A first line that names no column is a row: it may hold a password, so nothing of it is repeated (S-47).
    if !cells.iter().any(|name| required.contains(&name.to_lowercase().as_str())) {
        return Err(vec![fault(
            "",
            format!(
                "The first line must name the columns: {}. The page Devices, Import reads lists of other programs.",
                known.join(", ")
            ),
        )]);
    }
    let (mut columns, mut faults) = (Vec::new(), Vec::new());
    for name in &cells {
        match name.to_lowercase().parse::<Column>() {
            Ok(column) if column != Column::Ignored => {
                if columns.contains(&column) {
                    faults.push(fault(name, "This column stands twice.".to_owned()));
                }
                columns.push(column);
            }
            _ => faults.push(fault(name, format!("This column is not known; use {}.", known.join(", ")))),
        }
    }
    for name in required.iter().filter(|name| columns.iter().all(|column| column.as_str() != **name)) {
        let message = format!("The column {name} is missing; the first line must name the columns.");
        faults.push(fault("", message));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Mapping { separator: ',', has_header: true, columns, platform: String::new() })
}

/// The cells of a file, of its first `take` rows.
pub(super) fn read(bytes: &[u8], mapping: &Mapping, take: usize) -> Result<Table, Unreadable> {
    let bytes = text(bytes)?;
    let mut reader = reader(&bytes, mapping.separator, mapping.has_header);
    let header = if mapping.has_header {
        let cells = reader.byte_headers().map_err(|_| Unreadable::NotText)?;
        cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
    } else {
        Vec::new()
    };
    let (mut rows, width) = (Vec::new(), mapping.columns.len());
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    for record in reader.byte_records() {
        if rows.len() >= MAX_ROWS {
            return Err(Unreadable::Rows);
        }
        if rows.len() >= take {
            break;
        }
        let record = record.map_err(|_| Unreadable::NotText)?;
        if record.len() > MAX_COLUMNS {
            return Err(Unreadable::Columns);
        }
        let number = numbered(&lines, record.position().map_or(0, csv::Position::line));
        // router.db leaves out what it does not need, and has a password with a separator in it where a line is longer.
        let is_whole = record.len() == width || (is_ragged(mapping) && record.len() < width);
        let cells = if is_whole { decoded(&record) } else { Err(uneven(record.len(), mapping)) };
        rows.push(Line { number, cells });
    }
    Ok(Table { header, rows })
}

/// The line on which the record stands that is read from `line` on: behind what is skipped.
fn numbered(lines: &[&[u8]], line: u64) -> u64 {
    let from = usize::try_from(line).unwrap_or(1).max(1) - 1;
    let skipped =
        lines.iter().skip(from).take_while(|line| line.is_empty() || line.starts_with(b"#")).count();
    line.saturating_add(skipped.try_into().unwrap_or_default())
}

fn decoded(record: &csv::ByteRecord) -> Result<Vec<String>, String> {
    let cells: Result<Vec<_>, _> = record.iter().map(|cell| String::from_utf8(cell.to_vec())).collect();
    cells.map_err(|_| "The line is not UTF-8; save the file as UTF-8.".to_owned())
}

/// Whether rows may leave out what they end with: those of router.db, by the colon of Oxidized's or the state in RANCID's.
fn is_ragged(mapping: &Mapping) -> bool {
    mapping.separator == ':' || mapping.columns.contains(&Column::Enabled) && !mapping.has_header
}

fn uneven(len: usize, mapping: &Mapping) -> String {
    let first = if mapping.has_header {
        "header"
    } else if is_ragged(mapping) {
        "longest that is understood"
    } else {
        "first line"
    };
    let width = mapping.columns.len();
    let separator = match mapping.separator {
        ',' => "commas",
        ':' => "colons",
        ';' => "semicolons",
        '\t' => "tabs",
        _ => "separators",
    };
    format!("The line has {len} fields, the {first} {width}; check its {separator} and quotes.")
}
