//! Sealed texts in files of the data folder.
//!
//! A file is written under another name, synced and renamed, so that under its own name it is always whole.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use super::{ArchiveError, name};

/// The folder of the data folder that holds them.
pub const FOLDER: &str = "contents";

/// How the place is called where somebody is told of it.
const CALLED: &str = "the folder of contents";

pub(super) fn read(folder: &Path, sha256: &str, name: &str) -> Result<Vec<u8>, ArchiveError> {
    let all = folder.join(FOLDER);
    fs::read(all.join(name)).map_err(|error| {
        // A volume that is not mounted is no loss of every text.
        let is_away = error.kind() == ErrorKind::NotFound && !all.is_dir();
        if is_away || error.kind() == ErrorKind::PermissionDenied {
            ArchiveError::Unreachable(CALLED, error.to_string())
        } else {
            ArchiveError::File(sha256.to_owned(), error.to_string())
        }
    })
}

/// Where the file of a text is, seen from the data folder.
pub fn file_of(sha256: &str, object: &str) -> Result<PathBuf, ArchiveError> {
    Ok(Path::new(FOLDER).join(name::known(sha256, object)?))
}

pub(super) fn write(folder: &Path, sha256: &str, name: &str, sealed: &[u8]) -> Result<(), ArchiveError> {
    let path = folder.join(FOLDER).join(name);
    write_whole(&path, sealed).map_err(|error| ArchiveError::File(sha256.to_owned(), error.to_string()))
}

/// Writes a file for its owner only, such that under its name it is whole or not there.
pub fn write_whole(path: &Path, sealed: &[u8]) -> io::Result<()> {
    let shelf = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o700).create(shelf)?;
    let beside = PathBuf::from(format!("{}.part", path.display()));
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
    // The name is on the disk only when the folder is, and the folder only when the one above it is.
    File::open(shelf)?.sync_all()?;
    shelf.parent().map_or(Ok(()), |all| File::open(all)?.sync_all())
}

/// A file that was last written long ago: where it is, what it is called, and the hash that the name begins with, which
/// halves after a crash have none of.
pub(super) type Found = (PathBuf, String, Option<String>);

/// The files that were last written before `before`.
pub(super) fn old(folder: &Path, before: DateTime<Utc>) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for shelf in entries(&folder.join(FOLDER))? {
        if !shelf.is_dir() {
            continue;
        }
        for file in entries(&shelf)? {
            if is_old(&file, before) {
                let parts = [shelf.file_name(), file.file_name()].map(Option::unwrap_or_default);
                let called = parts.map(|part| part.to_string_lossy()).join("/");
                let hash = name::hash(&called);
                found.push((file, called, hash));
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

/// Removes a file; one that is gone already is as good.
pub(super) fn discard(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_whole_found_when_old_and_discarded_once() {
        let folder = tempfile::tempdir().unwrap();
        let hash = "ab".repeat(32);
        let (past, future) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        let away = read(folder.path(), &hash, "ab/x");
        assert!(matches!(away, Err(ArchiveError::Unreachable(..))), "no folder at all: {away:?}");
        let name = name::new(&hash).unwrap();
        write(folder.path(), &hash, &name, b"sealed").unwrap();
        assert_eq!(read(folder.path(), &hash, &name).unwrap(), b"sealed");
        assert!(matches!(read(folder.path(), &hash, "ab/x"), Err(ArchiveError::File(..))));
        assert_eq!(old(folder.path(), past).unwrap(), []);
        let file = folder.path().join(FOLDER).join(&name);
        assert_eq!(old(folder.path(), future).unwrap(), [(file.clone(), name, Some(hash))]);
        discard(&file).unwrap();
        discard(&file).unwrap();
        assert_eq!(old(folder.path(), future).unwrap(), []);
    }
}
