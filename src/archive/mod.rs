//! Captured texts: compressed, sealed, addressed by the hash of what they say, and read back before they count.

mod directory;
pub mod transcript;

pub use directory::{FOLDER, discard, file_of, old_files, write_whole};

use std::{collections::BTreeMap, path::Path};

use chrono::{DateTime, Utc};

use crate::{
    crypt::{Keyring, Place, SealError, token},
    store::{self, Conn, StoreError, contents},
};

/// zstd's own default: on configurations within a tenth of the densest, at a hundredth of the time.
const LEVEL: i32 = 3;

/// The largest text that is taken out again: the engine's limit for a job, doubled.
const LARGEST: usize = 512 * 1024 * 1024;

/// Why a text could not be kept or fetched.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be sealed, or does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It could not be compressed, or does not decompress.
    #[error("content {0} cannot be (de)compressed: {1}")]
    Compression(String, String),
    /// There is no such text.
    #[error("content {0} is not in the archive")]
    Missing(String),
    /// Its file is gone or cannot be read or written.
    #[error("the file of content {0} cannot be used: {1}")]
    File(String, String),
    /// It opens and says something else.
    #[error("content {0} reads back as {1}")]
    Damaged(String, String),
}

fn place(sha256: &str) -> Place<'_> {
    Place { table: "contents", column: "sealed", row: sha256 }
}

/// What finds and opens the texts.
#[derive(Clone, Copy)]
pub struct Shelf<'a> {
    /// Opens them.
    pub keyring: &'a Keyring,
    /// The data folder, where files are.
    pub folder: &'a Path,
}

/// A text made ready to be kept: the slow part, done before any transaction.
pub struct Packed {
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
    sealed: Vec<u8>,
    bytes: i64,
    is_filed: bool,
}

impl Packed {
    /// Length of the text before compression.
    pub fn bytes(&self) -> i64 {
        self.bytes
    }

    /// Puts it into its file, and proves that the file reads back, before any transaction knows of it.
    pub fn filed(self, at: Shelf<'_>) -> Result<Self, ArchiveError> {
        directory::write(at.folder, &self.sha256, &self.sealed)?;
        open(at.keyring, &self.sha256, &directory::read(at.folder, &self.sha256)?)?;
        Ok(Self { is_filed: true, ..self })
    }

    /// What its row holds.
    fn row(&self) -> (contents::Place, &[u8]) {
        if self.is_filed {
            (contents::Place::Directory, &[])
        } else {
            (contents::Place::Database, &self.sealed)
        }
    }
}

/// Hashes, compresses and seals a text.
pub fn pack(keyring: &Keyring, text: &[u8]) -> Result<Packed, ArchiveError> {
    let sha256 = token::sha256(text);
    let squeezed = zstd::bulk::compress(text, LEVEL)
        .map_err(|e| ArchiveError::Compression(sha256.clone(), e.to_string()))?;
    let sealed = keyring.seal(place(&sha256), &squeezed)?;
    let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
    Ok(Packed { sha256, sealed, bytes, is_filed: false })
}

/// Keeps a text and reads it back: what is kept now opens, decompresses and has the same hash.
///
/// Files were proven by [`Packed::filed`]; nothing here touches one, because a transaction is open. A text that is in
/// a file already and comes without one moves into the database.
pub async fn keep(
    conn: &mut Conn,
    keyring: &Keyring,
    text: &Packed,
    now: DateTime<Utc>,
) -> Result<(), ArchiveError> {
    let (place, sealed) = text.row();
    contents::insert(conn, &text.sha256, (place, sealed, text.bytes), now).await?;
    let damage = match contents::find(conn, &text.sha256).await? {
        Some((contents::Place::Directory, _)) if text.is_filed => return Ok(()),
        Some((contents::Place::Directory, _)) => None,
        Some((contents::Place::Database, sealed)) => match open(keyring, &text.sha256, &sealed) {
            Ok(_) => return Ok(()),
            Err(damage) => Some(damage),
        },
        None => return Err(ArchiveError::Missing(text.sha256.clone())),
    };
    if let Some(damage) = damage {
        // The row was there and was damaged: what has just come from the device mends it.
        tracing::error!(content = %text.sha256, %damage, "a damaged content is replaced");
    }
    contents::replace(conn, &text.sha256, text.row()).await?;
    match contents::find(conn, &text.sha256).await? {
        Some((contents::Place::Database, sealed)) => open(keyring, &text.sha256, &sealed).map(|_| ()),
        Some((contents::Place::Directory, _)) => Ok(()),
        None => Err(ArchiveError::Missing(text.sha256.clone())),
    }
}

/// The text with this hash, proven to be it, from wherever it is.
pub async fn fetch(conn: &mut Conn, shelf: Shelf<'_>, sha256: &str) -> Result<Vec<u8>, ArchiveError> {
    let found = store::contents::find(conn, sha256).await?;
    let (place, sealed) = found.ok_or_else(|| ArchiveError::Missing(sha256.to_owned()))?;
    match place {
        contents::Place::Database => open(shelf.keyring, sha256, &sealed),
        contents::Place::Directory => open(shelf.keyring, sha256, &from_file(shelf, sha256).await?),
    }
}

/// The sealed texts with these addresses, from wherever they are, to be opened where that may take its time.
pub async fn fetch_sealed(
    conn: &mut Conn,
    shelf: Shelf<'_>,
    sha256: &[String],
) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let mut all = BTreeMap::new();
    for (name, place, sealed) in store::contents::find_many(conn, sha256).await? {
        let sealed = match place {
            contents::Place::Database => sealed,
            contents::Place::Directory => from_file(shelf, &name).await?,
        };
        all.insert(name, sealed);
    }
    Ok(all)
}

async fn from_file(shelf: Shelf<'_>, sha256: &str) -> Result<Vec<u8>, ArchiveError> {
    let (folder, name) = (shelf.folder.to_owned(), sha256.to_owned());
    let read = tokio::task::spawn_blocking(move || directory::read(&folder, &name)).await;
    read.map_err(|e| ArchiveError::File(sha256.to_owned(), e.to_string()))?
}

/// Opens a sealed text and proves that it is the one with this hash.
pub fn open(keyring: &Keyring, sha256: &str, sealed: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let squeezed = keyring.unseal(place(sha256), sealed)?;
    let failed = |e: String| ArchiveError::Compression(sha256.to_owned(), e);
    let room = zstd::bulk::Decompressor::upper_bound(&squeezed).unwrap_or(LARGEST).min(LARGEST);
    let text = zstd::bulk::decompress(&squeezed, room).map_err(|e| failed(e.to_string()))?;
    let found = token::sha256(&text);
    if found == sha256 { Ok(text) } else { Err(ArchiveError::Damaged(sha256.to_owned(), found)) }
}
