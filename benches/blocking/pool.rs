//! Blocking diesel on a thread pool: a thread and a connection for each that the store's own pools have.

use std::{
    path::Path,
    sync::{Arc, Mutex, mpsc},
    thread,
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use tokio::sync::oneshot;

type Step = Box<dyn FnOnce(&mut SqliteConnection) + Send>;

/// One thread that writes and four that read.
#[derive(Clone)]
pub struct Pool {
    write: mpsc::Sender<Step>,
    read: mpsc::Sender<Step>,
}

impl Pool {
    /// Threads on the database at `path`, with the store's own settings.
    pub fn open(path: &Path) -> Self {
        let threads = |count: usize| {
            let (steps, waiting) = mpsc::channel::<Step>();
            let waiting = Arc::new(Mutex::new(waiting));
            for _ in 0..count {
                let (waiting, path) = (waiting.clone(), path.display().to_string());
                thread::spawn(move || {
                    let mut connection = SqliteConnection::establish(&path).unwrap();
                    let settings = "PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA journal_mode=WAL; \
                         PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-8000; \
                         PRAGMA temp_store=MEMORY;";
                    connection.batch_execute(settings).unwrap();
                    loop {
                        // The lock is held while one waits, not while it works.
                        let step = waiting.lock().unwrap().recv();
                        let Ok(step) = step else { return };
                        step(&mut connection);
                    }
                });
            }
            steps
        };
        Self { write: threads(1), read: threads(4) }
    }

    /// Runs statements one after the other on a thread that reads.
    pub async fn look(&self, statements: Vec<String>) {
        run(&self.read, statements).await;
    }

    /// Runs statements in one transaction on the thread that writes.
    pub async fn keep(&self, mut statements: Vec<String>) {
        statements.insert(0, "BEGIN IMMEDIATE".to_owned());
        statements.push("COMMIT".to_owned());
        run(&self.write, statements).await;
    }
}

async fn run(threads: &mpsc::Sender<Step>, statements: Vec<String>) {
    let (done, ended) = oneshot::channel();
    let step: Step = Box::new(move |connection| {
        for statement in &statements {
            connection.batch_execute(statement).unwrap();
        }
        let _ = done.send(());
    });
    threads.send(step).unwrap();
    ended.await.unwrap();
}
