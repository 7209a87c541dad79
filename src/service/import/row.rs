//! One row of an import: every fault in it is told.

use std::{fmt::Display, str::FromStr};

use super::RowError;
use crate::{
    domain::{
        credential::{Login, NewCredential},
        device::{Address, DeviceName, NewDevice, Port, Transport},
        secret::Secret,
        tag::TagName,
    },
    platform::visible,
    service::Core,
};

/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 1_000;

/// A row while it is read.
struct Row<'a> {
    line: u64,
    cell: &'a dyn Fn(&str) -> &'a str,
    errors: Vec<RowError>,
}

impl Row<'_> {
    fn fault(&mut self, field: &str, message: impl Display) {
        let value = (self.cell)(field).chars().take(80).collect();
        self.errors.push(RowError {
            line: self.line,
            field: field.to_owned(),
            value,
            message: message.to_string(),
        });
    }

    /// The cell's value; `usual` where it is empty.
    fn parsed<T: FromStr<Err: Display>>(&mut self, field: &str, usual: Option<T>) -> Option<T> {
        let text = (self.cell)(field);
        if text.is_empty() && usual.is_some() {
            return usual;
        }
        text.parse().map_err(|error: T::Err| self.fault(field, error)).ok()
    }

    fn platform(&mut self, core: &Core) -> String {
        let platform = (self.cell)("platform").to_lowercase();
        if !core.platforms.keys().contains(&platform.as_str()) {
            let known = core.platforms.keys().join(", ");
            self.fault("platform", format!("This is not a platform; known are: {known}."));
        }
        platform
    }

    fn credential(&mut self) -> Option<NewCredential> {
        let secret = |name: &str| Some((self.cell)(name)).filter(|text| !text.is_empty()).map(Secret::new);
        let (password, enable) = (secret("password"), secret("enable_password"));
        let username = (self.cell)("username").to_owned();
        if username.is_empty() && (password.is_some() || enable.is_some()) {
            self.fault("username", "A password needs a username.");
        }
        (!username.is_empty()).then(|| NewCredential {
            username,
            password,
            enable,
            ..NewCredential::default()
        })
    }

    fn description(&mut self) -> String {
        let text = (self.cell)("description").to_owned();
        if text.chars().count() > DESCRIPTION_MAX {
            self.fault("description", format!("Use at most {DESCRIPTION_MAX} characters."));
        }
        visible(&text)
    }
}

/// The device of a row, or everything that is wrong with the row.
pub(super) fn device<'a>(
    core: &Core,
    line: u64,
    cell: &'a dyn Fn(&str) -> &'a str,
) -> Result<NewDevice, Vec<RowError>> {
    let mut row = Row { line, cell, errors: Vec::new() };
    let name = row.parsed::<DeviceName>("hostname", None);
    let address = row.parsed::<Address>("address", None);
    let port = row.parsed("port", Some(Port::SSH));
    let transport = row.parsed("transport", Some(Transport::Ssh));
    let platform = row.platform(core);
    let tags = TagName::list(cell("tags")).map_err(|error| row.fault("tags", error)).ok();
    let (credential, description) = (row.credential(), row.description());
    match (name, address, port, transport, tags) {
        (Some(name), Some(address), Some(port), Some(transport), Some(tags)) if row.errors.is_empty() => {
            Ok(NewDevice {
                name,
                address,
                port,
                platform,
                transport,
                description,
                is_enabled: true,
                credential,
                login: Login::Own,
                tags,
                serial_number: cell("serial_number").to_owned(),
                owner: None,
            })
        }
        _ => Err(row.errors),
    }
}
