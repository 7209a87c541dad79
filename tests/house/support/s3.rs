//! A server that speaks S3: s3s over a folder, on loopback, which checks every signature.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use netraven::{
    domain::{secret::Secret, setting::Wanted},
    service::{Core, settings},
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use super::stock;

/// Whom the server knows.
pub const KEYS: (&str, &str) = ("raven", "a secret of the bucket");

/// The server, which ends with the test.
pub struct S3 {
    folder: TempDir,
    address: SocketAddr,
    is_away: Arc<AtomicBool>,
    serving: JoinHandle<()>,
}

impl S3 {
    /// A server with the bucket `netraven`.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("netraven")).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEYS.0, KEYS.1));
        let service = service.build().into_shared();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let is_away = Arc::new(AtomicBool::new(false));
        let away = is_away.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if away.load(Ordering::SeqCst) {
                    continue;
                }
                let mut connection = http1::Builder::new();
                // One request for each connection, so that being away is noticed by the next one.
                connection.keep_alive(false);
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service.clone()));
            }
        });
        Self { folder, address, is_away, serving }
    }

    /// Its address.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Hangs up on everybody, or answers again.
    pub fn away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    /// The objects' files.
    pub fn objects(&self) -> Vec<PathBuf> {
        fn under(folder: &Path, all: &mut Vec<PathBuf>) {
            let Ok(found) = fs::read_dir(folder) else { return };
            for entry in found {
                let path = entry.unwrap().path();
                if path.is_dir() { under(&path, all) } else { all.push(path) }
            }
        }
        let mut all = Vec::new();
        under(&self.folder.path().join("netraven/contents"), &mut all);
        all.sort();
        all
    }

    /// Says in a house's settings that this is the bucket.
    pub async fn introduce(&self, core: &Core) {
        self.introduce_with(core, KEYS.1).await;
    }

    /// The same with this secret key.
    pub async fn introduce_with(&self, core: &Core, secret: &str) {
        let endpoint = Wanted::Value(self.endpoint());
        let wanted = [
            ("system.storage.s3_endpoint", endpoint),
            ("system.storage.s3_access_key", Wanted::Secret(Secret::new(KEYS.0))),
            ("system.storage.s3_secret_key", Wanted::Secret(Secret::new(secret))),
        ];
        let wanted = wanted.map(|(key, wanted)| (key.to_owned(), wanted));
        settings::set_many(core, &stock::grant(), &wanted, None).await.unwrap();
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
