//! Many jobs, many who ask, several engines: each device is spoken to by one at a time.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use netraven::{
    domain::{
        access::Role,
        job::{JobFilter, JobState},
    },
    engine::{Engine, Options},
    simulate::{Device, Platform, Record},
};

use super::{all_jobs, ask, job_of, slow, well};
use crate::support::{fleet::patient, house::House, process::until};

//
#[tokio::test(flavor = "multi_thread")]
async fn fifty_who_press_the_button_at_once_get_the_same_job() {
    let house = House::new().await;
    let person = house.signed_in(Role::Operator).await;
    let (id, running) = house.device(slow(Device::new(Platform::CiscoIos, "wanted"), 50)).await;
    let wanted = [id];
    let places = join_all((0..50).map(|_| ask(&person, &wanted))).await;
    let jobs: std::collections::BTreeSet<_> = places.iter().map(|place| job_of(place)).collect();
    assert_eq!(jobs.len(), 1, "{places:?}");
    let engine = Engine::start(house.core.clone(), patient()).await.unwrap();
    let ended = house.ended(&jobs.into_iter().collect::<Vec<_>>()).await;
    engine.stop().await;
    assert_eq!((ended[0].state, running.seen().sessions), (JobState::Succeeded, 1), "{ended:#?}");
    house.close().await;
}

// R-04, in one process; tests/chaos/two-nodes.sh does it with two and thousands.
#[tokio::test(flavor = "multi_thread")]
async fn three_engines_and_everybody_asking_never_make_two_sessions_with_one_device() {
    let house = House::new().await;
    let person = house.signed_in(Role::Operator).await;
    let folder = tempfile::tempdir().unwrap();
    let record = Record::create(&folder.path().join("record")).unwrap();
    let devices = well(40).map(|device| Device { record: Some(record.clone()), ..slow(device, 10) });
    let (ids, _fleet) = house.fleet(devices).await;
    let mut engines = Vec::new();
    for _ in 0..3 {
        let options = Options { concurrency: Some(6), ..patient() };
        engines.push(Engine::start(house.core.clone(), options).await.unwrap());
    }
    for part in 1..=8 {
        // All of them, and some of them again while they wait or run.
        join_all([ask(&person, &ids), ask(&person, &ids[..part * 5]), ask(&person, &ids[part..])]).await;
    }
    let all = async || {
        let jobs = all_jobs(&house, &JobFilter::default()).await;
        jobs.iter().all(|job| job.finished_at.is_some()).then_some(jobs)
    };
    let jobs = until(60, all, || "the jobs do not end".to_owned()).await;
    for engine in engines {
        engine.stop().await;
    }
    assert!(jobs.iter().all(|job| (job.state, job.attempt) == (JobState::Succeeded, 1)), "{jobs:#?}");
    let (mut open, mut talks) = (BTreeMap::new(), BTreeMap::new());
    for line in std::fs::read_to_string(folder.path().join("record")).unwrap().lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [_, what, device] = words[..] else { panic!("{line}") };
        let count: &mut i32 = open.entry(device.to_owned()).or_default();
        *count += if what == "opened" { 1 } else { -1 };
        assert!((0..=1).contains(&*count), "two at once talk to {device}");
        if what == "opened" {
            *talks.entry(device.to_owned()).or_insert(0) += 1;
        }
    }
    for (device, talks) in talks {
        assert_eq!(jobs.iter().filter(|job| job.device_name == device).count(), talks, "{device}");
    }
    house.close().await;
}
