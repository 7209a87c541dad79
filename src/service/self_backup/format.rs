//! What a copy of NetRaven holds: lines of JSON, compressed, in a sealed stream (`crypt::stream`).
//!
//! A line is a list, which is a row of the table that was begun last, or an object, which is a [`Mark`]. The first mark is
//! the [`Head`], the last the [`Manifest`]; a copy without one is no copy.

use std::io;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{crypt::stream::StreamError, store::portable::Table};

/// The form of copies that this program writes and reads.
pub(super) const FORM: u32 = 1;

/// Tables that a copy leaves out: who is signed in, links that are good once, and where copies were put, which is of
/// no use elsewhere. Nobody who was signed out since comes back in with a restore.
///
/// Neither do the processes that were at work, what they did for all, and how far a move or a reading back had come:
/// nodes that are not there must not be told as vanished, and a move goes on only where somebody has begun it; the
/// old house may still use the bucket that it led to. Failed sign-ins stay: a restore gives nobody more tries.
pub(super) const LEFT_OUT: &[&str] =
    &["duties", "invitations", "nodes", "self_backups", "sessions", "setup_tokens", "storage_work"];

/// The part of a copy that holds files of the data folder.
pub(super) const FILES: &str = "files of the data folder";

/// Where a copy comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The form of the copy.
    pub form: u32,
    /// The version of the program that made it.
    pub version: String,
    /// When it was begun.
    pub made_at: DateTime<Utc>,
    /// The kind of database.
    pub database: String,
    /// The steps that its tables have taken.
    pub steps: Vec<String>,
}

/// A part of a copy: a table, or the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The table's name, or `FILES`.
    pub name: String,
    /// Rows, or files.
    pub count: u64,
    /// SHA-256 of its lines, in hexadecimal: the same for the same rows, whichever database they come from.
    pub sha256: String,
}

/// What a copy holds and what not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Where it comes from.
    pub head: Head,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Tables that are left out.
    pub left_out: Vec<String>,
    /// Texts that are listed and not copied, because they are kept outside of database and data folder.
    pub not_copied: i64,
    /// Files that should be there and could not be read.
    pub missing: Vec<String>,
}

impl Manifest {
    /// How many rows and files it holds.
    pub fn counts(&self) -> (u64, u64) {
        let files = self.parts.iter().filter(|part| part.name == FILES).map(|part| part.count).sum();
        (self.parts.iter().map(|part| part.count).sum::<u64>() - files, files)
    }
}

/// A line that is no row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mark {
    /// Begins the copy.
    Head(Head),
    /// Begins a table.
    Table(Table),
    /// Begins the files.
    Files,
    /// A file: its place in the data folder, and its bytes in base64.
    File(String, String),
    /// Ends a table or the files.
    End(Part),
    /// Ends the copy.
    Manifest(Manifest),
}

/// Why a copy is not read.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It cannot be opened.
    #[error("it cannot be read: {0}")]
    Io(io::Error),
    /// Another kind of file.
    #[error("it is no copy that NetRaven made")]
    Foreign,
    /// Another master key.
    #[error("the master key does not open it; put the key in place that NetRaven had when the copy was made")]
    WrongKey,
    /// It is not what was written.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It was made by a newer program.
    #[error("it has form {0}, which a newer version made; restore it with that version")]
    Newer(u32),
    /// What was read was not taken.
    #[error("{0}")]
    Refused(String),
}

impl From<io::Error> for CopyError {
    fn from(error: io::Error) -> Self {
        let is_one_of = |kinds: &[io::ErrorKind]| kinds.contains(&error.kind());
        if is_one_of(&[io::ErrorKind::NotFound, io::ErrorKind::PermissionDenied, io::ErrorKind::IsADirectory])
        {
            Self::Io(error)
        } else if is_one_of(&[io::ErrorKind::UnexpectedEof]) {
            Self::Damaged("its end is missing".to_owned())
        } else {
            Self::Damaged(error.to_string())
        }
    }
}

impl From<StreamError> for CopyError {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Foreign => Self::Foreign,
            StreamError::WrongKey => Self::WrongKey,
            StreamError::Io(error) => error.into(),
        }
    }
}
