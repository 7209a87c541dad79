//! What a list tells of a platform, read from its file without compiling its patterns.

use serde::Deserialize;

use super::{Platform, file::Proof};
use crate::domain::device::Transport;

/// What a list tells of a platform. A form names all platforms, and compiling the patterns of all to fill it would take
/// 60 MB that most of them never earn back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its key.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// Who makes such devices.
    pub vendor: String,
    /// What other programs call it.
    pub known_as: Vec<String>,
    /// What proves the rules: `capture`, `transcript` or `untested`.
    pub proof: &'static str,
    /// How they are reached; the first is preferred.
    pub transports: Vec<Transport>,
}

#[derive(Deserialize)]
struct Lines {
    key: String,
    title: String,
    vendor: String,
    #[serde(default)]
    known_as: Vec<String>,
    proof: Proof,
    transport: Vec<String>,
}

impl Head {
    /// The head of a file; `None` where it has none.
    pub(super) fn read(source: &str) -> Option<Self> {
        let Lines { key, title, vendor, known_as, proof, transport } = toml::from_str(source).ok()?;
        let transports = transport.iter().filter_map(|word| word.parse().ok()).collect();
        Some(Self { key, title, vendor, known_as, proof: proof.as_str(), transports })
    }
}

impl From<&Platform> for Head {
    fn from(platform: &Platform) -> Self {
        Self {
            key: platform.key().to_owned(),
            title: platform.title().to_owned(),
            vendor: platform.vendor().to_owned(),
            known_as: platform.known_as().to_vec(),
            proof: platform.proof(),
            transports: platform.transports().to_vec(),
        }
    }
}
