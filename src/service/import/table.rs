//! A file as rows of cells: separators, header and columns guessed, every broken line told.

use crate::{
    domain::import::{Column, Mapping},
    platform::without_carriage_returns,
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
    #[error("The file is compressed or a spreadsheet's own format. Unpack it, or save it as CSV, and bring that.")]
    Compressed,
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
pub struct Line {
    /// Counted from 1.
    pub number: u64,
    /// Its cells, or why they cannot be read.
    pub cells: Result<Vec<String>, String>,
}

/// A file as cells.
#[derive(Debug)]
pub struct Table {
    /// The first line, where it names the columns.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Line>,
}

fn text(bytes: &[u8]) -> Result<&[u8], Unreadable> {
    const PACKED: [&[u8]; 6] =
        [b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"\xd0\xcf\x11\xe0"];
    if PACKED.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(Unreadable::Compressed);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(Unreadable::NotText);
    }
    if bytes.iter().all(u8::is_ascii_whitespace) { Err(Unreadable::Empty) } else { Ok(bytes) }
}

fn reader(bytes: &[u8], separator: char, has_header: bool) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .has_headers(has_header)
        .flexible(true)
        .from_reader(bytes)
}

/// How a file is most likely to be read.
pub fn guess(bytes: &[u8]) -> Result<Mapping, Unreadable> {
    let bytes = without_carriage_returns(text(bytes)?.to_vec());
    let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let count = |separator: char| first.iter().filter(|byte| char::from(**byte) == separator).count();
    let usual = [',', ';', '\t', '|'].into_iter().max_by_key(|separator| (count(*separator), *separator == ','));
    let separator = match usual {
        Some(separator) if count(separator) > 0 => separator,
        // Oxidized writes `name:model`; elsewhere a colon is part of an address.
        _ if count(':') > 0 => ':',
        _ => ',',
    };
    let mut record = csv::ByteRecord::new();
    let _ = reader(first, separator, false).read_byte_record(&mut record);
    let cells: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
    if cells.len() > MAX_COLUMNS {
        return Err(Unreadable::Columns);
    }
    let named: Vec<Column> = cells.iter().map(|cell| Column::guess(cell)).collect();
    let has_header = named.iter().any(|column| matches!(column, Column::Hostname | Column::Address));
    let columns = if has_header { named } else { by_content(&cells, separator) };
    Ok(Mapping { separator, has_header, columns: once(columns) })
}

/// The columns of a file without a header: router.db of Oxidized (`name:model:username:password`) and of RANCID
/// (`name;type;up`), or by what the first row looks like.
fn by_content(cells: &[String], separator: char) -> Vec<Column> {
    let order: &[Column] = match (separator, cells) {
        (':', _) => &[
            Column::Hostname,
            Column::Platform,
            Column::Username,
            Column::Password,
            Column::EnablePassword,
        ],
        (';', [_, _, state, ..]) if matches!(state.as_str(), "up" | "down") => &[Column::Hostname, Column::Platform],
        _ => {
            let mut has_name = false;
            let look = |cell: &String| {
                if cell.parse::<std::net::IpAddr>().is_ok() {
                    Column::Address
                } else if super::row::platform_alias(&cell.to_lowercase()).is_some() {
                    Column::Platform
                } else if has_name {
                    Column::Ignored
                } else {
                    has_name = true;
                    Column::Hostname
                }
            };
            return cells.iter().map(look).collect();
        }
    };
    (0..cells.len()).map(|at| order.get(at).copied().unwrap_or(Column::Ignored)).collect()
}

/// Each meaning at its first column only.
fn once(columns: Vec<Column>) -> Vec<Column> {
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

/// The cells of a file.
pub fn read(bytes: &[u8], mapping: &Mapping) -> Result<Table, Unreadable> {
    let bytes = without_carriage_returns(text(bytes)?.to_vec());
    let mut reader = reader(&bytes, mapping.separator, mapping.has_header);
    let header = if mapping.has_header {
        let cells = reader.byte_headers().map_err(|_| Unreadable::NotText)?;
        cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
    } else {
        Vec::new()
    };
    let (mut rows, mut width) = (Vec::new(), header.len());
    for record in reader.byte_records() {
        if rows.len() >= MAX_ROWS {
            return Err(Unreadable::Rows);
        }
        let record = record.map_err(|_| Unreadable::NotText)?;
        if record.len() > MAX_COLUMNS {
            return Err(Unreadable::Columns);
        }
        if width == 0 {
            width = record.len();
        }
        let cells = if record.len() == width || mapping.separator == ':' {
            let decoded: Result<Vec<_>, _> =
                record.iter().map(|cell| String::from_utf8(cell.to_vec())).collect();
            decoded.map_err(|_| "The line is not UTF-8; save the file as UTF-8.".to_owned())
        } else {
            Err(format!("The line has {} cells, the first {width}; check its separators and quotes.", record.len()))
        };
        rows.push(Line { number: record.position().map_or(0, csv::Position::line), cells });
    }
    if rows.is_empty() { Err(Unreadable::Empty) } else { Ok(Table { header, rows }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_headers_and_columns_are_guessed() {
        use Column::{Address, Hostname, Ignored, Password, Platform, Tags, Username};
        for (text, separator, has_header, columns) in [
            ("hostname,address,platform\na,1.2.3.4,frr\n", ',', true, &[Hostname, Address, Platform][..]),
            ("\u{feff}Name;IP Address;Device Type;Site;Serial\n", ';', true, &[Hostname, Address, Platform, Tags, Ignored]),
            ("host\tip\thost\n", '\t', true, &[Hostname, Address, Ignored]),
            ("r1:ios:u:p\n", ':', false, &[Hostname, Platform, Username, Password]),
            ("r1.example.net;cisco;up\n", ';', false, &[Hostname, Platform, Ignored]),
            ("192.0.2.1,core,cisco_ios,x\n", ',', false, &[Address, Hostname, Platform, Ignored]),
            ("2001:db8::1,core\n", ',', false, &[Address, Hostname]),
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
            (b"\x1f\x8b\x08", Unreadable::Compressed),
            (b"PK\x03\x04xl", Unreadable::Compressed),
            (b"a,b\0", Unreadable::NotText),
        ] {
            assert_eq!(guess(bytes), Err(why), "{bytes:?}");
        }
        assert_eq!(guess("a,".repeat(100).as_bytes()), Err(Unreadable::Columns));
    }
}
