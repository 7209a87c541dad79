//! When each device was spoken to, for whoever wants to know that it never was by two at once.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// A file that many devices write to, in the order in which things happened: `MILLISECONDS opened|closed HOSTNAME`
/// for each TCP connection, counted from the making of the file.
#[derive(Debug, Clone)]
pub struct Record(Arc<(Mutex<File>, Instant)>);

impl Record {
    /// An empty record in the file at `path`.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self(Arc::new((Mutex::new(File::create(path)?), Instant::now()))))
    }

    /// Writes down that a connection to `hostname` was `opened` or `closed`.
    pub(super) fn note(&self, what: &str, hostname: &str) {
        let (file, began) = &*self.0;
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("{} {what} {hostname}\n", began.elapsed().as_millis());
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::error!(%error, hostname, "the record of connections has a gap");
        }
    }
}
