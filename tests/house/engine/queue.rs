//! Who works on what: nothing twice at once, nothing lost.

use std::time::Duration;

use netraven::{
    domain::{
        access::ViewDevices,
        failure::Stage,
        id::{DeviceId, JobId},
        job::{JobFilter, JobState, Outcome},
        page::PageRequest,
    },
    engine::{Engine, Options},
    service::jobs,
    simulate::{Device, Fault, Faults, Platform},
};

use crate::support::{fleet::patient, house::House, process::until, stock};

fn many(count: usize, latency: u64) -> impl Iterator<Item = Device> {
    (0..count).map(move |n| {
        let platform = Platform::ALL[n % Platform::ALL.len()];
        let mut device = Device::new(platform, &format!("q-{n}"));
        device.latency = Duration::from_millis(latency);
        device
    })
}

/// Queues a backup of each.
async fn start(house: &House, devices: &[DeviceId]) -> Vec<JobId> {
    let which = jobs::Which::These(devices.to_vec());
    let started = jobs::back_up(&house.core, &house.grant(), which).await.unwrap().unwrap();
    started.jobs.into_iter().map(|(job, _)| job).collect()
}

async fn state(house: &House, job: JobId) -> JobState {
    jobs::find(&house.core, &house.grant(), job).await.unwrap().unwrap().state
}

/// Waits until a device has been let in.
async fn talking(running: &netraven::simulate::Running) {
    until(
        20,
        async || (running.seen().commands > 0).then_some(()),
        || "nobody talks to the device".to_owned(),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_engines_do_sixty_jobs_once_each() {
    let house = House::new().await;
    let (ids, fleet) = house.fleet(many(60, 5)).await;
    let options = || Options { concurrency: Some(8), ..patient() };
    let first = Engine::start(house.core.clone(), options()).await.unwrap();
    let second = Engine::start(house.core.clone(), options()).await.unwrap();
    let queued = start(&house, &ids).await;
    assert_eq!(queued.len(), 60);
    // Whoever asks again while they wait joins them.
    let again = start(&house, &ids).await;
    let all: std::collections::BTreeSet<JobId> = queued.into_iter().chain(again).collect();
    let ended = house.ended(&all.into_iter().collect::<Vec<_>>()).await;
    first.stop().await;
    second.stop().await;
    for job in &ended {
        assert_eq!((job.state, job.attempt), (JobState::Succeeded, 1), "{job:#?}");
    }
    for (running, id) in fleet.iter().zip(&ids) {
        let of_device = ended.iter().filter(|job| job.device == Some(*id)).count();
        let seen = running.seen();
        assert_eq!((seen.most_at_once, seen.sessions), (1, u64::try_from(of_device).unwrap()), "{seen:?}");
        assert_eq!(house.versions(*id).await.len(), 1);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_vanished_worker_is_done_by_the_next() {
    let house = House::new().await;
    let (ids, fleet) = house.fleet(many(3, 0)).await;
    let queued = start(&house, &ids).await;
    let taken = stock::claim(&house.core, "vanished", 2).await;
    assert_eq!(taken.len(), 2);
    // Before the lease is over nobody frees them.
    assert_eq!(stock::free(&house.core).await, (0, 0));
    stock::leases_run_out(&house.core).await;
    assert_eq!(stock::free(&house.core).await, (2, 0));
    // A job that waits for its next attempt may be told to wait a while.
    house.clock.advance(Duration::from_mins(2));
    let engine = Engine::start(house.core.clone(), patient()).await.unwrap();
    let ended = house.ended(&queued).await;
    engine.stop().await;
    for job in &ended {
        let lost = taken.iter().any(|it| it.id == job.id);
        assert_eq!((job.state, job.attempt), (JobState::Succeeded, if lost { 2 } else { 1 }), "{job:#?}");
        let told = house.log(job.id).await.iter().any(|line| line.text.contains("interrupted"));
        assert_eq!(told, lost, "{job:#?}");
    }
    assert!(fleet.iter().all(|running| running.seen().sessions == 1));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn canceling_a_running_job_closes_its_session() {
    let house = House::new().await;
    let device = Device::new(Platform::CiscoIos, "stuck").with_faults(Fault::Stall(Stage::Command));
    let (ids, fleet) = house.fleet([device]).await;
    let engine = Engine::start(house.core.clone(), patient()).await.unwrap();
    let job = start(&house, &ids).await[0];
    talking(&fleet[0]).await;
    let asked = std::time::Instant::now();
    assert_eq!(jobs::cancel(&house.core, &house.grant(), job).await.unwrap(), Some(JobState::Running));
    let ended = house.ended(&[job]).await.remove(0);
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(ended.state, JobState::Canceled, "{ended:#?}");
    // The device is free for the next job at once.
    fleet[0].set_faults(Faults::none());
    let next = start(&house, &ids).await;
    assert_eq!(house.ended(&next).await[0].outcome, Some(Outcome::Stored));
    assert_eq!(fleet[0].seen().most_at_once, 1, "the old session was still open");
    engine.stop().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_is_canceled_at_once_and_never_done() {
    let house = House::new().await;
    let (ids, fleet) = house.fleet(many(1, 0)).await;
    let job = start(&house, &ids).await[0];
    assert_eq!(jobs::cancel(&house.core, &house.grant(), job).await.unwrap(), Some(JobState::Canceled));
    assert_eq!(state(&house, job).await, JobState::Canceled);
    house.back_up_with(&ids, patient()).await;
    assert_eq!((state(&house, job).await, fleet[0].seen().sessions), (JobState::Canceled, 1));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_stops_gives_its_jobs_back_without_an_attempt() {
    let house = House::new().await;
    let devices = many(4, 0).map(|device| device.with_faults(Fault::Stall(Stage::Auth)));
    let (ids, fleet) = house.fleet(devices).await;
    let options = Options { grace: Duration::from_millis(50), concurrency: Some(2), ..patient() };
    let engine = Engine::start(house.core.clone(), options).await.unwrap();
    let queued = start(&house, &ids).await;
    let connected = async || {
        let two = fleet.iter().filter(|running| running.seen().connections > 0).count() == 2;
        two.then_some(())
    };
    until(20, connected, || "no two sessions".to_owned()).await;
    engine.stop().await;
    for job in &queued {
        assert_eq!(state(&house, *job).await, JobState::Queued, "{job}");
    }
    fleet.iter().for_each(netraven::simulate::Running::clear_faults);
    let engine = Engine::start(house.core.clone(), patient()).await.unwrap();
    for job in house.ended(&queued).await {
        assert_eq!((job.state, job.attempt), (JobState::Succeeded, 1), "{job:#?}");
    }
    engine.stop().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_devices_are_talked_to_five_at_a_time() {
    let house = House::new().await;
    let (ids, _fleet) = house.fleet(many(50, 20)).await;
    // One of the six is kept for what a person waits for.
    let options = Options { concurrency: Some(6), ..patient() };
    let engine = Engine::start(house.core.clone(), options).await.unwrap();
    let queued = start(&house, &ids).await;
    let by = house.grant::<ViewDevices>();
    let filter = JobFilter { state: Some(JobState::Running), ..JobFilter::default() };
    let mut most = 0;
    let over = async || {
        let running = jobs::list(&house.core, &by, &filter, PageRequest::first(50)).await.unwrap().total;
        most = most.max(running);
        (jobs::over(&house.core, &by, &queued).await.unwrap().len() == 50).then_some(())
    };
    until(60, over, || "the jobs do not end".to_owned()).await;
    assert_eq!(most, 5);
    engine.stop().await;
    house.close().await;
}
