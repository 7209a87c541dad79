//! What real devices said (`../shared/captures`) and sessions written by hand (`tests/fixtures`), and what must come of them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use netraven::{
    platform::{Channel, LineEnding, Platform, Platforms, Screen, shipped_key},
    simulate::Capture,
};
use serde::Deserialize;

use super::{next_day, shared};

/// The recorder's names of platforms of which a whole session was recorded; `cumulus` is read by [`super::cumulus`].
const MODELS: [&str; 16] = [
    "ios",
    "eos",
    "junos",
    "routeros",
    "aoscx",
    "aosw",
    "asa",
    "efos",
    "firelinuxos",
    "fortigate",
    "h3c",
    "nxos",
    "opnsense",
    "perle",
    "tnsr",
    "vsololt",
];

/// What they do not hold: this one was kept without its configuration.
pub const EMPTY: &str = "aoscx#CX6200_10.16.1020_environment";

/// The shipped platforms, compiled once for a test: that takes longer than most of what is asked of them.
pub static SHIPPED: LazyLock<Platforms> = LazyLock::new(|| Platforms::shipped().unwrap());

/// What the recordings' word lists hold.
#[derive(Deserialize, Default)]
pub struct Words {
    /// Texts that must not be there.
    #[serde(default)]
    pub fail: Vec<String>,
    /// Texts that must.
    #[serde(default)]
    pub pass: Vec<String>,
}

/// A recording and what must come of it.
pub struct Recorded {
    pub name: String,
    pub capture: Capture,
    /// What the device sends for the configuration, page by page.
    pub pages: Vec<Vec<u8>>,
    /// The configuration, line by line.
    pub lines: Vec<String>,
    pub words: Words,
    /// Places where the device would show something else a day later.
    pub moving: Vec<(String, String)>,
}

impl Recorded {
    /// A recording of Oxidized's, or a session by hand without its list of words.
    pub fn load(path: &Path) -> Self {
        let capture = Capture::load(path).unwrap();
        let key = shipped_key(capture.model()).unwrap();
        let platform = SHIPPED.get(key).unwrap();
        let capture = capture.asked_with(&platform.config_commands());
        let pages = pages(&capture);
        let lines = configuration(&capture, &pages, &platform);
        let words = path.to_str().unwrap().strip_suffix("#simulation.yaml");
        let words = words.and_then(|start| std::fs::read_to_string(format!("{start}#secret.yaml")).ok());
        let words = words.map_or_else(Words::default, |text| serde_saphyr::from_str(&text).unwrap());
        let moved = lines.iter().filter_map(|line| Some((line.clone(), next_day::moved(key, line)?)));
        let alarms = next_day::other_alarms(key).iter().map(|(from, to)| ((*from).into(), (*to).into()));
        let moving = moved.chain(alarms).collect();
        let name = format!("{}#{}", capture.model(), capture.name());
        Self { name, capture, pages, lines, words, moving }
    }

    /// The key of its platform.
    pub fn key(&self) -> &'static str {
        shipped_key(self.capture.model()).unwrap()
    }

    /// The platform that backs such a device up.
    pub fn platform(&self) -> Arc<Platform> {
        SHIPPED.get(self.key()).unwrap()
    }
}

/// The answer that is the configuration, and what came for each key for the pager after it.
fn pages(capture: &Capture) -> Vec<Vec<u8>> {
    let asked = capture.configuration().unwrap();
    let from = capture.exchanges().iter().position(|it| std::ptr::eq(it, asked)).unwrap();
    let further = capture.exchanges()[from + 1..].iter().take_while(|it| !it.command.ends_with('\n'));
    std::iter::once(asked).chain(further).map(|it| it.answer.clone()).collect()
}

/// Its lines, as a terminal shows them, without what only a shell shows.
fn configuration(capture: &Capture, pages: &[Vec<u8>], platform: &Platform) -> Vec<String> {
    let asked = capture.configuration().unwrap();
    let mut screen = Screen::new(LineEnding::Lf);
    for page in pages {
        platform.turn_page(&mut screen);
        screen.feed(page);
    }
    let text = String::from_utf8(screen.text().to_vec()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let echo = lines.iter().position(|line| line.trim() == asked.command.trim());
    if let Some(echo) = echo.filter(|_| platform.channel() == Channel::Shell) {
        lines.drain(..=echo);
        lines.pop();
    }
    lines
}

/// The recordings of our platforms; none, and a line that says so, where the folder is not there.
pub fn recordings() -> Vec<Recorded> {
    let Some(folder) = shared::captures() else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.ends_with("#simulation.yaml")
                && !name.starts_with(EMPTY)
                && MODELS.contains(&name.split('#').next().unwrap())
        })
        .collect();
    found.sort();
    for model in MODELS {
        let starts =
            |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(&format!("{model}#"));
        assert!(found.iter().any(starts), "{}: no recording of {model}", folder.display());
    }
    found.iter().map(|path| Recorded::load(path)).collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// A platform's sessions.
pub fn sessions(platform: &Platform) -> Vec<PathBuf> {
    let folder = fixtures().join(platform.key());
    let entries = std::fs::read_dir(&folder);
    let entries = entries.unwrap_or_else(|e| {
        panic!("the platform {} has no fixture: {}: {e}", platform.key(), folder.display())
    });
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|it| it == "session"));
    found.sort();
    assert!(!found.is_empty(), "the platform {} has no fixture in {}", platform.key(), folder.display());
    found
}

/// The session in the form that is played, and what must come of it.
pub fn read(path: &Path, platform: &Platform) -> Recorded {
    let text = std::fs::read_to_string(path).unwrap();
    let notes = || text.lines().map_while(|line| line.strip_prefix("; "));
    let fail: Vec<String> =
        notes().filter_map(|note| note.strip_prefix("secret: ")).map(str::to_owned).collect();
    let words = Words { fail, ..Words::default() };
    assert!(
        notes().any(|note| note.starts_with("origin: ")),
        "{}: says nowhere where it comes from",
        path.display()
    );
    assert!(!words.fail.is_empty(), "{}: has no secret to hide", path.display());
    let Recorded { capture, moving, pages, .. } = Recorded::load(path);
    assert_eq!(capture.model(), platform.key());
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let config = std::fs::read_to_string(path.with_extension("config")).unwrap();
    let lines = config.lines().map(str::to_owned).collect();
    Recorded { name: format!("{}/{name}", platform.key()), capture, pages, lines, words, moving }
}

/// All sessions by hand, with their files.
pub fn by_hand() -> Vec<(Recorded, PathBuf)> {
    // Nobody has seen such a device, and nothing claims to show one.
    let shown = |platform: &Arc<Platform>| platform.proof() != "untested";
    let of = |platform: Arc<Platform>| {
        sessions(&platform).into_iter().map(|path| (read(&path, &platform), path)).collect::<Vec<_>>()
    };
    SHIPPED.all().filter(shown).flat_map(of).collect()
}

/// All of both.
pub fn everything() -> Vec<Recorded> {
    let mut all = recordings();
    all.extend(by_hand().into_iter().map(|(recorded, _)| recorded));
    all
}
