//! What a row says in one of its cells.

use std::net::IpAddr;

use crate::{
    domain::{
        csv_cell,
        device::Transport,
        import::{Column, Mapping},
    },
    service::import::row::yes_or_no,
    store::imports::KnownDevice,
};

/// The text of a row's cell; what it leaves blank is what is known of the device, or what other cells say.
pub(super) fn cell<'a>(
    (cells, mapping): (&'a [String], &'a Mapping),
    known: Option<&'a KnownDevice>,
    column: Column,
) -> &'a str {
    let plain = |column: Column| {
        let text = mapping.position(column).and_then(|at| cells.get(at)).map_or("", String::as_str);
        // A password may begin or end with a space, and with what looks like a formula.
        match csv_cell::unguard(text).trim() {
            _ if column.is_secret() => text,
            text if column == Column::Address => without_mask(text),
            text => text,
        }
    };
    let given = plain(column);
    match (column, known) {
        _ if !given.is_empty() => given,
        (Column::Hostname, _) if mapping.position(Column::Hostname).is_none() => plain(Column::Address),
        (Column::Address, Some(known)) => &known.address,
        (Column::Address, None) if mapping.position(Column::Address).is_none() => plain(Column::Hostname),
        (Column::Port, Some(known)) => port(known, plain(Column::Transport)),
        (Column::Platform, Some(known)) => &known.platform,
        (Column::Platform, None) => &mapping.platform,
        (Column::Transport, Some(known)) => &known.transport,
        (Column::Description, Some(known)) => &known.description,
        (Column::SerialNumber, Some(known)) => &known.serial_number,
        (Column::FurtherAddresses, Some(known)) => &known.further,
        (Column::Algorithms, Some(known)) => known.reach.algorithms.as_str(),
        (Column::Enabled, Some(known)) => yes_or_no(known.is_enabled),
        _ => "",
    }
}

/// An address without the length of its network, which `NetBox` writes behind it.
fn without_mask(text: &str) -> &str {
    match text.split_once('/') {
        Some((address, length)) if address.parse::<IpAddr>().is_ok() && length.parse::<u8>().is_ok() => {
            address
        }
        _ => text,
    }
}

/// The port of a device that the row gives none: its own, but for one at the usual port of another transport than is
/// given.
fn port<'a>(known: &'a KnownDevice, given: &str) -> &'a str {
    let is_usual =
        known.transport.parse::<Transport>().is_ok_and(|it| it.port().get().to_string() == known.port);
    if is_usual && !given.is_empty() && given != known.transport { "" } else { &known.port }
}
