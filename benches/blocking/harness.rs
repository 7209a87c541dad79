//! Workers that do what the engine's do, over either kind of store.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use diesel_async::SimpleAsyncConnection;
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use netraven::{
    crypt::{Place, token},
    domain::{
        access::Scope,
        device::{Algorithms, DeviceFilter, Transport},
        entry::Level,
        failure::Stage,
        host_key::{HostKey, HostKeyVerdict},
        id::{DeviceId, JobId},
        page::PageRequest,
        secret::Secret,
    },
    engine::{
        dialogue,
        transport::{self, Deadlines, HostKeys, Log, Target},
    },
    service::Core,
    store::{self, Conn},
};
use tokio_util::sync::CancellationToken;

use super::{
    AT_ONCE,
    pool::Pool,
    statements::{self, Kept},
};

/// How statements reach the database.
#[derive(Clone)]
pub enum Store {
    /// As the store's functions do it.
    Asynchronous,
    /// On threads that wait for it.
    Blocking(Pool),
}

impl Store {
    async fn look(&self, core: &Core, all: Vec<String>) {
        match self {
            Self::Blocking(pool) => pool.look(all).await,
            Self::Asynchronous => one_by_one(&mut core.db.read().await.unwrap(), &all).await,
        }
    }

    async fn keep(&self, core: &Core, all: Vec<String>) {
        match self {
            Self::Blocking(pool) => pool.keep(all).await,
            Self::Asynchronous => {
                let mut tx = core.db.begin().await.unwrap();
                one_by_one(&mut tx, &all).await;
                tx.commit().await.unwrap();
            }
        }
    }
}

async fn one_by_one(conn: &mut Conn, all: &[String]) {
    let Conn::Sqlite(conn) = conn else { panic!("SQLite only") };
    for statement in all {
        conn.batch_execute(statement).await.unwrap();
    }
}

/// Where each device is.
pub async fn places(core: &Core) -> BTreeMap<DeviceId, (String, u16)> {
    let (filter, all) = (DeviceFilter::default(), PageRequest::all());
    let mut conn = core.db.read().await.unwrap();
    let found = store::devices::list(&mut conn, Scope::All, &filter, all).await.unwrap().rows;
    found.into_iter().map(|device| (device.id, (device.address, device.port))).collect()
}

/// Works these jobs off, as many at once as the engine would.
pub async fn work(
    core: &Core,
    jobs: Vec<(JobId, DeviceId)>,
    mut places: BTreeMap<DeviceId, (String, u16)>,
    store: Store,
) {
    let talks = jobs.into_iter().map(|job| {
        let (core, store) = (core.clone(), store.clone());
        let place = places.remove(&job.1).unwrap();
        async move { tokio::spawn(async move { back_up(&core, &store, job, place).await }).await.unwrap() }
    });
    futures_util::stream::iter(talks).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

async fn back_up(core: &Core, store: &Store, job: (JobId, DeviceId), (host, port): (String, u16)) {
    store.keep(core, statements::claim(job)).await;
    store.look(core, statements::assignment(job)).await;
    let target = Target {
        host,
        port,
        further: Vec::new(),
        way: Vec::new(),
        transport: Transport::Ssh,
        algorithms: Algorithms::Modern,
        username: "netraven".to_owned(),
        password: Some(Secret::new("simulated")),
        enable: None,
        private_key: None,
        passphrase: None,
        deadlines: Deadlines::default(),
        let_in: CancellationToken::new(),
    };
    let platform = core.platforms.get("cisco_ios").unwrap();
    let keys = Pins { core: core.clone(), store: store.clone(), job };
    let capture = dialogue::collect(&target, &platform, Arc::new(keys), &Silent).await.unwrap();
    platform.judge(&capture).unwrap();
    let own = core.clone();
    let kept = tokio::task::spawn_blocking(move || {
        let normalised = platform.normalised(&capture.raw);
        let info: String = capture.info.iter().map(|output| output.text.clone()).collect();
        std::hint::black_box(normalised);
        (kept(&own, &capture.raw), kept(&own, info.as_bytes()))
    });
    let (raw, info) = kept.await.unwrap();
    store.keep(core, statements::keep(job, (&raw, &info))).await;
}

/// Hashed, compressed and sealed, as the archive does it.
fn kept(core: &Core, text: &[u8]) -> Kept {
    let sha256 = token::sha256(text);
    let squeezed = zstd::bulk::compress(text, 3).unwrap();
    let place = Place { table: "contents", column: "sealed", row: &sha256 };
    let mut sealed = String::new();
    for byte in core.keyring.seal(place, &squeezed).unwrap() {
        write!(sealed, "{byte:02x}").unwrap();
    }
    Kept { sha256, sealed, bytes: text.len() }
}

struct Pins {
    core: Core,
    store: Store,
    job: (JobId, DeviceId),
}

impl HostKeys for Pins {
    fn judge<'a>(
        &'a self,
        _: &'a transport::Place,
        _: HostKey,
    ) -> BoxFuture<'a, Result<HostKeyVerdict, String>> {
        async move {
            self.store.keep(&self.core, statements::pin(self.job)).await;
            Ok(HostKeyVerdict::Pinned)
        }
        .boxed()
    }

    fn pinned_algorithms(&self, _: &transport::Place) -> Vec<String> {
        Vec::new()
    }
}

/// Lines are among the statements.
struct Silent;

impl Log for Silent {
    fn say(&self, _: Level, _: Stage, _: &str) {}
}
