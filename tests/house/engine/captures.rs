//! Recordings of real devices (`../shared/captures`), each through a real socket.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::playing::{cuts_are_not_believed, is_refused, kept_masked_and_unchanged};
use crate::support::{
    house::House,
    recorded::{EMPTY, Recorded, recordings},
    shared,
};

/// Models of which [`Recorded`] knows a line that is another at every fetch.
const MOVING: [&str; 3] = ["ios", "junos", "routeros"];

/// What `judge` says of each recording: all are heard before the first that is wrong ends the test.
async fn each(judge: impl AsyncFn(Recorded)) {
    let mut wrong = Vec::new();
    for recorded in recordings() {
        let name = recorded.name.clone();
        if AssertUnwindSafe(judge(recorded)).catch_unwind().await.is_err() {
            wrong.push(name);
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
    let (house, fleet) = (House::new().await, std::sync::Mutex::new(Vec::new()));
    each(async |recorded| {
        let devices = cuts_are_not_believed(&house, &recorded).await;
        fleet.lock().unwrap().extend(devices);
    })
    .await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_without_its_configuration_is_refused() {
    let Some(folder) = shared::captures() else { return };
    let house = House::new().await;
    is_refused(&house, &Recorded::load(&folder.join(format!("{EMPTY}#simulation.yaml")))).await;
    house.close().await;
}
