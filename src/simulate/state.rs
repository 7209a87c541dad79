//! What all connections of one running device share.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use russh::{MethodKind, MethodSet, SshId, server};
use tokio::{sync::watch, time::Instant};
use tokio_rustls::rustls::ServerConfig;

use super::{
    certificate,
    device::{AuthMethod, Device, Platform},
    fault::{Fault, Faults},
    identity::Identity,
    seen::Counters,
};

/// A running device, seen from its connections.
pub(super) struct State {
    pub(super) device: Device,
    pub(super) counters: Arc<Counters>,
    started: Instant,
    fetches: AtomicU64,
    faults: watch::Sender<Arc<Faults>>,
    live: Mutex<Live>,
}

/// What can change while the device runs.
struct Live {
    configuration: Arc<str>,
    identity: Identity,
    /// The key of `changed-key`, made when it is first needed.
    other: Option<Identity>,
    /// The server's settings for the identity they were made with.
    settings: Option<(String, Arc<server::Config>)>,
    /// The same of the server for HTTPS.
    https: Option<(String, Arc<ServerConfig>)>,
}

impl State {
    pub(super) fn new(device: Device) -> io::Result<Self> {
        let identity = device.identity.clone().map_or_else(Identity::ed25519, Ok)?;
        let configuration = Arc::clone(&device.configuration);
        let live = Live { configuration, identity, other: None, settings: None, https: None };
        Ok(Self {
            counters: Arc::new(Counters::of(&device)),
            started: Instant::now(),
            fetches: AtomicU64::new(0),
            faults: watch::Sender::new(Arc::new(device.faults.clone())),
            live: Mutex::new(live),
            device,
        })
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn faults(&self) -> Arc<Faults> {
        Arc::clone(&self.faults.borrow())
    }

    pub(super) fn set_faults(&self, faults: Faults) {
        self.faults.send_replace(Arc::new(faults));
    }

    pub(super) fn watch_faults(&self) -> watch::Receiver<Arc<Faults>> {
        self.faults.subscribe()
    }

    pub(super) fn configuration(&self) -> Arc<str> {
        Arc::clone(&self.live().configuration)
    }

    pub(super) fn set_configuration(&self, text: &str) {
        self.live().configuration = text.into();
    }

    /// How often the configuration was asked for, this time included; counts from 1.
    pub(super) fn next_fetch(&self) -> u64 {
        self.fetches.fetch_add(1, Relaxed).saturating_add(1)
    }

    /// How many times `every` has passed since the start.
    pub(super) fn periods(&self, every: Duration) -> u128 {
        self.started.elapsed().as_millis().checked_div(every.as_millis()).unwrap_or(0)
    }

    /// Time to wait before an answer.
    pub(super) fn latency(&self) -> Duration {
        let slow = self.faults().find(|fault| if let Fault::Slow(more) = fault { Some(*more) } else { None });
        self.device.latency.saturating_add(slow.unwrap_or_default())
    }

    pub(super) fn replace_identity(&self, identity: Identity) {
        self.live().identity = identity;
    }

    /// The identity that the next connection is shown.
    pub(super) fn identity(&self) -> io::Result<Identity> {
        let faults = self.faults();
        let same_type = faults.has(&Fault::ChangedKey);
        let mut live = self.live();
        if self.counters.sessions_so_far() == 0 || !(same_type || faults.has(&Fault::ChangedKeyType)) {
            return Ok(live.identity.clone());
        }
        if let Some(other) = &live.other {
            return Ok(other.clone());
        }
        let other = if same_type { Identity::ed25519() } else { Identity::ecdsa() }?;
        live.other = Some(other.clone());
        Ok(other)
    }

    /// The SSH server's settings for the next connection.
    pub(super) fn settings(&self) -> io::Result<Arc<server::Config>> {
        let identity = self.identity()?;
        let fingerprint = identity.fingerprint();
        let mut live = self.live();
        if let Some((made_for, settings)) = &live.settings
            && *made_for == fingerprint
        {
            return Ok(Arc::clone(settings));
        }
        let settings = Arc::new(server::Config {
            server_id: SshId::Standard(self.greeting().into()),
            methods: self.methods(),
            auth_rejection_time: Duration::ZERO,
            auth_rejection_time_initial: Some(Duration::ZERO),
            keys: vec![identity.key()],
            max_auth_attempts: 6,
            inactivity_timeout: None,
            nodelay: true,
            ..server::Config::default()
        });
        live.settings = Some((fingerprint, Arc::clone(&settings)));
        Ok(settings)
    }

    /// The HTTPS server's settings for the next connection.
    pub(super) fn https(&self) -> io::Result<Arc<ServerConfig>> {
        let identity = self.identity()?;
        let fingerprint = identity.fingerprint();
        let mut live = self.live();
        if let Some((made_for, settings)) = &live.https
            && *made_for == fingerprint
        {
            return Ok(Arc::clone(settings));
        }
        let settings = certificate::settings(&identity, &self.device.hostname)?;
        live.https = Some((fingerprint, Arc::clone(&settings)));
        Ok(settings)
    }

    /// The SSH identification string, without line end.
    pub(super) fn greeting(&self) -> &'static str {
        match self.device.platform {
            Platform::CiscoIos => "SSH-2.0-Cisco-1.25",
            Platform::AristaEos => "SSH-2.0-OpenSSH_8.7",
            Platform::JuniperJunos => "SSH-2.0-OpenSSH_7.5",
            Platform::MikrotikRouteros => "SSH-2.0-ROSSSH",
            Platform::Frr | Platform::Linux | Platform::PaloaltoPanosApi => "SSH-2.0-OpenSSH_9.2p1",
        }
    }

    fn methods(&self) -> MethodSet {
        let mut methods = MethodSet::empty();
        for method in &self.device.auth {
            methods.push(match method {
                AuthMethod::Password => MethodKind::Password,
                AuthMethod::KeyboardInteractive => MethodKind::KeyboardInteractive,
                AuthMethod::PublicKey => MethodKind::PublicKey,
            });
        }
        methods
    }
}
