//! All platforms: those shipped inside the program and those of the site.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use rust_embed::RustEmbed;

use super::{Platform, PlatformError, compile};

/// The shipped files. A new platform is a new file in this folder and nothing else.
#[derive(RustEmbed)]
#[folder = "src/platform/files"]
struct Shipped;

/// Every known platform by key. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Platforms {
    by_key: Arc<BTreeMap<String, Arc<Platform>>>,
}

impl Platforms {
    /// Those inside the program.
    ///
    /// # Errors
    /// Names the file, line and field that cannot be used.
    pub fn shipped() -> Result<Self, PlatformError> {
        let mut by_key = BTreeMap::new();
        for name in Shipped::iter().filter(|name| name.ends_with(".toml")) {
            let Some(file) = Shipped::get(&name) else { continue };
            let platform = compile::platform(&name, &String::from_utf8_lossy(&file.data))?;
            by_key.insert(platform.key().to_owned(), Arc::new(platform));
        }
        Ok(Self { by_key: Arc::new(by_key) })
    }

    /// The same with the files `*.toml` of a folder added; a key that is already known is replaced. A folder
    /// that is not there adds nothing.
    ///
    /// # Errors
    /// Names the file, line and field that cannot be used.
    pub fn with_site_files(self, dir: &Path) -> Result<Self, PlatformError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| PlatformError::Unreadable { path, source }
        };
        if !dir.exists() {
            return Ok(self);
        }
        let mut by_key = (*self.by_key).clone();
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(unreadable(dir))? {
            let path = entry.map_err(unreadable(dir))?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        for path in paths {
            let source = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
            let platform = compile::platform(&path.display().to_string(), &source)?;
            by_key.insert(platform.key().to_owned(), Arc::new(platform));
        }
        Ok(Self { by_key: Arc::new(by_key) })
    }

    /// The platform with this key.
    pub fn get(&self, key: &str) -> Option<Arc<Platform>> {
        self.by_key.get(key).cloned()
    }

    /// All of them, by key.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Platform>> {
        self.by_key.values()
    }

    /// All keys, sorted.
    pub fn keys(&self) -> Vec<&str> {
        self.by_key.keys().map(String::as_str).collect()
    }
}
