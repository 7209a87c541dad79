//! How a file is most likely meant: what separates its cells, whether its first line names them, what they mean.

use std::net::IpAddr;

use super::{super::row, MAX_COLUMNS, Unreadable, cells, telling, text};
use crate::{
    domain::import::{Column, Mapping},
    platform::shipped_key,
};

/// How many lines are looked at.
const LOOKED_AT: usize = 200;

/// Meanings in the order in which cells have them.
type Order = &'static [Column];

/// Oxidized's usual order, `name:model:username:password:enable`.
const OXIDIZED: Order =
    &[Column::Hostname, Column::Platform, Column::Username, Column::Password, Column::EnablePassword];

/// The same with an address.
const WITH_ADDRESS: Order = &[
    Column::Hostname,
    Column::Address,
    Column::Platform,
    Column::Username,
    Column::Password,
    Column::EnablePassword,
];

/// The same with a group, as in the example of Oxidized's own documentation.
const WITH_GROUP: Order = &[
    Column::Hostname,
    Column::Address,
    Column::Platform,
    Column::Tags,
    Column::Username,
    Column::Password,
    Column::EnablePassword,
];

/// The same with a group and no account of the device's own.
const GROUP_ALONE: Order = &[Column::Hostname, Column::Address, Column::Platform, Column::Tags];

/// RANCID's: `name;type;up` and a comment; a colon before its release 3.
const RANCID: Order = &[Column::Hostname, Column::Platform, Column::Enabled, Column::Description];

/// How a file with this separator is most likely to be read.
pub fn guess_with(bytes: &[u8], separator: char) -> Result<Mapping, Unreadable> {
    let plain = text(bytes)?;
    let lines: Vec<Vec<String>> =
        telling(&plain).take(LOOKED_AT).map(|line| cells(line, separator)).collect();
    let first = lines.first().map(Vec::as_slice).unwrap_or_default();
    if first.len() > MAX_COLUMNS {
        return Err(Unreadable::Columns);
    }
    let named: Vec<Column> = first.iter().map(|cell| Column::guess(cell)).collect();
    let has_header = named.iter().any(|column| matches!(column, Column::Hostname | Column::Address));
    let columns = if has_header {
        let rows = lines.get(1..).unwrap_or_default();
        by_name(first, named, rows)
    } else {
        by_content(&lines, separator)
    };
    Ok(Mapping { separator, has_header, columns: super::once(columns), platform: String::new() })
}

/// What the header's cells mean: where one is called as we call it, no other is taken for the same. A status is whether a
/// device is backed up only where it says so in all rows; in lists of other programs it may be a number or a place.
fn by_name(header: &[String], guessed: Vec<Column>, rows: &[Vec<String>]) -> Vec<Column> {
    let is_yes_or_no = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.is_empty());
        cells.into_iter().all(|cell| row::enabled(cell).is_some())
    };
    let own = |cell: &String| cell.to_lowercase().parse::<Column>().ok();
    let exact: Vec<Column> = header.iter().filter_map(own).collect();
    let keep = |(at, (cell, column)): (usize, (&String, Column))| {
        let is_meant = own(cell).is_some()
            || !exact.contains(&column) && (column != Column::Enabled || is_yes_or_no(at));
        if is_meant { column } else { Column::Ignored }
    };
    header.iter().zip(guessed).enumerate().map(keep).collect()
}

/// How a file is most likely to be read.
pub fn guess(bytes: &[u8]) -> Result<Mapping, Unreadable> {
    let plain = text(bytes)?;
    let line = telling(&plain).next().unwrap_or_default();
    let count = |separator: char| line.iter().filter(|byte| char::from(**byte) == separator).count();
    let usual =
        [',', ';', '\t', '|'].into_iter().max_by_key(|separator| (count(*separator), *separator == ','));
    let separator = match usual {
        Some(separator) if count(separator) > 0 => separator,
        // Oxidized writes `name:model`; elsewhere a colon is part of an address.
        _ if count(':') > 0 && !is_address(&String::from_utf8_lossy(line)) => ':',
        _ => ',',
    };
    guess_with(bytes, separator)
}

fn is_address(text: &str) -> bool {
    text.trim().parse::<IpAddr>().is_ok()
}

/// The columns of a file without a header: router.db of Oxidized and of RANCID, or by what the first row looks like.
fn by_content(lines: &[Vec<String>], separator: char) -> Vec<Column> {
    let first = lines.first().map(Vec::as_slice).unwrap_or_default();
    let is_platform = |at: usize| first.get(at).is_some_and(|cell| shipped_key(cell).is_some());
    let is_place = |at: usize| first.get(at).is_some_and(|cell| is_address(cell) || cell.contains('.'));
    let is_state = |line: &&Vec<String>| {
        line.get(2).is_some_and(|cell| ["up", "down"].iter().any(|state| cell.eq_ignore_ascii_case(state)))
    };
    let states = lines.iter().filter(is_state).count();
    let order = if matches!(separator, ':' | ';') && states * 2 > lines.len() {
        RANCID
    } else if !matches!(separator, ':' | '|') {
        return by_look(first);
    } else if is_platform(2) && is_place(1) {
        // Nobody writes an account without its password.
        match width(lines, WITH_GROUP.len()) {
            0..=4 => GROUP_ALONE,
            5 | 6 => WITH_ADDRESS,
            _ => WITH_GROUP,
        }
    } else if separator == ':' || is_platform(1) {
        OXIDIZED
    } else {
        return by_look(first);
    };
    let width = if order == RANCID { order.len() } else { width(lines, order.len()) };
    (0..width).map(|at| order.get(at).copied().unwrap_or(Column::Ignored)).collect()
}

/// How many cells a line may have: as many as the longest that `fits`, or as most lines have where those are longer. A line
/// that is longer still has a separator in a password.
fn width(lines: &[Vec<String>], fits: usize) -> usize {
    let widths = || lines.iter().map(Vec::len).filter(|width| *width <= MAX_COLUMNS);
    let often = |width: usize| lines.iter().filter(|line| line.len() == width).count();
    let usual = widths().max_by_key(|width| (often(*width), *width <= fits, *width)).unwrap_or_default();
    if usual > fits { usual } else { widths().filter(|width| *width <= fits).max().unwrap_or(usual) }
}

fn by_look(cells: &[String]) -> Vec<Column> {
    // What stands behind a platform may be a password, and is no name.
    let mut is_named = false;
    let look = |cell: &String| {
        if is_address(cell) {
            Column::Address
        } else if shipped_key(cell).is_some() {
            is_named = true;
            Column::Platform
        } else if is_named {
            Column::Ignored
        } else {
            is_named = true;
            Column::Hostname
        }
    };
    cells.iter().map(look).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{MAX_ROWS, read};
    use super::*;

    #[test]
    fn separators_headers_and_columns_are_guessed() {
        use Column::{
            Address, Description, EnablePassword, Enabled, Hostname, Ignored, Password, Platform,
            SerialNumber, Tags, Username,
        };
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
            ("r1.example.net;cisco;up\n", ';', false, &[Hostname, Platform, Enabled, Description]),
            (
                "# RANCID, old\nr1.example.net:cisco:up\nr2:hp:down:spare\n",
                ':',
                false,
                &[Hostname, Platform, Enabled, Description],
            ),
            (
                "# a, b, c\n\nr1:ios\nr2:ios:u:p\nr3:ios:u:p\n",
                ':',
                false,
                &[Hostname, Platform, Username, Password],
            ),
            (
                "sw1:edgecos:cisco:secret:enable\n",
                ':',
                false,
                &[Hostname, Platform, Username, Password, EnablePassword],
            ),
            ("r1:192.0.2.1:ios:core\n", ':', false, &[Hostname, Address, Platform, Tags]),
            ("r1:ios\nr2:ios\nr3:junos:own:secret\n", ':', false, &[Hostname, Platform, Username, Password]),
            ("10.0.0.1,cisco,secret\n", ',', false, &[Address, Platform, Ignored]),
            ("#hostname,ip,platform\nr1,192.0.2.1,ios\n", ',', true, &[Hostname, Address, Platform]),
            ("hostname,ip,status\nr1,192.0.2.1,1\n", ',', true, &[Hostname, Address, Ignored]),
            ("r1:192.0.2.1:ios:u:p\n", ':', false, &[Hostname, Address, Platform, Username, Password]),
            (
                "r1:192.0.2.1:ios:core:u:p:e\n",
                ':',
                false,
                &[Hostname, Address, Platform, Tags, Username, Password, EnablePassword],
            ),
            ("r1|ios|u|p\n", '|', false, &[Hostname, Platform, Username, Password]),
            (
                "name,device_type,platform,primary_ip4,site,tags,status\n",
                ',',
                true,
                &[Hostname, Ignored, Platform, Address, Ignored, Tags, Enabled],
            ),
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
