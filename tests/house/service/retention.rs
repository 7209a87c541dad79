//! Retention: what may go goes, and nothing else.

use std::{fmt::Write as _, time::Duration};

use netraven::{
    domain::{id::DeviceId, setting::Wanted},
    service::{Core, settings, upkeep},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

use crate::support::{house::House, sql, stock};

const DAY: Duration = Duration::from_hours(24);

/// A version: how many days ago it was taken, whether it is pinned, and whether its bytes are damaged.
type Version = (i64, bool, bool);

/// A device's versions, the oldest first, how its last job ended, and whether it is deleted.
#[derive(Debug, Clone)]
struct History {
    versions: Vec<Version>,
    last: (&'static str, &'static str),
    is_deleted: bool,
}

fn history() -> impl Strategy<Value = History> {
    let version = (0_i64..60, prop::bool::weighted(0.15), prop::bool::weighted(0.15));
    let last = prop::sample::select(vec![
        ("succeeded", "stored"),
        ("succeeded", "unchanged"),
        ("succeeded", "unchanged"),
        ("failed", "error"),
        ("failed", "suspect"),
        ("discarded", "error"),
    ]);
    (prop::collection::vec(version, 0..7), last, prop::bool::weighted(0.1)).prop_map(
        |(mut versions, last, is_deleted)| {
            versions.sort_by_key(|(age, ..)| -age);
            History { versions, last, is_deleted }
        },
    )
}

/// What must stay, said another way than the query says it.
fn stays(history: &History, index: usize, days: i64) -> bool {
    let (_, is_pinned, _) = history.versions[index];
    let later = &history.versions[index + 1..];
    let is_in_trouble = history.last.0 != "succeeded";
    let superseded = later.iter().any(|(age, _, is_damaged)| !is_damaged && *age >= days);
    is_pinned || is_in_trouble || history.is_deleted || later.is_empty() || !superseded
}

async fn write(house: &House, device: DeviceId, history: &History) {
    let at = |days: i64| (house.clock.now() - chrono::Duration::days(days)).format("%Y-%m-%d %H:%M:%S");
    let mut text = String::new();
    for (index, (age, is_pinned, is_damaged)) in history.versions.iter().enumerate() {
        let hash = format!("{device}-{index}");
        let blob = "CAST('x' AS BYTEA)";
        let blob = if sql::is_sqlite(&house.core).await { "x'00'" } else { blob };
        write!(
            text,
            "INSERT INTO contents (sha256, sealed, bytes, created_at) VALUES ('{hash}', {blob}, 1, '{at}');\
             INSERT INTO backups (device_id, platform, taken_at, verified_at, seen, sha256, fingerprint, bytes, lines, \
             added, removed, is_pinned, is_damaged) VALUES ({device}, 'cisco_ios', '{at}', '{at}', 1, '{hash}', '{hash}', \
             1, 1, 0, 0, {is_pinned}, {is_damaged});",
            at = at(*age)
        ).unwrap();
    }
    let (state, outcome) = history.last;
    let deleted = if history.is_deleted { format!("'{}'", at(0)) } else { "NULL".to_owned() };
    write!(
            text,
        "UPDATE devices SET last_job_state = '{state}', last_job_outcome = '{outcome}', deleted_at = {deleted}, \
         current_backup_id = (SELECT max(id) FROM backups WHERE device_id = {device}) WHERE id = {device};").unwrap();
    sql::run(&house.core, &text).await;
}

async fn kept(core: &Core, table: &str) -> Vec<String> {
    sql::texts(core, &format!("SELECT sha256 AS value FROM {table} ORDER BY sha256")).await
}

// a property over random histories.
#[tokio::test]
async fn what_may_go_goes_and_everything_else_stays() {
    let house = House::new().await;
    let mut devices = Vec::new();
    for n in 0..10 {
        devices.push(stock::device(&house.core, &format!("d-{n}")).await);
    }
    let mut runner = TestRunner::new(Config::default());
    let cases = (prop::collection::vec(history(), devices.len()), 1_i64..50);
    let (mut all, mut gone) = (0, 0);
    for _ in 0..12 {
        let (histories, days) = cases.new_tree(&mut runner).unwrap().current();
        sql::run(&house.core, "DELETE FROM backups; DELETE FROM contents").await;
        let text = Wanted::Value(days.to_string());
        settings::set(&house.core, &stock::grant(), "system.backup.retention_days", text).await.unwrap();
        let mut wanted = Vec::new();
        for (device, history) in devices.iter().zip(&histories) {
            write(&house, *device, history).await;
            let staying = (0..history.versions.len()).filter(|index| stays(history, *index, days));
            wanted.extend(staying.map(|index| format!("{device}-{index}")));
        }
        wanted.sort();
        let before = kept(&house.core, "backups").await.len();
        let foretold = upkeep::preview(&house.core, &stock::grant(), days).await.unwrap();
        let swept = upkeep::apply(&house.core).await.unwrap();
        assert_eq!(kept(&house.core, "backups").await, wanted, "{days} days: {histories:#?}");
        assert_eq!(usize::try_from(foretold).unwrap(), swept.versions, "the preview uses the same condition");
        assert_eq!(swept.versions, before - wanted.len());
        for version in &wanted {
            assert!(kept(&house.core, "contents").await.contains(version), "a kept version lost its text");
        }
        assert_eq!(upkeep::apply(&house.core).await.unwrap().versions, 0, "once is enough");
        (all, gone) = (all + before, gone + swept.versions);
    }
    println!("{gone} of {all} versions went");
    assert!(gone > 0 && gone < all);
}

#[tokio::test]
async fn removal_leaves_one_line_and_takes_texts_after_a_day_of_grace() {
    let house = House::new().await;
    let core = &house.core;
    let device = stock::device(core, "core-1").await;
    stock::version(core, device, "hostname one\nend\n").await;
    house.clock.advance(DAY);
    stock::version(core, device, "hostname two\nend\n").await;
    house.clock.advance(29 * DAY);
    assert_eq!(upkeep::apply(core).await.unwrap(), upkeep::Swept::default(), "superseded for 29 days");
    house.clock.advance(DAY);
    assert_eq!(upkeep::preview(core, &stock::grant(), 30).await.unwrap(), 1);
    let swept = upkeep::apply(core).await.unwrap();
    assert_eq!((swept.versions, swept.contents), (1, 1));
    let lines = "SELECT actor || ': ' || object AS value FROM audit_events WHERE event = 'retention_applied'";
    assert_eq!(sql::texts(core, lines).await, ["netraven: 1 version of 1 device"]);
    // A text that lost its version otherwise waits for a day.
    sql::run(core, "UPDATE devices SET current_backup_id = NULL; DELETE FROM backups").await;
    sql::run(
        core,
        &format!("UPDATE contents SET created_at = '{}'", house.clock.now().format("%Y-%m-%d %H:%M:%S")),
    )
    .await;
    house.clock.advance(Duration::from_hours(23));
    assert_eq!(upkeep::apply(core).await.unwrap().contents, 0);
    house.clock.advance(Duration::from_hours(2));
    assert_eq!(upkeep::apply(core).await.unwrap().contents, 1);
    assert_eq!(sql::number(core, "SELECT count(*) FROM contents").await, 0);
}

// a text that is put to use again in the moment of the clean-up stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_clean_up_never_takes_what_is_being_used_again() {
    let house = House::new().await;
    let core = &house.core;
    for round in 0..10 {
        let device = stock::device(core, &format!("d-{round}")).await;
        stock::version(core, device, "hostname same\nend\n").await;
        sql::run(core, "UPDATE devices SET current_backup_id = NULL; DELETE FROM backups").await;
        house.clock.advance(2 * DAY);
        let again = stock::device(core, &format!("again-{round}")).await;
        let job = stock::claimed(core, again).await;
        let (kept, swept) =
            tokio::join!(stock::bring(core, &job, "hostname same\nend\n"), upkeep::apply(core));
        swept.unwrap();
        assert!(kept.is_some());
        let newest = netraven::service::backups::newest(core, &stock::grant(), again).await.unwrap().unwrap();
        let text = netraven::service::backups::download(core, &stock::grant(), &newest).await.unwrap();
        assert_eq!(text, b"hostname same\nend\n");
    }
}
