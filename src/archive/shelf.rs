//! Where sealed bytes are written and read: in files or in the bucket; those of the database come with their row.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::{ArchiveError, Bucket, directory, name};
use crate::{
    crypt::Keyring,
    store::contents::{Kept, Place},
};

/// What finds and opens the texts.
#[derive(Clone)]
pub struct Shelf {
    /// Opens them.
    pub keyring: Arc<Keyring>,
    /// The data folder, where files are.
    pub folder: Arc<Path>,
    /// Where objects are; else why there is no bucket.
    pub bucket: Result<Bucket, Arc<str>>,
}

/// A file or an object that was written long ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Old {
    /// What it is called; empty for files that nothing can name.
    pub name: String,
    /// The text that it may be of.
    pub sha256: Option<String>,
    /// Where the file is.
    file: Option<PathBuf>,
}

/// Runs what may wait for a disk on a thread where it may.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ArchiveError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ArchiveError::Unreachable("a thread for the disk", error.to_string()))?
}

fn in_folder(error: &std::io::Error) -> ArchiveError {
    ArchiveError::Unreachable("the folder of contents", error.to_string())
}

impl Shelf {
    fn bucket(&self) -> Result<&Bucket, ArchiveError> {
        self.bucket.as_ref().map_err(|why| ArchiveError::Unreachable("the bucket", why.to_string()))
    }

    /// The sealed bytes of a text, from wherever its row says that they are.
    pub async fn read(&self, sha256: &str, kept: Kept) -> Result<Vec<u8>, ArchiveError> {
        match kept.place {
            Place::Database => Ok(kept.sealed),
            Place::Directory => {
                let name = name::known(sha256, &kept.object)?;
                let (folder, sha256) = (self.folder.clone(), sha256.to_owned());
                aside(move || directory::read(&folder, &sha256, &name)).await
            }
            Place::S3 => self.bucket()?.read(sha256, &name::known(sha256, &kept.object)?).await,
        }
    }

    /// Writes the sealed bytes of a text to `place` under a name of its own, and gives what its row is to say.
    pub(super) async fn write(
        &self,
        place: Place,
        sha256: &str,
        (sealed, key): (Vec<u8>, i64),
    ) -> Result<Kept, ArchiveError> {
        if place == Place::Database {
            return Ok(Kept { place, object: String::new(), sealed, key });
        }
        let object = name::new(sha256)?;
        if place == Place::S3 {
            self.bucket()?.write(&object, &sealed).await?;
        } else {
            let (folder, sha256, name) = (self.folder.clone(), sha256.to_owned(), object.clone());
            aside(move || directory::write(&folder, &sha256, &name, &sealed)).await?;
        }
        Ok(Kept { place, object, sealed: Vec::new(), key })
    }

    /// The files or objects that were written before `before`.
    pub async fn old(&self, place: Place, before: DateTime<Utc>) -> Result<Vec<Old>, ArchiveError> {
        match place {
            Place::Database => Ok(Vec::new()),
            Place::Directory => {
                let folder = self.folder.clone();
                let found = aside(move || directory::old(&folder, before).map_err(|e| in_folder(&e))).await?;
                Ok(found
                    .into_iter()
                    .map(|(file, name, sha256)| Old { name, sha256, file: Some(file) })
                    .collect())
            }
            Place::S3 => {
                let found = self.bucket()?.old(before).await?;
                // In a bucket only what is named as ours is ours.
                Ok(found
                    .into_iter()
                    .filter(|(_, sha256)| sha256.is_some())
                    .map(|(name, sha256)| Old { name, sha256, file: None })
                    .collect())
            }
        }
    }

    /// Removes a file or an object that no row names. Its name is used once only, so nobody can be about to name it
    /// but who wrote it, and that was long ago.
    pub async fn discard(&self, old: Old) -> Result<(), ArchiveError> {
        match old.file {
            Some(file) => aside(move || directory::discard(&file).map_err(|e| in_folder(&e))).await,
            None => self.bucket()?.discard(&old.name).await,
        }
    }
}
