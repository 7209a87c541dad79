//! Recordings of real devices, which lie beside the repository and not in it.

use std::path::{Path, PathBuf};

/// The folder `../shared/captures`, or `NETRAVEN_CAPTURES`; `None`, and a line that says so, where there is none
/// (the sessions kept in the repository are played all the same).
pub fn captures() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("NETRAVEN_CAPTURES").map(PathBuf::from);
    if let Some(folder) = named {
        assert!(folder.is_dir(), "NETRAVEN_CAPTURES is {}, which is not a folder", folder.display());
        return Some(folder);
    }
    // A git worktree lies deeper than the main work tree: look upwards.
    let found =
        root.ancestors().skip(1).map(|folder| folder.join("shared/captures")).find(|path| path.is_dir());
    if found.is_none() {
        println!(
            "NOT THERE: no ../shared/captures beside {}: its recordings were not tested",
            root.display()
        );
    }
    found
}
