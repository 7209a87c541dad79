//! Recordings of real devices (`../shared/captures`), each through a real socket.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::playing::{cuts_are_not_believed, is_refused, kept_masked_and_unchanged};
use crate::support::{
    cumulus,
    house::House,
    next_day::STILL,
    recorded::{EMPTY, Recorded, Words, recordings},
    shared,
};

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
    let (house, fleet) = (House::new().await, std::sync::Mutex::new(Vec::new()));
    each(async |recorded| {
        let (_, moving, device) = kept_masked_and_unchanged(&house, &recorded).await;
        fleet.lock().unwrap().extend(device);
        assert_eq!(moving == 0, STILL.contains(&recorded.key()), "{}: {moving} move", recorded.name);
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

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_files_of_a_cumulus_switch_are_read_by_one_command() {
    let Some(folder) = shared::captures() else { return };
    let house = House::new().await;
    let (recorded, files) = cumulus::recorded(&folder);
    assert!(files.len() > 10, "{files:?}");
    let (raw, _, _device) = kept_masked_and_unchanged(&house, &recorded).await;
    let mut rest = raw.as_str();
    for (path, text) in files {
        let section = format!("### {path}\n{text}");
        let at = rest.find(&section).unwrap_or_else(|| panic!("{path} is not in what follows:\n{rest}"));
        rest = &rest[at + section.len()..];
    }
    let _fleet = cuts_are_not_believed(&house, &recorded).await;
    house.close().await;
}

/// `#significant_changes.yaml`: the text that is compared must not hold what is another at every fetch, and must hold all
/// else. What Oxidized adds from information commands is kept beside the configuration here, as facts with a history of
/// their own; a text of an answer that is not fetched at all cannot count as a change.
#[test]
fn what_changes_by_itself_is_not_compared_and_all_else_is() {
    let Some(folder) = shared::captures() else { return };
    let mut lists = 0;
    for recorded in recordings() {
        let Ok(words) =
            std::fs::read_to_string(folder.join(format!("{}#significant_changes.yaml", recorded.name)))
        else {
            continue;
        };
        lists += 1;
        let words: Words = serde_saphyr::from_str(&words).unwrap();
        let platform = recorded.platform();
        let raw = recorded.lines.join("\n") + "\n";
        let compared = platform.normalised(raw.as_bytes());
        let asked = recorded
            .capture
            .exchanges()
            .iter()
            .filter(|it| platform.commands().info.iter().any(|command| command == it.command.trim()));
        let beside: String = asked.map(|it| String::from_utf8_lossy(&it.answer).into_owned()).collect();
        for text in words.fail.iter().map(|text| text.replace('\\', "")) {
            assert!(!compared.contains(&text), "{}: {text} counts:\n{compared}", recorded.name);
        }
        for text in words.pass.iter().map(|text| text.replace('\\', "")) {
            if raw.contains(&text) {
                assert!(compared.contains(&text), "{}: {text} does not count:\n{compared}", recorded.name);
            } else {
                assert!(beside.contains(&text), "{}: {text} is not even fetched", recorded.name);
            }
        }
    }
    assert_eq!(lists, 3);
}
