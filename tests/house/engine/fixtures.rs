//! Sessions written by hand (`tests/fixtures`), one at least for each platform; their format is in `README.md` there.

use std::path::{Path, PathBuf};

use netraven::platform::{Platform, Platforms};

use super::playing::{Recorded, Words, cuts_are_not_believed, kept_masked_and_unchanged, log};
use crate::support::house::House;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// A platform's sessions.
fn sessions(platform: &Platform) -> Vec<PathBuf> {
    let folder = folder().join(platform.key());
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
fn read(path: &Path, platform: &Platform) -> Recorded {
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
    let Recorded { capture, moving, .. } = Recorded::load(path);
    assert_eq!(capture.platform_key(), platform.key());
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let config = std::fs::read_to_string(path.with_extension("config")).unwrap();
    let lines = config.lines().map(str::to_owned).collect();
    Recorded { name: format!("{}/{name}", platform.key()), capture, lines, words, moving }
}

fn all() -> Vec<(Recorded, PathBuf)> {
    let platforms = Platforms::shipped().unwrap();
    // Nobody has seen such a device, and nothing claims to show one.
    let shown = |platform: &std::sync::Arc<Platform>| platform.proof() != "untested";
    let of = |platform: std::sync::Arc<Platform>| {
        sessions(&platform).into_iter().map(|path| (read(&path, &platform), path)).collect::<Vec<_>>()
    };
    platforms.all().filter(shown).flat_map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_platform_has_a_session_that_is_kept_as_it_says() {
    let house = House::new().await;
    for (recorded, path) in all() {
        let public = recorded
            .words
            .fail
            .iter()
            .filter(|secret| !recorded.lines.iter().any(|line| line.contains(*secret)));
        assert_eq!(
            public.collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{}: not in the configuration",
            recorded.name
        );
        let (raw, _) = kept_masked_and_unchanged(&house, &recorded).await;
        // Byte for byte, line ends too.
        let wanted = std::fs::read(path.with_extension("config")).unwrap();
        assert_eq!(raw, String::from_utf8_lossy(&wanted), "{}", recorded.name);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_cut_anywhere_are_never_promoted() {
    let house = House::new().await;
    for (recorded, _) in all() {
        cuts_are_not_believed(&house, &recorded).await;
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_says_of_itself_and_that_it_hides_secrets_is_in_the_log() {
    let house = House::new().await;
    let platforms = Platforms::shipped().unwrap();
    let mut logs = Vec::new();
    for key in ["cisco_ios", "cisco_ftd"] {
        let platform = platforms.get(key).unwrap();
        let path = sessions(&platform).remove(0);
        logs.push(log(&house, &read(&path, &platform)).await);
    }
    let hides = |log: &Vec<String>| log.iter().any(|line| line.contains("itself left secrets out"));
    assert!(!hides(&logs[0]) && hides(&logs[1]), "{logs:#?}");
    let said: Vec<&String> = logs[0].iter().filter(|line| line.contains("says of itself")).collect();
    assert_eq!(said.len(), 1, "{logs:#?}");
    for fact in ["hostname sw-access-7, ", "version 15.2(7)E4, ", "changed by "] {
        assert!(said[0].contains(fact), "{fact}: {said:?}");
    }
    house.close().await;
}
