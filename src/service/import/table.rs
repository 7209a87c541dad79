//! A file as rows of cells: separator, header and columns guessed or demanded, every broken line told.

use crate::{
    domain::import::{Column, Complaint, Mapping},
    platform::{shipped_key, without_carriage_returns},
};

use super::MAX_ROWS;

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
    Ok(without_carriage_returns(bytes.to_vec()))
}

fn reader(bytes: &[u8], separator: char, has_header: bool) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .has_headers(has_header)
        .flexible(true)
        .from_reader(bytes)
}

/// The cells of the first line that is not blank.
fn first(bytes: &[u8], separator: char) -> Vec<String> {
    let line = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let mut record = csv::ByteRecord::new();
    // A line that cannot be read has no cells; the rows tell what is wrong with it.
    let _ = reader(line.unwrap_or_default(), separator, false).read_byte_record(&mut record);
    record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
}

/// How a file with this separator is most likely to be read.
pub(super) fn guess_with(bytes: &[u8], separator: char) -> Result<Mapping, Unreadable> {
    let cells = first(&text(bytes)?, separator);
    if cells.len() > MAX_COLUMNS {
        return Err(Unreadable::Columns);
    }
    let named: Vec<Column> = cells.iter().map(|cell| Column::guess(cell)).collect();
    let has_header = named.iter().any(|column| matches!(column, Column::Hostname | Column::Address));
    let columns = if has_header { named } else { by_content(&cells, separator) };
    Ok(Mapping { separator, has_header, columns: once(columns), platform: String::new() })
}

/// How a file is most likely to be read.
pub(super) fn guess(bytes: &[u8]) -> Result<Mapping, Unreadable> {
    let plain = text(bytes)?;
    let line = plain.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let count = |separator: char| {
        line.unwrap_or_default().iter().filter(|byte| char::from(**byte) == separator).count()
    };
    let usual =
        [',', ';', '\t', '|'].into_iter().max_by_key(|separator| (count(*separator), *separator == ','));
    let separator = match usual {
        Some(separator) if count(separator) > 0 => separator,
        // Oxidized writes `name:model`; elsewhere a colon is part of an address.
        _ if (1..5).contains(&count(':')) => ':',
        _ => ',',
    };
    guess_with(bytes, separator)
}

/// The columns of a file without a header: router.db of Oxidized (`name:model:username:password`) and of RANCID
/// (`name;type;up`), or by what the first row looks like.
fn by_content(cells: &[String], separator: char) -> Vec<Column> {
    let oxidized =
        [Column::Hostname, Column::Platform, Column::Username, Column::Password, Column::EnablePassword];
    let order: &[Column] = match (separator, cells) {
        (':', _) => &oxidized,
        (';', [_, _, state, ..]) if matches!(state.as_str(), "up" | "down") => &oxidized[..2],
        _ => return by_look(cells),
    };
    (0..cells.len()).map(|at| order.get(at).copied().unwrap_or(Column::Ignored)).collect()
}

fn by_look(cells: &[String]) -> Vec<Column> {
    let mut has_name = false;
    let look = |cell: &String| {
        if cell.parse::<std::net::IpAddr>().is_ok() {
            Column::Address
        } else if shipped_key(cell).is_some() {
            Column::Platform
        } else if has_name {
            Column::Ignored
        } else {
            has_name = true;
            Column::Hostname
        }
    };
    cells.iter().map(look).collect()
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
        Ok(plain) => first(&plain, ','),
        Err(Unreadable::Empty) => Vec::new(),
        Err(other) => return Err(vec![fault("", other.to_string())]),
    };
    // A first line that names no column is a row: it may hold a password, so nothing of it is repeated (S-47).
    if !cells.iter().any(|name| required.contains(&name.to_lowercase().as_str())) {
        return Err(vec![fault("", format!("The first line must name the columns: {}.", known.join(", ")))]);
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
        let number = record.position().map_or(0, csv::Position::line);
        // router.db leaves out what it does not need.
        let is_whole = record.len() == width || mapping.separator == ':';
        let cells = if is_whole { decoded(&record) } else { Err(uneven(record.len(), mapping)) };
        rows.push(Line { number, cells });
    }
    Ok(Table { header, rows })
}

fn decoded(record: &csv::ByteRecord) -> Result<Vec<String>, String> {
    let cells: Result<Vec<_>, _> = record.iter().map(|cell| String::from_utf8(cell.to_vec())).collect();
    cells.map_err(|_| "The line is not UTF-8; save the file as UTF-8.".to_owned())
}

fn uneven(len: usize, mapping: &Mapping) -> String {
    let (first, width) = (if mapping.has_header { "header" } else { "first line" }, mapping.columns.len());
    let separator = match mapping.separator {
        ',' => "commas",
        ';' => "semicolons",
        '\t' => "tabs",
        _ => "separators",
    };
    format!("The line has {len} fields, the {first} {width}; check its {separator} and quotes.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_headers_and_columns_are_guessed() {
        use Column::{Address, Hostname, Ignored, Password, Platform, SerialNumber, Tags, Username};
        for (text, separator, has_header, columns) in [
            ("hostname,address,platform\na,1.2.3.4,frr\n", ',', true, &[Hostname, Address, Platform][..]),
            (
                "\u{feff}Name;IP Address;Device Type;Site;Serial\n",
                ';',
                true,
                &[Hostname, Address, Platform, Tags, SerialNumber],
            ),
            ("host\tip\thost\n", '\t', true, &[Hostname, Address, Ignored]),
            ("\n\nr1:ios:u:p\n", ':', false, &[Hostname, Platform, Username, Password]),
            ("r1.example.net;cisco;up\n", ';', false, &[Hostname, Platform, Ignored]),
            ("192.0.2.1,core,cisco_ios,x\n", ',', false, &[Address, Hostname, Platform, Ignored]),
            ("2001:db8::1,core\n", ',', false, &[Address, Hostname]),
            ("2001:db8:0:0:0:0:0:1\n", ',', false, &[Address]),
        ] {
            let mapping = guess(text.as_bytes()).unwrap();
            assert_eq!((mapping.separator, mapping.has_header), (separator, has_header), "{text}");
            assert_eq!(mapping.columns, columns, "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (bytes, why) in [
            (&b""[..], Unreadable::Empty),
            (b" \r\n\t", Unreadable::Empty),
            (b"\x1f\x8b\x08", Unreadable::Packed),
            (b"PK\x03\x04xl", Unreadable::Packed),
            (b"a,b\0", Unreadable::NotText),
        ] {
            assert_eq!(guess(bytes), Err(why), "{bytes:?}");
        }
        assert_eq!(guess("a,".repeat(100).as_bytes()), Err(Unreadable::Columns));
    }

    proptest::proptest! {
        #[test]
        fn whatever_it_is_it_is_read_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            if let Ok(mapping) = guess(&bytes) {
                let _ = read(&bytes, &mapping, MAX_ROWS);
            }
        }
    }
}
