//! Captured texts: compressed, sealed, addressed by the hash of what they say, and read back before they count.
//!
//! Sealed bytes are in their row, in a file or in an object of a bucket ([`Shelf`]). What is outside of the database has
//! a name that is used once only, is written and read back before a transaction says that it is there, and goes some
//! time after no row names it any more. So nothing outward happens inside a transaction, and a clean-up cannot take
//! what somebody is about to name.

mod directory;
mod name;
mod remote;
mod shelf;
mod text;
pub mod transcript;

pub use directory::{FOLDER, file_of, write_whole};
pub use remote::{Account, Bucket};
pub use shelf::{Old, Shelf};
pub use text::{Packed, fetch, fetch_sealed, keep, open, pack};

use crate::{crypt::SealError, store::StoreError};

/// zstd's own default: on configurations within a tenth of the densest, at a hundredth of the time.
const LEVEL: i32 = 3;

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
    /// Where it is cannot be asked now: that says nothing about the text.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(&'static str, String),
    /// It opens and says something else.
    #[error("content {0} reads back as {1}")]
    Damaged(String, String),
}

impl ArchiveError {
    /// Whether this tells of the text itself, and not of a database, a key or a server that is away.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store(_)
            | Self::Unreachable(..)
            | Self::Seal(SealError::Sealed(_) | SealError::Randomness(_)) => false,
            Self::Seal(SealError::NoEnvelope(_) | SealError::UnknownKey(..) | SealError::Forged(_))
            | Self::Compression(..)
            | Self::Missing(_)
            | Self::File(..)
            | Self::Damaged(..) => true,
        }
    }
}
