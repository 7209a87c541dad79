//! How a device is reached beyond its address, port and transport.

use std::{fmt, str::FromStr};

use super::{Address, InvalidAddress, InvalidPort, Port};
use crate::domain::{id::JumpHostId, text_enum};

text_enum! {
    /// Which SSH algorithms may be agreed on with a device (S-61).
    #[derive(Default)]
    pub enum Algorithms {
        /// Those without a known weakness.
        #[default]
        Modern = "modern",
        /// Those, and where a device has none of them, the old ones: SHA-1, CBC, small groups.
        Legacy = "legacy",
    }
}

impl Algorithms {
    /// Whether old ones may be agreed on.
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::Legacy)
    }
}

/// Another address of a device, such as that of the console server in front of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherAddress {
    /// Where it is.
    pub address: Address,
    /// Where it listens there; `None` at the device's own port.
    pub port: Option<Port>,
}

/// Why a text is no list of further addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFurther {
    /// Not an address.
    #[error("\"{0}\": {1}")]
    Address(String, InvalidAddress),
    /// Not a port.
    #[error("\"{0}\": {1}")]
    Port(String, InvalidPort),
    /// More than are tried.
    #[error("Give at most {} further addresses.", FurtherAddress::MOST)]
    Many,
}

impl FurtherAddress {
    /// So many does a device have at most: each may take the whole time for connecting.
    pub const MOST: usize = 8;

    /// The addresses of a list that is separated by lines, spaces, commas or semicolons.
    pub fn list(text: &str) -> Result<Vec<Self>, InvalidFurther> {
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
        let all = words.filter(|word| !word.is_empty()).map(str::parse).collect::<Result<Vec<Self>, _>>()?;
        if all.len() > Self::MOST { Err(InvalidFurther::Many) } else { Ok(all) }
    }
}

impl FromStr for FurtherAddress {
    type Err = InvalidFurther;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let (host, port) = match raw.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, Some(rest.strip_prefix(':').unwrap_or(rest))),
            // More than one colon is an address of IPv6.
            None => match raw.split_once(':') {
                Some((host, port)) if !port.contains(':') => (host, Some(port)),
                _ => (raw, None),
            },
        };
        let address = host.parse().map_err(|why| InvalidFurther::Address(raw.to_owned(), why))?;
        let port = port.map(str::parse).transpose();
        Ok(Self { address, port: port.map_err(|why| InvalidFurther::Port(raw.to_owned(), why))? })
    }
}

impl fmt::Display for FurtherAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.address.as_str();
        match self.port {
            None => f.write_str(host),
            Some(port) if host.contains(':') => write!(f, "[{host}]:{}", port.get()),
            Some(port) => write!(f, "{host}:{}", port.get()),
        }
    }
}

/// How a device is reached beyond its address, port and transport; as most are, where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Which SSH algorithms may be agreed on.
    pub algorithms: Algorithms,
    /// What is tried in this order where nothing answers at the device's own address.
    pub further: Vec<FurtherAddress>,
    /// Through which jump host; `None` straight from here.
    pub jump_host: Option<JumpHostId>,
}

impl Reach {
    /// The further places of a device that listens at this port where nobody says otherwise.
    pub fn further_places(&self, port: u16) -> Vec<(String, u16)> {
        let place = |it: &FurtherAddress| (it.address.as_str().to_owned(), it.port.map_or(port, Port::get));
        self.further.iter().map(place).collect()
    }

    /// The further addresses as one text, each behind the next.
    pub fn further_text(&self, separator: &str) -> String {
        let all: Vec<String> = self.further.iter().map(ToString::to_string).collect();
        all.join(separator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_addresses_are_hosts_with_or_without_a_port() {
        let list = FurtherAddress::list("192.0.2.1\r\noob.example.net:2201, [2001:DB8::1]:830;2001:db8::2\n")
            .unwrap();
        let told: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["192.0.2.1", "oob.example.net:2201", "[2001:db8::1]:830", "2001:db8::2"]);
        let reach = Reach { further: list, ..Reach::default() };
        assert_eq!(FurtherAddress::list(&reach.further_text("\n")).unwrap(), reach.further);
        let ports: Vec<u16> = reach.further_places(22).into_iter().map(|(_, port)| port).collect();
        assert_eq!(ports, [22, 2201, 830, 22]);
        assert_eq!(FurtherAddress::list(" \n").unwrap(), []);
    }

    #[test]
    fn what_is_no_address_is_told_with_its_text() {
        for (raw, told) in [
            ("192.0.2.1 1.2.3", "\"1.2.3\": This is neither"),
            ("host:0", "\"host:0\": A port is"),
            ("host:", "\"host:\": A port is"),
            ("[2001:db8::1]x", "\"[2001:db8::1]x\": A port is"),
            (":22", "\":22\": Give an IP address"),
        ] {
            let error = FurtherAddress::list(raw).unwrap_err().to_string();
            assert!(error.starts_with(told), "{raw}: {error}");
        }
        let many = "a b c d e f g h i";
        assert_eq!(FurtherAddress::list(many), Err(InvalidFurther::Many));
    }
}
