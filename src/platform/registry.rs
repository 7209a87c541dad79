//! All platforms: those shipped inside the program and those of the site.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, OnceLock},
};

use rust_embed::RustEmbed;

use super::{AUTO, Platform, PlatformError, compile};

/// The shipped files. A new platform is a new file in this folder and nothing else.
#[derive(RustEmbed)]
#[folder = "src/platform/files"]
struct Shipped;

/// Every known platform by key. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Platforms {
    by_key: Arc<BTreeMap<String, Slot>>,
}

/// A platform, compiled when it is first asked for: with dozens of files, most of the patterns of a start are never
/// used by it.
#[derive(Debug, Clone)]
struct Slot {
    name: String,
    source: Arc<str>,
    compiled: OnceLock<Option<Arc<Platform>>>,
}

impl Slot {
    fn platform(&self) -> Option<Arc<Platform>> {
        let compile = || match compile::platform(&self.name, &self.source) {
            Ok(platform) => Some(Arc::new(platform)),
            Err(error) => {
                tracing::error!(%error, "a shipped platform file cannot be used");
                None
            }
        };
        self.compiled.get_or_init(compile).clone()
    }
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> PlatformError + use<> {
    let path = path.to_owned();
    move |source| PlatformError::Unreadable { path: path.clone(), source }
}

impl Platforms {
    /// Those inside the program. Their files are named after their keys; a test compiles every one.
    ///
    /// # Errors
    /// None today: a shipped file that cannot be used is left out and told in the log.
    pub fn shipped() -> Result<Self, PlatformError> {
        let mut by_key = BTreeMap::new();
        for name in Shipped::iter() {
            let (Some(key), Some(file)) = (name.strip_suffix(".toml"), Shipped::get(&name)) else { continue };
            let source = String::from_utf8_lossy(&file.data).into();
            by_key.insert(key.to_owned(), Slot { name: name.to_string(), source, compiled: OnceLock::new() });
        }
        Ok(Self { by_key: Arc::new(by_key) })
    }

    /// The same with the files `*.toml` of a folder added; a key that is already known is replaced. A folder
    /// that is not there adds nothing.
    ///
    /// # Errors
    /// Names the file, line and field that cannot be used.
    pub fn with_site_files(self, dir: &Path) -> Result<Self, PlatformError> {
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
            let platform = Self::read(&path)?;
            let (key, source) = (platform.key().to_owned(), platform.source().to_owned());
            let compiled = OnceLock::from(Some(platform));
            by_key.insert(key, Slot { name: path.display().to_string(), source: source.into(), compiled });
        }
        Ok(Self { by_key: Arc::new(by_key) })
    }

    /// The platform of one file.
    ///
    /// # Errors
    /// Names the file, line and field that cannot be used.
    pub fn read(path: &Path) -> Result<Arc<Platform>, PlatformError> {
        let source = std::fs::read_to_string(path).map_err(unreadable(path))?;
        Ok(Arc::new(compile::platform(&path.display().to_string(), &source)?))
    }

    /// The platform with this key.
    pub fn get(&self, key: &str) -> Option<Arc<Platform>> {
        self.by_key.get(key)?.platform()
    }

    /// All of them, by key, without the one that stands for a platform yet to be found out.
    pub fn all(&self) -> impl Iterator<Item = Arc<Platform>> {
        self.by_key.values().filter_map(Slot::platform).filter(|platform| !platform.is_auto())
    }

    /// Their keys, sorted.
    pub fn keys(&self) -> Vec<&str> {
        self.by_key.keys().map(String::as_str).filter(|key| *key != AUTO).collect()
    }

    /// What to say to somebody who named a platform that there is not: those of the same maker, or where all are told.
    pub fn instead_of(&self, word: &str) -> String {
        let maker = word.split(['_', '-', ' ']).next().unwrap_or_default();
        let alike = self.keys().into_iter().filter(|key| !maker.is_empty() && key.starts_with(maker));
        match alike.collect::<Vec<_>>().join(", ") {
            alike if alike.is_empty() => {
                format!("{} are known, `netraven platform list` tells them", self.keys().len())
            }
            alike => format!("alike are: {alike}"),
        }
    }
}
