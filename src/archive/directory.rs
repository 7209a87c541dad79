//! Sealed texts in files of the data folder: `contents/ab/cdef…`, named by the hash of what they say.
//!
//! A file is written under another name, synced and renamed, so that under its own name it is always whole. No part
//! of a path comes from outside: anything but 64 hexadecimal digits names no file.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use super::ArchiveError;
use crate::crypt::token;

/// The folder of the data folder that holds them.
pub const FOLDER: &str = "contents";

/// Where the file of a text is.
fn path(folder: &Path, sha256: &str) -> Result<PathBuf, ArchiveError> {
    let is_hash =
        sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
    match sha256.split_at_checked(2).filter(|_| is_hash) {
        Some((shelf, name)) => Ok(folder.join(FOLDER).join(shelf).join(name)),
        None => Err(ArchiveError::Missing(sha256.to_owned())),
    }
}

/// Where the file of a text is, seen from the data folder.
pub fn file_of(sha256: &str) -> Result<PathBuf, ArchiveError> {
    path(Path::new(""), sha256)
}

pub(super) fn read(folder: &Path, sha256: &str) -> Result<Vec<u8>, ArchiveError> {
    fs::read(path(folder, sha256)?).map_err(|e| ArchiveError::File(sha256.to_owned(), e.to_string()))
}

pub(super) fn write(folder: &Path, sha256: &str, sealed: &[u8]) -> Result<(), ArchiveError> {
    let path = path(folder, sha256)?;
    write_whole(&path, sealed).map_err(|e| ArchiveError::File(sha256.to_owned(), e.to_string()))
}

/// Writes a file for its owner only, such that under its name it is whole or not there.
pub fn write_whole(path: &Path, sealed: &[u8]) -> io::Result<()> {
    let shelf = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o700).create(shelf)?;
    let name = token::new_name().map_err(io::Error::other)?;
    let beside = shelf.join(format!("{name}.part"));
    let written =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).and_then(|mut file| {
            file.write_all(sealed)?;
            file.sync_all()
        });
    let placed = written.and_then(|()| fs::rename(&beside, path));
    if placed.is_err() {
        // A full disk must not fill up with halves; that this fails as well changes nothing.
        let _ = fs::remove_file(&beside);
    }
    placed?;
    // The name is on the disk only when the folder is.
    File::open(shelf)?.sync_all()
}

/// The files that were last written before `before`, each with the hash that its place names; other files there, such
/// as halves after a crash, have none.
pub fn old_files(folder: &Path, before: DateTime<Utc>) -> io::Result<Vec<(PathBuf, Option<String>)>> {
    let mut found = Vec::new();
    for shelf in entries(&folder.join(FOLDER))? {
        if !shelf.is_dir() {
            continue;
        }
        for file in entries(&shelf)? {
            if is_old(&file, before) {
                let hash = hash(&file);
                found.push((file, hash));
            }
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(found) => found.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn is_old(file: &Path, before: DateTime<Utc>) -> bool {
    let written = fs::metadata(file).and_then(|about| about.modified());
    written.is_ok_and(|at| DateTime::<Utc>::from(at) < before)
}

fn hash(file: &Path) -> Option<String> {
    let shelf = file.parent()?.file_name()?.to_str()?;
    let hash = format!("{shelf}{}", file.file_name()?.to_str()?);
    path(Path::new(""), &hash).ok().map(|_| hash)
}

/// Removes a file that nothing refers to. One that was written anew in this moment stays: it is taken aside first,
/// and put back if it is young.
pub fn discard(file: &Path, before: DateTime<Utc>) -> io::Result<()> {
    let aside = file.with_extension("gone");
    match fs::rename(file, &aside) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?,
    }
    if !is_old(&aside, before) && !file.exists() {
        return fs::rename(&aside, file);
    }
    fs::remove_file(&aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_names_a_file() {
        let folder = Path::new("/data");
        let hash = "ab".repeat(32);
        assert_eq!(path(folder, &hash).unwrap(), folder.join("contents/ab").join("ab".repeat(31)));
        for bad in ["", "ab", "../../etc/passwd", &"AB".repeat(32), &"/a".repeat(32), &"é".repeat(32)] {
            assert!(matches!(path(folder, bad), Err(ArchiveError::Missing(_))), "{bad}");
        }
    }

    #[test]
    fn a_file_that_is_young_again_stays() {
        let folder = tempfile::tempdir().unwrap();
        let hash = "ab".repeat(32);
        write(folder.path(), &hash, b"sealed").unwrap();
        let file = path(folder.path(), &hash).unwrap();
        let (past, future) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        discard(&file, past).unwrap();
        assert_eq!(read(folder.path(), &hash).unwrap(), b"sealed");
        assert_eq!(old_files(folder.path(), past).unwrap(), []);
        assert_eq!(old_files(folder.path(), future).unwrap(), [(file.clone(), Some(hash))]);
        discard(&file, future).unwrap();
        discard(&file, future).unwrap();
        assert_eq!(old_files(folder.path(), future).unwrap(), []);
    }
}
