//! What the columns of a file mean.

use serde::{Deserialize, Serialize};

use crate::domain::text_enum;

text_enum! {
    /// What a column of a file means.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Column {
        /// The device's name; without this column its address is its name.
        Hostname = "hostname",
        /// Its IP address or host name; without this column its name is its address.
        Address = "address",
        /// Its TCP port.
        Port = "port",
        /// Its platform's key, or what other programs call it.
        Platform = "platform",
        /// How it is reached.
        Transport = "transport",
        /// The account on it.
        Username = "username",
        /// The account's password.
        Password = "password",
        /// For privileged mode.
        EnablePassword = "enable_password",
        /// Its tags.
        Tags = "tags",
        /// Free words.
        Description = "description",
        /// Its serial number.
        SerialNumber = "serial_number",
        /// Which SSH algorithms it may use.
        Algorithms = "algorithms",
        /// Where it is reached where nothing answers at its address.
        FurtherAddresses = "further_addresses",
        /// The name of the jump host that it is reached through.
        JumpHost = "jump_host",
        /// Whether it is backed up: `yes` or `no`, and what other programs say of it.
        Enabled = "enabled",
        /// Nothing that is brought in.
        Ignored = "ignored",
    }
}

impl Column {
    /// The column that people most likely mean by a header's cell: our own names, those of spreadsheets, and those that
    /// Oxidized, RANCID, `NetBox` and `LibreNMS` export.
    pub fn guess(header: &str) -> Self {
        let word: String = header.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        match word.as_str() {
            "hostname" | "name" | "host" | "device" | "devicename" | "node" | "label" | "sysname" => {
                Self::Hostname
            }
            "address" | "ip" | "ipaddress" | "ipaddr" | "ipv4" | "managementip" | "mgmtip" | "primaryip"
            | "primaryip4" | "fqdn" | "addr" => Self::Address,
            "port" | "sshport" | "tcpport" => Self::Port,
            "platform" | "devicetype" | "type" | "model" | "os" | "driver" | "vendor" => Self::Platform,
            "transport" | "protocol" | "method" => Self::Transport,
            "username" | "user" | "login" | "account" => Self::Username,
            "password" | "pass" | "secret" => Self::Password,
            "enablepassword" | "enable" | "enablesecret" => Self::EnablePassword,
            "tags" | "tag" | "group" | "groups" | "site" => Self::Tags,
            "description" | "comment" | "comments" | "notes" | "note" => Self::Description,
            "serialnumber" | "serial" | "serialno" | "sn" => Self::SerialNumber,
            "algorithms" | "sshalgorithms" => Self::Algorithms,
            "furtheraddresses" | "furtheraddress" | "secondaryip" | "oobip" | "consoleip" => {
                Self::FurtherAddresses
            }
            "enabled" | "status" | "state" => Self::Enabled,
            "jumphost" | "jump" | "proxyjump" | "sshproxy" | "bastion" => Self::JumpHost,
            _ => Self::Ignored,
        }
    }

    /// Whether its cells are never shown again (S-47).
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::EnablePassword)
    }
}

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What separates the cells.
    pub separator: char,
    /// Whether the first line names the columns.
    pub has_header: bool,
    /// What each column means; each meaning but `ignored` stands at most once.
    pub columns: Vec<Column>,
    /// The platform of new devices whose row names none; may be empty.
    pub platform: String,
}

impl Mapping {
    /// Where the cells with this meaning stand.
    pub fn position(&self, column: Column) -> Option<usize> {
        self.columns.iter().position(|known| *known == column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_other_programs_are_understood() {
        for (header, column) in [
            ("HostName", Column::Hostname),
            (" Device Name ", Column::Hostname),
            ("Primary IP4", Column::Address),
            ("ip_address", Column::Address),
            ("device_type", Column::Platform),
            ("Enable-Secret", Column::EnablePassword),
            ("Serial No.", Column::SerialNumber),
            ("ProxyJump", Column::JumpHost),
            ("Rack", Column::Ignored),
            ("", Column::Ignored),
        ] {
            assert_eq!(Column::guess(header), column, "{header}");
        }
        // Every name of our own is understood as itself.
        for column in Column::ALL {
            assert_eq!(Column::guess(column.as_str()), *column);
        }
    }
}
