//! A text on its way into the archive and out again.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{ArchiveError, LEVEL, Shelf, shelf::aside};
use crate::{
    crypt::{Keyring, Place as Sealing, sealed, token},
    store::{
        self, Conn, Db,
        contents::{self, Kept, Place},
    },
};

/// The largest text that is taken out again: the engine's limit for a job, doubled.
const LARGEST: usize = 512 * 1024 * 1024;

fn sealing(sha256: &str) -> Sealing<'_> {
    Sealing { table: "contents", column: "sealed", row: sha256 }
}

/// A text made ready to be kept: the slow part, done before any transaction.
#[derive(Debug)]
pub struct Packed {
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
    kept: Kept,
    bytes: i64,
}

impl Packed {
    /// Length of the text before compression.
    pub fn bytes(&self) -> i64 {
        self.bytes
    }

    /// Takes it to `place`, and proves that it reads back from there, before any transaction knows of it.
    pub async fn placed(self, at: &Shelf, place: Place) -> Result<Self, ArchiveError> {
        if place == Place::Database {
            return Ok(self);
        }
        let kept = at.place(place, &self.sha256, (self.kept.sealed, self.kept.key)).await?;
        Ok(Self { kept, ..self })
    }
}

impl Shelf {
    /// Writes sealed bytes to `place` and reads them back: what is there now opens and is the text with this hash.
    pub async fn place(
        &self,
        place: Place,
        sha256: &str,
        sealed: (Vec<u8>, i64),
    ) -> Result<Kept, ArchiveError> {
        let kept = self.write(place, sha256, sealed).await?;
        self.open(sha256, kept.clone()).await?;
        Ok(kept)
    }

    /// The text with this hash, proven to be it, from wherever its row says that it is.
    pub async fn open(&self, sha256: &str, kept: Kept) -> Result<Vec<u8>, ArchiveError> {
        let sealed = self.read(sha256, kept).await?;
        let (keyring, sha256) = (self.keyring.clone(), sha256.to_owned());
        aside(move || open(&keyring, &sha256, &sealed)).await
    }

    /// The sealed bytes of a text that are proven to open, sealed anew unless the key that seals today did it.
    pub async fn sealed_today(&self, sha256: &str, kept: Kept) -> Result<(Vec<u8>, i64), ArchiveError> {
        let sealed = self.read(sha256, kept).await?;
        let (keyring, sha256) = (self.keyring.clone(), sha256.to_owned());
        aside(move || {
            let text = open(&keyring, &sha256, &sealed)?;
            let today = keyring.ids().0;
            if sealed::key_of(&sealed) == Some(today) {
                return Ok((sealed, today));
            }
            let Packed { kept, .. } = pack(&keyring, &text)?;
            Ok((kept.sealed, kept.key))
        })
        .await
    }
}

/// Hashes, compresses and seals a text.
pub fn pack(keyring: &Keyring, text: &[u8]) -> Result<Packed, ArchiveError> {
    let sha256 = token::sha256(text);
    let squeezed = zstd::bulk::compress(text, LEVEL)
        .map_err(|e| ArchiveError::Compression(sha256.clone(), e.to_string()))?;
    let sealed = keyring.seal(sealing(&sha256), &squeezed)?;
    let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let key = sealed::key_of(&sealed).unwrap_or_default();
    let kept = Kept { place: Place::Database, object: String::new(), sealed, key };
    Ok(Packed { sha256, kept, bytes })
}

/// Keeps a text and reads it back: what is kept now opens, decompresses and has the same hash.
///
/// What is outside of the database was proven by [`Packed::placed`]; nothing here goes there, because a transaction is
/// open. A text that is there already, whole and in its row, stays there.
pub async fn keep(
    conn: &mut Conn,
    keyring: &Keyring,
    text: &Packed,
    now: DateTime<Utc>,
) -> Result<(), ArchiveError> {
    contents::insert(conn, &text.sha256, (&text.kept, text.bytes), now).await?;
    if proven(conn, keyring, text).await? {
        return Ok(());
    }
    contents::replace(conn, &text.sha256, &text.kept, now).await?;
    if !proven(conn, keyring, text).await? {
        return Err(ArchiveError::Missing(text.sha256.clone()));
    }
    // What the device has just brought mends what was damaged, and the versions that need it.
    Ok(contents::mark(conn, &text.sha256, false, now).await.map(|_| ())?)
}

/// Whether the row says of this text what has been proven of it.
async fn proven(conn: &mut Conn, keyring: &Keyring, text: &Packed) -> Result<bool, ArchiveError> {
    let kept = contents::find(conn, &text.sha256).await?;
    let kept = kept.ok_or_else(|| ArchiveError::Missing(text.sha256.clone()))?;
    if kept.place != Place::Database {
        return Ok(kept == text.kept);
    }
    match open(keyring, &text.sha256, &kept.sealed) {
        Ok(_) => Ok(true),
        Err(damage) => {
            tracing::error!(content = %text.sha256, %damage, "a damaged content is replaced");
            Ok(false)
        }
    }
}

/// The text with this hash, proven to be it, from wherever it is. No connection is held while a disk or a server is
/// waited for.
pub async fn fetch(db: &Db, shelf: &Shelf, sha256: &str) -> Result<Vec<u8>, ArchiveError> {
    let found = store::contents::find(&mut db.read().await?, sha256).await?;
    shelf.open(sha256, found.ok_or_else(|| ArchiveError::Missing(sha256.to_owned()))?).await
}

/// The sealed texts with these addresses, from wherever they are, to be opened where that may take its time. One that
/// is lost is not among them.
pub async fn fetch_sealed(
    db: &Db,
    shelf: &Shelf,
    sha256: &[String],
) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let found = store::contents::find_many(&mut db.read().await?, sha256).await?;
    let mut all = BTreeMap::new();
    for (name, kept) in found {
        match shelf.read(&name, kept).await {
            Ok(sealed) => {
                all.insert(name, sealed);
            }
            Err(error) if error.is_damage() => tracing::error!(content = %name, %error, "a content is lost"),
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// Opens a sealed text and proves that it is the one with this hash.
pub fn open(keyring: &Keyring, sha256: &str, sealed: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let squeezed = keyring.unseal(sealing(sha256), sealed)?;
    let failed = |e: String| ArchiveError::Compression(sha256.to_owned(), e);
    let room = zstd::bulk::Decompressor::upper_bound(&squeezed).unwrap_or(LARGEST).min(LARGEST);
    let text = zstd::bulk::decompress(&squeezed, room).map_err(|e| failed(e.to_string()))?;
    let found = token::sha256(&text);
    if found == sha256 { Ok(text) } else { Err(ArchiveError::Damaged(sha256.to_owned(), found)) }
}
