//! Backups that come again and again by themselves.

use std::{sync::Arc, time::Duration};

use netraven::{
    app,
    crypt::password::Passwords,
    domain::{
        job::{JobState, Outcome},
        schedule::{NewSchedule, Recurrence},
    },
    engine::{Engine, Options},
    service::schedules,
    simulate::{Device, Platform},
};

use super::{open_house, over};
use crate::support::{fleet::patient, house::House, stock};

async fn every_quarter(house: &House) {
    let quarter = NewSchedule::new("Every quarter", Recurrence::every("15").unwrap());
    schedules::create(&house.core, &stock::grant(), &quarter).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_slot_takes_one_backup_and_only_changes_become_versions() {
    let house = open_house().await;
    let (id, running) = house.device(Device::new(Platform::CiscoIos, "core")).await;
    every_quarter(&house).await;
    let mut outcomes = Vec::new();
    for slot in 1..=6_usize {
        if slot % 2 == 1 {
            running.set_config(
                &running.config().replace("\nend", &format!("\nip host slot-{slot} 192.0.2.1\nend")),
            );
        }
        house.clock.advance(Duration::from_mins(15));
        let jobs = over(&house, slot).await;
        outcomes.push(jobs.last().unwrap().outcome.unwrap());
    }
    let (stored, same) = (Outcome::Stored, Outcome::Unchanged);
    assert_eq!(outcomes, [stored, same, stored, same, stored, same]);
    let versions = house.versions(id).await;
    let taken: Vec<String> = versions.iter().map(|v| v.taken_at.format("%H:%M").to_string()).collect();
    assert_eq!(taken, ["13:15", "12:45", "12:15"], "the newest first");
    assert!(versions.iter().all(|v| v.seen == 2 && v.started_by == "Every quarter"), "{versions:#?}");
    house.close().await;
}

// whoever is first takes the slot; nobody takes it again.
#[tokio::test(flavor = "multi_thread")]
async fn three_planners_take_each_slot_once() {
    let house = House::new().await;
    let (_, fleet) = house.fleet((0..4).map(|n| Device::new(Platform::Linux, &format!("fw-{n}")))).await;
    every_quarter(&house).await;
    let mut engines = Vec::new();
    for _ in 0..3 {
        // Each is a process of its own, as far as the database can tell.
        let time = house.clock.clone();
        let clock = Arc::new(move || time.now());
        let core = app::open_with(&house.places, clock, Passwords::cheap()).await.unwrap();
        let options = Options { is_planning: true, ..patient() };
        engines.push(Engine::start(core, options).await.unwrap());
    }
    for slot in 1..=3 {
        house.clock.advance(Duration::from_mins(15));
        let jobs = over(&house, slot * 4).await;
        assert!(jobs.iter().all(|job| job.state == JobState::Succeeded && job.attempt == 1), "{jobs:#?}");
    }
    for engine in engines {
        engine.stop().await;
    }
    assert!(fleet.iter().all(|it| (it.seen().sessions, it.seen().most_at_once) == (3, 1)));
    house.close().await;
}
