//! Whom to talk to, how long to wait, and who is told.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{Hop, Tape};
use crate::{
    domain::{
        device::{Algorithms, Transport},
        entry::Level,
        failure::Stage,
        host_key::{HostKey, HostKeyVerdict},
        secret::Secret,
    },
    platform::Platform,
};

/// A name or an address, and a port.
pub type Place = (String, u16);

/// A device and what it takes to be let in.
#[derive(Debug, Clone)]
pub struct Target {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Where it is tried after that, in this order, where nothing answers.
    pub further: Vec<Place>,
    /// The jump hosts that it is reached through, the one that is reached first at first.
    pub way: Vec<Hop>,
    /// How it is reached.
    pub transport: Transport,
    /// Which SSH algorithms may be agreed on.
    pub algorithms: Algorithms,
    /// The account.
    pub username: String,
    /// The account's password.
    pub password: Option<Secret>,
    /// The password of privileged mode.
    pub enable: Option<Secret>,
    /// A private key in OpenSSH, PEM or `PuTTY` form.
    pub private_key: Option<Secret>,
    /// What the private key is encrypted with.
    pub passphrase: Option<Secret>,
    /// How long each stage may take.
    pub deadlines: Deadlines,
    /// Goes off as soon as the device has let us in, long before the session is over.
    pub let_in: CancellationToken,
}

impl Target {
    /// Where it is tried, in this order.
    pub fn places(&self) -> Vec<Place> {
        [vec![(self.host.clone(), self.port)], self.further.clone()].concat()
    }

    /// The same device at one of its places only.
    #[must_use]
    pub fn at(&self, (host, port): &Place) -> Self {
        Self { host: host.clone(), port: *port, further: Vec::new(), ..self.clone() }
    }
}

/// How long to wait. Reading waits for progress: a stage that waits for text fails after `silence` without a
/// new byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    /// For the address of the name, and for the TCP connection, each.
    pub connect: Duration,
    /// For the identification string or the first words, for agreeing on keys, and for the verdict about the host key, each.
    pub handshake: Duration,
    /// For proving who we are; devices ask remote servers meanwhile.
    pub auth: Duration,
    /// For opening a channel and a shell.
    pub shell: Duration,
    /// Without a new byte, wherever text is read.
    pub silence: Duration,
    /// For the device's goodbye.
    pub logout: Duration,
    /// For all sessions of a job together, where neither the device nor its platform has a limit of its own; kept by the
    /// job, around [`super::super::dialogue::collect`].
    pub total: Duration,
    /// The least that is made of that where a device's last jobs were fast.
    pub least_learned: Duration,
    /// After a job's deadline, until it is ended by force.
    pub patience: Duration,
    /// A silent device is asked for a sign of life this often, and given up after three questions without an answer.
    pub keepalive: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            handshake: Duration::from_secs(15),
            auth: Duration::from_secs(30),
            shell: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            logout: Duration::from_millis(500),
            total: Duration::from_mins(10),
            least_learned: Duration::from_mins(1),
            patience: Duration::from_secs(30),
            // A dead device is found within a minute.
            keepalive: Duration::from_secs(12),
        }
    }
}

/// The deadlines of one session: the platform's own where it has some.
#[derive(Debug, Clone, Copy)]
pub struct Pace<'a> {
    deadlines: &'a Deadlines,
    platform: &'a Platform,
}

impl<'a> Pace<'a> {
    /// The pace for `platform` on a device with these `deadlines`.
    pub fn new(deadlines: &'a Deadlines, platform: &'a Platform) -> Self {
        Self { deadlines, platform }
    }

    /// How often a silent device is asked for a sign of life.
    pub fn keepalive(&self) -> Duration {
        self.deadlines.keepalive
    }

    /// How long `stage` may take, or, where text is read, how long it may be silent.
    pub fn of(&self, stage: Stage) -> Duration {
        self.platform.timeout(stage).unwrap_or(match stage {
            Stage::Resolve | Stage::Connect => self.deadlines.connect,
            Stage::Banner | Stage::KeyExchange | Stage::HostKey => self.deadlines.handshake,
            Stage::Auth => self.deadlines.auth,
            Stage::Shell => self.deadlines.shell,
            Stage::Logout => self.deadlines.logout,
            Stage::Prompt | Stage::Paging | Stage::Enable | Stage::Command | Stage::Check | Stage::Store => {
                self.deadlines.silence
            }
        })
    }
}

/// Decides about host keys, before anything is proven to the device.
pub trait HostKeys: Send + Sync {
    /// What to do about the key that was just shown at a place of the device's. An error stops the session.
    fn judge<'a>(&'a self, place: &'a Place, shown: HostKey)
    -> BoxFuture<'a, Result<HostKeyVerdict, String>>;

    /// The key types that are expected at a place, to be offered first; empty when nothing is pinned.
    fn pinned_algorithms(&self, place: &Place) -> Vec<String>;
}

/// Takes the lines of a job's log. Never waits.
pub trait Log: Send + Sync {
    /// One step done, without secrets.
    fn say(&self, level: Level, stage: Stage, text: &str);

    /// Where what is sent and received is recorded; `None` where nobody wants to know.
    fn tape(&self) -> Option<Arc<Tape>> {
        None
    }
}
