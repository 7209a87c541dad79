//! The master key's file: made at the first start, read at every other, never wider than its owner.

use std::{
    fs,
    io::Write,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{sealed::Key, token};

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// There is no such file.
    #[error("the master key file {} is not there; put it back from your recovery note", .0.display())]
    Missing(PathBuf),
    /// Others can read it.
    #[error("the master key file {0} can be read by others (mode {mode:o}); run: chmod 600 {0}", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error("the master key file {} belongs to user {uid}, not to the user that runs NetRaven", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        uid: u32,
    },
    /// It holds something else.
    #[error("the master key file {} does not hold a key (44 characters of base64)", .0.display())]
    Malformed(PathBuf),
    /// It could not be read or written.
    #[error("the master key file {path} cannot be used: {1}", path = .0.display())]
    Io(PathBuf, String),
}

/// Reads the master key.
pub fn read(path: &Path) -> Result<Key, MasterKeyError> {
    let failed = |e: std::io::Error| {
        if e.kind() == std::io::ErrorKind::NotFound {
            MasterKeyError::Missing(path.to_owned())
        } else {
            MasterKeyError::Io(path.to_owned(), e.to_string())
        }
    };
    let meta = fs::metadata(path).map_err(failed)?;
    let mode = meta.permissions().mode() & 0o777;
    // The group may read at most: 0400, 0440, 0600, 0640 (S-42).
    if mode & 0o137 != 0 {
        return Err(MasterKeyError::TooOpen {
            path: path.to_owned(),
            mode,
        });
    }
    let me = fs::metadata("/proc/self").map_or(meta.uid(), |me| me.uid());
    if meta.uid() != me && me != 0 {
        return Err(MasterKeyError::Foreign {
            path: path.to_owned(),
            uid: meta.uid(),
        });
    }
    let text = zeroize::Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    let bytes = line
        .and_then(|line| STANDARD.decode(line).ok())
        .map(zeroize::Zeroizing::new);
    let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    key.map(Key::new)
        .ok_or_else(|| MasterKeyError::Malformed(path.to_owned()))
}

/// Makes a new master key in a file that must not be there yet.
pub fn create(path: &Path) -> Result<Key, MasterKeyError> {
    let failed = |e: String| MasterKeyError::Io(path.to_owned(), e);
    let key = Key::new(token::random().map_err(|e| failed(e.to_string()))?);
    let text = zeroize::Zeroizing::new(format!(
        "# NetRaven's master key. Without it no credential and no configuration can be read.\n\
         # Keep a copy of this file apart from the database and from every copy of the database.\n{}\n",
        STANDARD.encode(*key)
    ));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|e| failed(e.to_string()))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|e| failed(e.to_string()))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        let made = create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap(), made);
        assert!(
            matches!(create(&path), Err(MasterKeyError::Io(..))),
            "an existing key is never overwritten"
        );
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        create(&path).unwrap();
        for (mode, is_fine) in [
            (0o644, false),
            (0o660, false),
            (0o700, false),
            (0o640, true),
            (0o400, true),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path).is_ok(), is_fine, "{mode:o}");
        }
    }

    #[test]
    fn anything_but_a_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        assert!(matches!(read(&path), Err(MasterKeyError::Missing(_))));
        fs::write(&path, "short\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(read(&path), Err(MasterKeyError::Malformed(_))));
    }
}
