//! All platforms: those shipped inside the program, those of the site, and those that people changed on a page.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use rust_embed::RustEmbed;

use super::{AUTO, Head, Platform, PlatformError, compile};
use crate::domain::id::{DeviceId, RevisionId};

/// The shipped files. A new platform is a new file in this folder and nothing else.
#[derive(RustEmbed)]
#[folder = "src/platform/files"]
struct Shipped;

/// Every known platform by key. Cheap to clone; what people change is in force in all clones.
#[derive(Debug, Clone)]
pub struct Platforms {
    by_key: Arc<BTreeMap<String, Slot>>,
    changed: Arc<RwLock<Arc<Changed>>>,
}

/// What people changed.
#[derive(Debug, Default)]
pub struct Changed {
    /// The platforms that stand in place of those in files, or beside them.
    pub in_use: BTreeMap<String, Arc<Platform>>,
    /// What is tried on one device, which has the platform of this key.
    pub trials: BTreeMap<DeviceId, Arc<Platform>>,
    /// The rows that this was read from: number, state, device.
    pub marks: Vec<(RevisionId, String, Option<DeviceId>)>,
}

/// A platform, compiled when it is first asked for: with dozens of files, most of the patterns of a start are never
/// used by it.
#[derive(Debug, Clone)]
struct Slot {
    name: String,
    source: Arc<str>,
    head: OnceLock<Option<Head>>,
    compiled: OnceLock<Option<Arc<Platform>>>,
}

impl Slot {
    fn new(name: String, source: Arc<str>) -> Self {
        Self { name, source, head: OnceLock::new(), compiled: OnceLock::new() }
    }

    fn head(&self) -> Option<Head> {
        self.head.get_or_init(|| Head::read(&self.source)).clone()
    }

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
            by_key.insert(key.to_owned(), Slot::new(name.to_string(), source));
        }
        Ok(Self { by_key: Arc::new(by_key), changed: Arc::default() })
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
            let slot = Slot::new(path.display().to_string(), source.into());
            by_key.insert(key, Slot { compiled: OnceLock::from(Some(platform)), ..slot });
        }
        Ok(Self { by_key: Arc::new(by_key), changed: Arc::default() })
    }

    /// The platform of one file.
    ///
    /// # Errors
    /// Names the file, line and field that cannot be used.
    pub fn read(path: &Path) -> Result<Arc<Platform>, PlatformError> {
        let source = std::fs::read_to_string(path).map_err(unreadable(path))?;
        Ok(Arc::new(compile::platform(&path.display().to_string(), &source)?))
    }

    /// The platform of a text that is in no file.
    ///
    /// # Errors
    /// Names the line and field that cannot be used.
    pub fn parse(source: &str) -> Result<Arc<Platform>, PlatformError> {
        Ok(Arc::new(compile::platform("This file", source)?))
    }

    /// What people changed, as it is in force.
    pub fn changed(&self) -> Arc<Changed> {
        self.changed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts what people changed in the place of what they had changed before.
    pub fn change(&self, changed: Changed) {
        *self.changed.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(changed);
    }

    /// The platform with this key.
    pub fn get(&self, key: &str) -> Option<Arc<Platform>> {
        self.changed().in_use.get(key).cloned().or_else(|| self.in_file(key))
    }

    /// The platform with this key as its file has it, whatever people changed.
    pub fn in_file(&self, key: &str) -> Option<Arc<Platform>> {
        self.by_key.get(key)?.platform()
    }

    /// The platform with this key for this device, on which another may be tried.
    pub fn for_device(&self, device: DeviceId, key: &str) -> Option<Arc<Platform>> {
        let changed = self.changed();
        let tried = changed.trials.get(&device).filter(|platform| platform.key() == key);
        tried.cloned().or_else(|| self.get(key))
    }

    /// The words with which the commands of all platforms begin, in lower case.
    pub fn verbs(&self) -> BTreeSet<String> {
        let mut verbs = BTreeSet::new();
        for platform in self.all() {
            let enable = platform.enable().map(|it| it.command.clone());
            let commands = platform.commands();
            let all = platform.config_commands().into_iter().map(str::to_owned);
            let all = all.chain(commands.info.clone()).chain(platform.paging().off.clone());
            for command in all.chain(commands.logout.clone()).chain(enable) {
                verbs.extend(command.split_whitespace().next().map(str::to_lowercase));
            }
        }
        verbs
    }

    /// The patterns of secrets of all platforms, as their files have them, each with the keys of those platforms.
    pub fn rules_for_secrets(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut rules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for platform in self.all() {
            for rule in compile::rules_for_secrets(platform.source()) {
                rules.entry(rule).or_default().insert(platform.key().to_owned());
            }
        }
        rules
    }

    /// All of them, by key, without the one that stands for a platform yet to be found out.
    pub fn all(&self) -> impl Iterator<Item = Arc<Platform>> {
        self.keys().into_iter().filter_map(|key| self.get(&key))
    }

    /// What lists tell of each, by key; compiles none.
    pub fn heads(&self) -> Vec<Head> {
        self.keys().iter().filter_map(|key| self.head(key)).collect()
    }

    /// What lists tell of the platform with this key.
    pub fn head(&self, key: &str) -> Option<Head> {
        let changed = self.changed().in_use.get(key).map(|platform| Head::from(&**platform));
        changed.or_else(|| self.by_key.get(key)?.head())
    }

    /// Whether there is a platform with this key.
    pub fn has(&self, key: &str) -> bool {
        self.by_key.contains_key(key) || self.changed().in_use.contains_key(key)
    }

    /// All keys, sorted.
    pub fn keys(&self) -> Vec<String> {
        let changed = self.changed();
        let all = self.by_key.keys().chain(changed.in_use.keys()).filter(|key| *key != AUTO);
        let mut keys: Vec<String> = all.cloned().collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// What to say to somebody who named a platform that there is not: those of the same maker, or where all are told.
    pub fn instead_of(&self, word: &str) -> String {
        let maker = word.split(['_', '-', ' ']).next().unwrap_or_default();
        let keys = self.keys();
        let alike = keys.iter().filter(|key| !maker.is_empty() && key.starts_with(maker));
        match alike.map(String::as_str).collect::<Vec<_>>().join(", ") {
            alike if alike.is_empty() => {
                format!("{} are known: see the page Platforms, or `netraven platform list`", keys.len())
            }
            alike => format!("alike are: {alike}"),
        }
    }
}
