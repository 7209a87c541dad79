//! Captured texts: compressed, sealed, addressed by the hash of what they say, and read back before they count.

pub mod transcript;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{
    crypt::{Keyring, Place, SealError, token},
    store::{self, Conn, StoreError},
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
    /// It opens and says something else.
    #[error("content {0} reads back as {1}")]
    Damaged(String, String),
}

fn place(sha256: &str) -> Place<'_> {
    Place { table: "contents", column: "sealed", row: sha256 }
}

/// A text made ready to be kept: the slow part, done before any transaction.
pub struct Packed {
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
    sealed: Vec<u8>,
    bytes: i64,
}

impl Packed {
    /// Length of the text before compression.
    pub fn bytes(&self) -> i64 {
        self.bytes
    }
}

/// Hashes, compresses and seals a text.
pub fn pack(keyring: &Keyring, text: &[u8]) -> Result<Packed, ArchiveError> {
    let sha256 = token::sha256(text);
    let squeezed = zstd::bulk::compress(text, LEVEL)
        .map_err(|e| ArchiveError::Compression(sha256.clone(), e.to_string()))?;
    let sealed = keyring.seal(place(&sha256), &squeezed)?;
    let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
    Ok(Packed { sha256, sealed, bytes })
}

/// Keeps a text and reads it back: what is in the database now opens, decompresses and has the same hash.
pub async fn keep(
    conn: &mut Conn,
    keyring: &Keyring,
    text: &Packed,
    now: DateTime<Utc>,
) -> Result<(), ArchiveError> {
    store::contents::insert(conn, &text.sha256, (&text.sealed, text.bytes), now).await?;
    match fetch(conn, keyring, &text.sha256).await {
        Ok(_) => Ok(()),
        Err(ArchiveError::Store(error)) => Err(error.into()),
        Err(damage) => {
            // The row was there and was damaged: what has just come from the device mends it.
            tracing::error!(content = %text.sha256, %damage, "a damaged content is replaced");
            store::contents::replace(conn, &text.sha256, &text.sealed).await?;
            fetch(conn, keyring, &text.sha256).await.map(|_| ())
        }
    }
}

/// The text with this hash, proven to be it.
pub async fn fetch(conn: &mut Conn, keyring: &Keyring, sha256: &str) -> Result<Vec<u8>, ArchiveError> {
    let sealed =
        store::contents::find(conn, sha256).await?.ok_or_else(|| ArchiveError::Missing(sha256.to_owned()))?;
    open(keyring, sha256, &sealed)
}

/// The sealed texts with these addresses, to be opened where that may take its time.
pub async fn fetch_sealed(
    conn: &mut Conn,
    sha256: &[String],
) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    Ok(store::contents::find_many(conn, sha256).await?.into_iter().collect())
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
