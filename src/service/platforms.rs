//! What platforms are called.

use super::Core;

/// The known platforms by title: each with its key and its name for people, which says where nothing has proven it yet.
pub fn by_title(core: &Core) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = core
        .platforms
        .all()
        .map(|platform| {
            let untested = if platform.proof() == "untested" { " (untested)" } else { "" };
            (platform.key().to_owned(), format!("{}{untested}", platform.title()))
        })
        .collect();
    all.sort_by(|(_, one), (_, other)| one.cmp(other));
    all
}

/// A platform's name for people; its key where it is known no more.
pub fn title(core: &Core, key: &str) -> String {
    core.platforms.get(key).map_or_else(|| key.to_owned(), |platform| platform.title().to_owned())
}
