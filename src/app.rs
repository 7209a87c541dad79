//! The composition root: from configuration to a running house, and back down.

pub mod restore;

mod stopping;

pub use stopping::{told_to_stop, unless_told_again};

use std::{
    io::ErrorKind,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web::Data};
use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    crypt::{Keyring, master, master::MasterKeyError, password::Passwords, sealed::Key, token},
    engine::Engine,
    platform::{MaskKey, Platforms},
    service::{
        Clock, Core, Fault, audit, duties, following::Following, platforms, settings, setup, storage::Disks,
        unlock,
    },
    store::{self, Db},
    web::{self, csrf, site::Site},
};

/// Why NetRaven does not start: one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error("the data folder {path} cannot be used: {1}; choose another with --data-dir", path = .0.display())]
    DataDir(PathBuf, String),
    /// The database cannot be used.
    #[error(transparent)]
    Migrate(#[from] store::migrate::MigrateError),
    /// The master key cannot be used.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// A platform file has a fault.
    #[error(transparent)]
    Platform(#[from] crate::platform::PlatformError),
    /// Pages would be served in clear.
    #[error(
        "{0} can be reached from other machines, and passwords would cross the network in clear; put a proxy with \
         TLS in front and set public_url to its https:// address, or listen on 127.0.0.1, or give --insecure-http"
    )]
    PlainHttp(SocketAddr),
    /// The port is taken, or not ours.
    #[error("cannot listen on {0}: {1}; choose another address with --listen")]
    Listen(SocketAddr, String),
    /// Something else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The system's clock, in whole microseconds.
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub fn system_clock() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Where things are.
#[derive(Debug, Clone)]
pub struct Places {
    /// The data folder.
    pub data_dir: PathBuf,
    /// The database.
    pub database_url: String,
    /// The master key.
    pub master_key: PathBuf,
}

impl Places {
    /// The places that the configuration says, or the usual ones in `data_dir`.
    pub fn new(data_dir: &Path, config: &Config) -> Self {
        let database = || format!("sqlite://{}", data_dir.join("netraven.db").display());
        Self {
            data_dir: data_dir.to_owned(),
            database_url: config.database_url.clone().unwrap_or_else(database),
            master_key: config.master_key_file.clone().unwrap_or_else(|| data_dir.join("master.key")),
        }
    }
}

/// Opens everything: folder, database, keys, platforms.
pub async fn open(places: &Places) -> Result<Core, StartError> {
    open_with(places, Arc::new(system_clock), Passwords::new()).await
}

/// The same with another clock and another cost of passwords, for tests.
pub async fn open_with(places: &Places, clock: Clock, passwords: Passwords) -> Result<Core, StartError> {
    prepare(&places.data_dir)?;
    // The one TLS of the house, for whoever asks for the process's own; where it is set already, it is this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let url = places.database_url.clone();
    let steps = tokio::task::spawn_blocking(move || store::migrate::run(&url))
        .await
        .map_err(|e| Fault::Broken(e.into()))??;
    if steps > 0 {
        tracing::info!(steps, "the database was brought up to date");
    }
    let db = Db::open(&places.database_url).map_err(Fault::from)?;
    let keyring = keyring(&db, places, clock()).await?;
    // A sealed NetRaven masks with a key of its own: tags then differ, and still nothing shows.
    let mask = match keyring.derive("mask") {
        Ok(key) => MaskKey::new(*key),
        Err(_) => MaskKey::new(token::random().map_err(Fault::from)?),
    };
    let core = Core {
        db,
        data_dir: Arc::from(places.data_dir.as_path()),
        settings: settings::Live::defaults().map_err(Fault::from)?,
        clock,
        keyring: Arc::new(keyring),
        mask: Arc::new(mask),
        passwords,
        platforms: Platforms::shipped()?.with_site_files(&places.data_dir.join("platforms"))?,
        disks: Disks::new(&places.data_dir, &places.database_url),
        wake: Arc::new(Notify::new()),
        duties: duties::Own::default(),
        counters: Arc::default(),
        following: Following::default(),
        outage: Arc::default(),
        stopping: CancellationToken::new(),
    };
    settings::initialise(&core).await?;
    platforms::revisions::refresh(&core).await?;
    Ok(core)
}

/// Makes the data folder, for its owner only, and proves that it can be written.
fn prepare(data_dir: &Path) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt;
    let failed = |e: std::io::Error| StartError::DataDir(data_dir.to_owned(), e.to_string());
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(failed)?;
    let probe = data_dir.join(".writable");
    // Another process may start at this moment and take the file away first.
    let removed = |result: std::io::Result<()>| match result {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    };
    std::fs::write(&probe, b"1").and_then(|()| removed(std::fs::remove_file(&probe))).map_err(failed)
}

async fn keyring(db: &Db, places: &Places, now: DateTime<Utc>) -> Result<Keyring, StartError> {
    let master: Key = match master::read(&places.master_key) {
        Ok(key) => key,
        Err(MasterKeyError::Missing(path)) => {
            if unlock::has_keys(db).await? {
                let why = MasterKeyError::Missing(path).to_string();
                tracing::error!("NetRaven is sealed: {why}");
                return Ok(Keyring::sealed(why));
            }
            tracing::info!(file = %path.display(), "a new master key was made; keep a copy apart from the database");
            master::create(&path)?
        }
        Err(other) => return Err(other.into()),
    };
    let keyring = unlock::keyring(db, &master, now).await?;
    if let Some(why) = keyring.why_sealed() {
        tracing::error!("NetRaven is sealed: {why}");
    }
    Ok(keyring)
}

/// A house with its pages open.
pub struct House {
    /// What use cases need.
    pub core: Core,
    address: SocketAddr,
    engine: Option<Engine>,
    server: ServerHandle,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl House {
    /// Opens the pages and, unless told otherwise, starts the engine.
    pub async fn start(
        core: Core,
        config: &Config,
        engine: Option<crate::engine::Options>,
    ) -> Result<Self, StartError> {
        let listen = config.listen;
        let is_https = config.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        if !listen.ip().is_loopback() && !is_https && !config.insecure_http {
            return Err(StartError::PlainHttp(listen));
        }
        let socket = std::net::TcpListener::bind(listen).map_err(|e| cannot_listen(listen, &e))?;
        let address = socket.local_addr().map_err(|e| cannot_listen(listen, &e))?;
        core.passwords.warm_up().await.map_err(|e| Fault::Broken(e.into()))?;
        let site = Data::new(site(&core, config)?);
        let shared = Data::new(core.clone());
        let server = HttpServer::new(move || {
            App::new()
                .configure(web::configure(shared.clone(), site.clone()))
                .wrap(from_fn(web::guard::guard))
        })
        .workers(std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8)))
        .disable_signals()
        .shutdown_timeout(5)
        .client_request_timeout(Duration::from_secs(15))
        .listen(socket)
        .map_err(|e| cannot_listen(listen, &e))?
        .run();
        let handle = server.handle();
        let serving = tokio::spawn(server);
        // Ends with `stopping`.
        tokio::spawn(core.following.clone().run(core.clone()));
        let engine = match engine {
            Some(options) => Some(Engine::start(core.clone(), options).await?),
            None => None,
        };
        Ok(Self { core, address, engine, server: handle, serving })
    }

    /// Where the pages are.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: first the engine, then the pages.
    pub async fn stop(self) {
        stop(&self.core, self.engine).await;
        self.server.stop(true).await;
        if let Ok(Err(error)) = self.serving.await {
            tracing::warn!(%error, "the server did not stop cleanly");
        }
    }
}

/// Stops what works without pages: everybody is told, running jobs may end within the grace time.
pub async fn stop(core: &Core, engine: Option<Engine>) {
    core.stopping.cancel();
    if let Some(engine) = engine {
        engine.stop().await;
    }
    if let Err(fault) = audit::anchor(core).await {
        tracing::warn!(error = %fault, "the end of the audit trail could not be written down");
    }
}

fn cannot_listen(listen: SocketAddr, error: &std::io::Error) -> StartError {
    let why = if error.kind() == ErrorKind::AddrInUse {
        "another program listens there".to_owned()
    } else if error.kind() == ErrorKind::PermissionDenied {
        "ports below 1024 need a permission".to_owned()
    } else {
        error.to_string()
    };
    StartError::Listen(listen, why)
}

fn site(core: &Core, config: &Config) -> Result<Site, Fault> {
    let key = match core.keyring.derive("form") {
        Ok(key) => *key,
        Err(_) => token::random()?,
    };
    let site = Site::new(config.public_url.as_deref(), csrf::Key::new(key));
    let site = site.watched_by(config.watch_token.clone());
    Ok(if config.insecure_http { site.warning_of_plain_http() } else { site })
}

/// The set-up token's address, if nobody can administer yet.
pub async fn setup_address(core: &Core, base: &str) -> Result<Option<String>, Fault> {
    let token = setup::offer(core).await?;
    Ok(token.map(|token| format!("{base}/setup?token={}", token.expose())))
}

/// Writes the set-up token into the data folder as well, for whoever does not see the console (S-16).
pub fn keep_setup_address(data_dir: &Path, address: &str) -> std::io::Result<PathBuf> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let path = data_dir.join("setup-token");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    writeln!(file, "{address}")?;
    Ok(path)
}
