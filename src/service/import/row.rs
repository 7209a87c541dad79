//! One row of an import: every fault in it is told.

use std::{borrow::Cow, fmt::Display, net::IpAddr, str::FromStr};

use crate::{
    domain::{
        access::Actor,
        credential::{Login, NewCredential},
        device::{Address, Algorithms, DeviceName, FurtherAddress, NewDevice, Port, Reach, Transport},
        id::JumpHostId,
        import::{Column, Complaint},
        jump_host::JumpHost,
        secret::Secret,
        tag::TagName,
    },
    platform::visible,
    service::{Core, devices},
};

/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 1_000;

/// The longest serial number, in characters.
const SERIAL_MAX: usize = 100;

/// The names of the jump hosts that there are.
pub(super) struct JumpHosts(Vec<(JumpHostId, String)>);

impl JumpHosts {
    pub(super) fn new(all: Vec<JumpHost>) -> Self {
        Self(all.into_iter().map(|host| (host.id, host.name)).collect())
    }

    /// The name of one; empty for none.
    pub(super) fn name(&self, id: Option<JumpHostId>) -> &str {
        self.0.iter().find(|(known, _)| Some(*known) == id).map_or("", |(_, name)| name)
    }

    /// The one with this name, regardless of case; `None` where nothing is named.
    fn named(&self, name: &str) -> Result<Option<JumpHostId>, String> {
        if name.is_empty() {
            return Ok(None);
        }
        let wanted = name.to_lowercase();
        if let Some((id, _)) = self.0.iter().find(|(_, known)| known.to_lowercase() == wanted) {
            return Ok(Some(*id));
        }
        let known: Vec<&str> = self.0.iter().take(10).map(|(_, name)| name.as_str()).collect();
        Err(match known.as_slice() {
            [] => "There is no jump host yet. Add it first.".to_owned(),
            known => format!("There is no such jump host. There are: {}.", known.join(", ")),
        })
    }
}

/// A cell as people may see it. What holds separators where one word is due may be a whole line that was taken apart in the
/// wrong way, with a password in it (S-47): of that, the first word.
pub(super) fn shown(column: Column, cell: &str) -> Cow<'_, str> {
    let is_word = matches!(
        column,
        Column::Hostname | Column::Address | Column::Platform | Column::Transport | Column::Port
    );
    let cell = cell.trim();
    let separator = |letter: char| matches!(letter, ':' | ';' | '|' | ',' | '\t' | '=');
    if !is_word || is_place(cell) || !cell.contains(separator) {
        return Cow::Borrowed(cell);
    }
    let blank = |letter: char| separator(letter) || letter.is_whitespace();
    Cow::Owned(cell.split(blank).next().unwrap_or_default().chars().take(40).collect::<String>() + "…")
}

/// Whether this is an address, alone, with the length of its network, or with a port.
fn is_place(cell: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_ip = |text: &str| text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    let (front, behind) = cell.rsplit_once(['/', ':']).unwrap_or((cell, "0"));
    is_ip(cell)
        || (is_number(behind) && (is_ip(front) || !front.contains([':', ';', '|', ',', '\t', '=', ' '])))
}

/// Whether a device is backed up, as a list of ours says it.
pub(super) fn yes_or_no(is_enabled: bool) -> &'static str {
    if is_enabled { "yes" } else { "no" }
}

/// Whether a device is backed up, as lists say it: ours, RANCID's, `NetBox`'s.
pub(super) fn enabled(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "yes" | "true" | "on" | "up" | "active" | "enabled" => Some(true),
        "no" | "false" | "off" | "down" | "disabled" | "offline" | "planned" | "staged" | "inventory"
        | "failed" | "decommissioning" | "retired" => Some(false),
        _ => None,
    }
}

/// A row while it is read.
struct Row<'a> {
    cell: &'a dyn Fn(Column) -> &'a str,
    faults: Vec<Complaint>,
}

impl Row<'_> {
    fn fault(&mut self, column: Column, message: impl Display) {
        let value = shown(column, (self.cell)(column)).chars().take(80).collect();
        self.faults.push(Complaint { column: column.as_str(), value, message: message.to_string() });
    }

    /// The cell's value; `usual` where it is empty.
    fn parsed<T: FromStr<Err: Display>>(&mut self, column: Column, usual: Option<T>) -> Option<T> {
        let text = (self.cell)(column);
        if text.is_empty() && usual.is_some() {
            return usual;
        }
        text.parse().map_err(|error: T::Err| self.fault(column, error)).ok()
    }

    fn platform(&mut self, core: &Core) -> String {
        let word = (self.cell)(Column::Platform);
        core.platforms.named(word).unwrap_or_else(|| {
            let instead = core.platforms.instead_of(&word.to_lowercase());
            self.fault(Column::Platform, format!("This is not a platform; {instead}."));
            word.to_owned()
        })
    }

    fn credential(&mut self) -> Option<NewCredential> {
        let secret = |column| Some((self.cell)(column)).filter(|text| !text.is_empty()).map(Secret::new);
        let (password, enable) = (secret(Column::Password), secret(Column::EnablePassword));
        let username = (self.cell)(Column::Username).to_owned();
        if username.is_empty() && (password.is_some() || enable.is_some()) {
            self.fault(Column::Username, "A password needs a username.");
        }
        (!username.is_empty()).then(|| NewCredential {
            username,
            password,
            enable,
            ..NewCredential::default()
        })
    }

    fn enabled(&mut self) -> bool {
        let word = (self.cell)(Column::Enabled);
        enabled(word).unwrap_or_else(|| {
            if !word.is_empty() {
                self.fault(Column::Enabled, "Say yes or no, or up or down.");
            }
            true
        })
    }

    fn free(&mut self, column: Column, most: usize) -> String {
        let text = (self.cell)(column).to_owned();
        if text.chars().count() > most {
            self.fault(column, format!("Use at most {most} characters."));
        }
        visible(&text)
    }
}

/// The device of a row, which was reached `before` in some way, or everything that is wrong with the row.
pub(super) fn device<'a>(
    (core, by): (&Core, &Actor),
    hosts: &JumpHosts,
    cell: &'a dyn Fn(Column) -> &'a str,
    before: Option<Transport>,
) -> Result<NewDevice, Vec<Complaint>> {
    let mut row = Row { cell, faults: Vec::new() };
    let name = row.parsed::<DeviceName>(Column::Hostname, None);
    let address = row.parsed::<Address>(Column::Address, None);
    let platform = row.platform(core);
    let ways = core.platforms.head(&platform).map(|head| head.transports).unwrap_or_default();
    // Where there is SSH, it is what is meant; some devices are reached in another way only.
    let usual = ways.first().copied().filter(|_| !ways.contains(&Transport::Ssh)).unwrap_or(Transport::Ssh);
    let transport = row.parsed(Column::Transport, Some(usual));
    let port = row.parsed(Column::Port, Some(transport.map_or(Port::SSH, Transport::port)));
    let algorithms = row.parsed(Column::Algorithms, Some(Algorithms::default()));
    if let Some(Err(refused)) =
        transport.map(|transport| devices::transport(core, by, (&platform, transport), before))
    {
        row.fault(Column::Transport, refused);
    }
    let tags = TagName::list(cell(Column::Tags)).map_err(|error| row.fault(Column::Tags, error)).ok();
    let credential = row.credential();
    let description = row.free(Column::Description, DESCRIPTION_MAX);
    let is_enabled = row.enabled();
    let serial_number = row.free(Column::SerialNumber, SERIAL_MAX);
    let further = FurtherAddress::list(cell(Column::FurtherAddresses));
    let further = further.map_err(|error| row.fault(Column::FurtherAddresses, error)).ok();
    let jump_host = hosts.named(cell(Column::JumpHost));
    let jump_host = jump_host.map_err(|error| row.fault(Column::JumpHost, error)).unwrap_or_default();
    let reach = algorithms.zip(further);
    let reach = reach.map(|(algorithms, further)| Reach { algorithms, further, jump_host });
    match (name, address, port, transport, tags, reach) {
        (Some(name), Some(address), Some(port), Some(transport), Some(tags), Some(reach))
            if row.faults.is_empty() =>
        {
            Ok(NewDevice {
                name,
                address,
                port,
                platform,
                transport,
                description,
                is_enabled,
                credential,
                login: Login::Own,
                tags,
                serial_number,
                owner: None,
                time_limit: None,
                reach,
            })
        }
        _ => Err(row.faults),
    }
}
