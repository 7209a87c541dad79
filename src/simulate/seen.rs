//! What happened to a device so far.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{device::Device, record::Record};

/// What a device has seen since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// TCP connections accepted.
    pub connections: u64,
    /// Credentials tried, right or wrong: the sum of the next three.
    pub auth_attempts: u64,
    /// Passwords tried.
    pub passwords: u64,
    /// Answers given to the device's own question.
    pub keyboard_interactive: u64,
    /// Public keys offered.
    pub public_keys: u64,
    /// Connections that got in.
    pub sessions: u64,
    /// Commands run, in shells and exec channels.
    pub commands: u64,
    /// The most connections that were open at the same time.
    pub most_at_once: u64,
}

/// The counters behind [`Seen`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    connections: AtomicU64,
    open: AtomicU64,
    most_at_once: AtomicU64,
    pub(super) passwords: AtomicU64,
    pub(super) keyboard_interactive: AtomicU64,
    pub(super) public_keys: AtomicU64,
    pub(super) sessions: AtomicU64,
    pub(super) commands: AtomicU64,
    /// Where connections are written down, and under which name.
    record: Option<(Record, String)>,
}

impl Counters {
    /// The counters of a device that nobody has spoken to.
    pub(super) fn of(device: &Device) -> Self {
        Self {
            record: device.record.clone().map(|record| (record, device.hostname.clone())),
            ..Self::default()
        }
    }

    fn note(&self, what: &str) {
        if let Some((record, hostname)) = &self.record {
            record.note(what, hostname);
        }
    }

    pub(super) fn opened(&self) {
        self.note("opened");
        self.connections.fetch_add(1, Relaxed);
        let open = self.open.fetch_add(1, Relaxed).saturating_add(1);
        self.most_at_once.fetch_max(open, Relaxed);
    }

    pub(super) fn closed(&self) {
        self.note("closed");
        self.open.fetch_sub(1, Relaxed);
    }

    pub(super) fn sessions_so_far(&self) -> u64 {
        self.sessions.load(Relaxed)
    }

    pub(super) fn seen(&self) -> Seen {
        let passwords = self.passwords.load(Relaxed);
        let keyboard_interactive = self.keyboard_interactive.load(Relaxed);
        let public_keys = self.public_keys.load(Relaxed);
        Seen {
            connections: self.connections.load(Relaxed),
            auth_attempts: passwords.saturating_add(keyboard_interactive).saturating_add(public_keys),
            passwords,
            keyboard_interactive,
            public_keys,
            sessions: self.sessions.load(Relaxed),
            commands: self.commands.load(Relaxed),
            most_at_once: self.most_at_once.load(Relaxed),
        }
    }
}

/// Adds one to a counter.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}
