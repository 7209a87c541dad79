//! Recordings of real devices (`../shared/captures`), each through a real socket.

use std::{panic::AssertUnwindSafe, path::PathBuf};

use futures_util::FutureExt;

use super::playing::{Recorded, cuts_are_not_believed, is_refused, kept_masked_and_unchanged};
use crate::support::{house::House, shared};

/// The recorder's names of platforms of which a whole session was recorded.
///
/// Not among them: `vsololt`, which no platform file describes, since its configuration shows in configuration mode only
/// and has alarms in its middle (what is stored of it as Oxidized's output is wrong as well); `cumulus`, whose recording
/// is not one of a command and its answer.
const MODELS: [&str; 15] = [
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
];

/// Models of which [`Recorded`] knows a line that is another at every fetch.
const MOVING: [&str; 3] = ["ios", "junos", "routeros"];

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

/// What `judge` says of each recording: all are heard before the first that is wrong ends the test.
async fn each(judge: impl AsyncFn(Recorded)) {
    let mut wrong = Vec::new();
    for path in recordings() {
        let recorded = AssertUnwindSafe(async { judge(Recorded::load(&path)).await });
        if recorded.catch_unwind().await.is_err() {
            wrong.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "each said why above");
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_are_kept_line_by_line_masked_and_unchanged_the_next_day() {
    let house = House::new().await;
    each(async |recorded| {
        let (_, moving) = kept_masked_and_unchanged(&house, &recorded).await;
        let moves = MOVING.contains(&recorded.capture.model());
        assert!(moving > 0 || !moves, "{}: nothing moves", recorded.name);
    })
    .await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_cut_anywhere_are_never_promoted() {
    let house = House::new().await;
    each(async |recorded| cuts_are_not_believed(&house, &recorded).await).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_without_its_configuration_is_refused() {
    let Some(folder) = shared::captures() else { return };
    let house = House::new().await;
    is_refused(&house, &Recorded::load(&folder.join(format!("{EMPTY}#simulation.yaml")))).await;
    house.close().await;
}
