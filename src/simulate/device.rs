//! What a simulated device is.

use std::{sync::Arc, time::Duration};

use russh::keys::PublicKey;

use super::{
    capture::Capture,
    configuration::{self, Wanted},
    fault::Faults,
    identity::Identity,
    record::Record,
};
use crate::domain::{device::Transport, secret::Secret, text_enum};

text_enum! {
    /// The operating systems that can be played without a recording.
    pub enum Platform {
        /// Cisco IOS and IOS-XE.
        CiscoIos = "cisco_ios",
        /// Arista EOS.
        AristaEos = "arista_eos",
        /// Juniper Junos.
        JuniperJunos = "juniper_junos",
        /// `MikroTik` `RouterOS` 7.
        MikrotikRouteros = "mikrotik_routeros",
        /// `FRRouting`'s shell.
        Frr = "frr",
        /// A Linux host whose files are the configuration.
        Linux = "linux",
        /// Palo Alto PAN-OS over its XML API.
        PaloaltoPanosApi = "paloalto_panos_api",
    }
}

text_enum! {
    /// How a device lets people in.
    pub enum AuthMethod {
        /// The password, at once.
        Password = "password",
        /// The password, as the answer to the device's question.
        KeyboardInteractive = "keyboard-interactive",
        /// A key that the device knows.
        PublicKey = "publickey",
    }
}

/// Stands for the device's name in a configuration that many devices share; replaced when it is shown.
pub const HOSTNAME: &str = "%HOSTNAME%";

/// A device to simulate. Made by [`Device::new`] and changed field by field.
#[derive(Debug, Clone)]
pub struct Device {
    /// What it runs, and so how it talks.
    pub platform: Platform,
    /// How it is reached.
    pub transport: Transport,
    /// Its name, as its prompt shows it.
    pub hostname: String,
    /// The account that is let in.
    pub username: String,
    /// The password of that account.
    pub password: Secret,
    /// The secret of privileged mode; `None` starts in privileged mode.
    pub enable: Option<Secret>,
    /// A key that is let in besides the password.
    pub authorized_key: Option<PublicKey>,
    /// What it offers to prove who one is.
    pub auth: Vec<AuthMethod>,
    /// What is wrong with it at the start.
    pub faults: Faults,
    /// Time before every answer.
    pub latency: Duration,
    /// Its configuration at the start, without the lines that move at every fetch.
    pub configuration: Arc<str>,
    /// A recording to play instead of the built-in personality.
    pub capture: Option<Arc<Capture>>,
    /// Its host key; `None` makes a new one when it starts. Clones share theirs.
    pub identity: Option<Identity>,
    /// A sentence for the inventory.
    pub description: String,
    /// Tags for the inventory.
    pub tags: Vec<String>,
    /// Where its connections are written down.
    pub record: Option<Record>,
}

impl Device {
    /// A working device with a generated configuration of about 12 kB, the account `netraven` and the
    /// password `simulated`; EOS asks for it by keyboard-interactive only, as the real ones do.
    pub fn new(platform: Platform, hostname: &str) -> Self {
        let wanted = Wanted { platform, hostname, seed: 1, bytes: 12_000 };
        let auth = match platform {
            Platform::AristaEos => vec![AuthMethod::KeyboardInteractive, AuthMethod::PublicKey],
            Platform::CiscoIos
            | Platform::JuniperJunos
            | Platform::MikrotikRouteros
            | Platform::Frr
            | Platform::Linux => AuthMethod::ALL.to_vec(),
            Platform::PaloaltoPanosApi => vec![AuthMethod::Password],
        };
        Self {
            platform,
            transport: if platform == Platform::PaloaltoPanosApi { Transport::Https } else { Transport::Ssh },
            hostname: hostname.to_owned(),
            username: "netraven".to_owned(),
            password: Secret::new("simulated"),
            enable: None,
            authorized_key: None,
            auth,
            faults: Faults::none(),
            latency: Duration::ZERO,
            configuration: configuration::generate(&wanted).into(),
            capture: None,
            identity: None,
            description: String::new(),
            tags: Vec::new(),
            record: None,
        }
    }

    /// A device that plays `capture`; what it was not asked when it was recorded is answered in the
    /// manner of its platform.
    pub fn playing(capture: Capture, hostname: &str) -> Self {
        let platform = capture.personality();
        Self {
            capture: Some(Arc::new(capture)),
            configuration: "".into(),
            auth: AuthMethod::ALL.to_vec(),
            ..Self::new(platform, hostname)
        }
    }

    /// The same device with `faults`.
    #[must_use]
    pub fn with_faults(mut self, faults: impl Into<Faults>) -> Self {
        self.faults = faults.into();
        self
    }

    /// The same device with privileged mode behind `secret`. Only IOS and EOS know one.
    #[must_use]
    pub fn with_enable(mut self, secret: &str) -> Self {
        self.enable = Some(Secret::new(secret));
        self
    }

    /// The same device, reached by telnet.
    #[must_use]
    pub fn by_telnet(mut self) -> Self {
        self.transport = Transport::Telnet;
        self
    }

    /// The key that it gives who signs in by HTTPS.
    pub fn api_key(&self) -> String {
        super::https::key(&self.hostname)
    }

    /// The platform as an inventory names it: its key, or the recorder's word for what it plays.
    pub fn platform_name(&self) -> &str {
        self.capture.as_ref().map_or(self.platform.as_str(), |capture| capture.model())
    }
}
