//! What a device is called and where it is reached.

use std::{net::IpAddr, str::FromStr};

use crate::domain::text_enum;

text_enum! {
    /// How a device is reached.
    pub enum Transport {
        /// SSH, RFC 4251.
        Ssh = "ssh",
        /// Telnet, RFC 854: everything crosses in clear text.
        Telnet = "telnet",
        /// HTTPS, RFC 9110 over TLS.
        Https = "https",
    }
}

impl Transport {
    /// Where a device listens for it where nobody says otherwise.
    pub const fn port(self) -> Port {
        match self {
            Self::Ssh => Port::SSH,
            Self::Telnet => Port::TELNET,
            Self::Https => Port::HTTPS,
        }
    }

    /// Whether passwords cross the network in clear text.
    pub const fn is_clear_text(self) -> bool {
        matches!(self, Self::Telnet)
    }
}

/// A device's name: 1 to 255 letters, digits, dots, dashes, underscores, slashes; compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceName(String);

/// Why a text is not a device name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDeviceName {
    /// Nothing.
    #[error("Give the device a name.")]
    Empty,
    /// Too long.
    #[error("Use at most 255 characters.")]
    Long,
    /// A character that is not allowed.
    #[error("Use letters, digits, dots, dashes, underscores and slashes only.")]
    Symbols,
}

impl DeviceName {
    /// As the person wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two names are compared.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for DeviceName {
    type Err = InvalidDeviceName;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let name = raw.trim();
        match name.chars().count() {
            0 => Err(InvalidDeviceName::Empty),
            256.. => Err(InvalidDeviceName::Long),
            _ if !name.chars().all(|c| c.is_alphanumeric() || "._-/".contains(c)) => {
                Err(InvalidDeviceName::Symbols)
            }
            _ => Ok(Self(name.to_owned())),
        }
    }
}

/// Where a device is: an IP address or a host name of RFC 1123.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

/// A text that can be neither an IP address nor a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Nothing.
    #[error("Give an IP address or a host name.")]
    Empty,
    /// Neither form.
    #[error("This is neither an IP address (192.0.2.1, 2001:db8::1) nor a host name (core1.example.net).")]
    Form,
}

impl Address {
    /// The text to resolve.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let text = raw.trim().trim_end_matches('.');
        if text.is_empty() {
            return Err(InvalidAddress::Empty);
        }
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(Self(ip.to_string()));
        }
        let label = |l: &str| {
            (1..=63).contains(&l.len())
                && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        // Digits and dots alone are a mistyped IPv4 address, never a name.
        let numeric = text.chars().all(|c| c.is_ascii_digit() || c == '.');
        if text.len() <= 253 && !numeric && text.split('.').all(label) {
            Ok(Self(text.to_lowercase()))
        } else {
            Err(InvalidAddress::Form)
        }
    }
}

/// A TCP port, 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port(u16);

/// A text that is not a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A port is a number from 1 to 65535.")]
pub struct InvalidPort;

impl Port {
    /// SSH's own.
    pub const SSH: Self = Self(22);

    /// Telnet's own.
    pub const TELNET: Self = Self(23);

    /// HTTPS's own.
    pub const HTTPS: Self = Self(443);

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<i32> for Port {
    type Error = InvalidPort;

    fn try_from(number: i32) -> Result<Self, InvalidPort> {
        u16::try_from(number).ok().filter(|n| *n > 0).map(Self).ok_or(InvalidPort)
    }
}

impl FromStr for Port {
    type Err = InvalidPort;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        raw.trim().parse::<i32>().map_err(|_| InvalidPort)?.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_ips_or_host_names() {
        for (raw, want) in [
            ("192.0.2.1", Some("192.0.2.1")),
            (" 2001:DB8::1 ", Some("2001:db8::1")),
            ("Core1.example.net.", Some("core1.example.net")),
            ("192.0.2.300", None),
            ("1.2.3", None),
            ("-x", None),
            ("a b", None),
            ("", None),
        ] {
            assert_eq!(raw.parse::<Address>().ok().as_ref().map(Address::as_str), want, "{raw}");
        }
    }

    #[test]
    fn ports_lie_between_1_and_65535() {
        for bad in ["0", "65536", "abc", "-1", ""] {
            assert!(bad.parse::<Port>().is_err(), "{bad}");
        }
        assert_eq!("22".parse::<Port>(), Ok(Port::SSH));
    }

    #[test]
    fn names_hold_no_spaces_or_markup() {
        assert!("core-1.ber/2".parse::<DeviceName>().is_ok());
        assert_eq!("<b>".parse::<DeviceName>(), Err(InvalidDeviceName::Symbols));
        assert_eq!(" ".parse::<DeviceName>(), Err(InvalidDeviceName::Empty));
    }
}
