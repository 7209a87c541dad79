//! Recordings of real devices (`../shared/captures`), each through a real socket.

use std::path::PathBuf;

use super::playing::{Recorded, cuts_are_not_believed, kept_masked_and_unchanged};
use crate::support::{house::House, shared};

/// The recorder's names of platforms of which a whole session was recorded.
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
const EMPTY: &str = "aoscx#CX6200_10.16.1020_environment";

/// The recordings of our platforms; none, and a line that says so, where the folder is not there.
fn recordings() -> Vec<PathBuf> {
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
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_are_kept_line_by_line_masked_and_unchanged_the_next_day() {
    let house = House::new().await;
    for path in recordings() {
        let recorded = Recorded::load(&path);
        let (_, moving) = kept_masked_and_unchanged(&house, &recorded).await;
        // EOS is asked without its time; every other shows when it was asked.
        assert!(moving > 0 || recorded.capture.model() == "eos", "{}: nothing moves", recorded.name);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_cut_anywhere_are_never_promoted() {
    let house = House::new().await;
    for path in recordings() {
        cuts_are_not_believed(&house, &Recorded::load(&path)).await;
    }
    house.close().await;
}
