//! Settings that the engine follows while it works.

use std::time::Duration;

use netraven::{
    domain::{
        access::ViewDevices,
        id::JobId,
        job::{JobFilter, JobState},
        page::PageRequest,
        setting::Wanted,
    },
    engine::{Engine, Options},
    service::{jobs, settings},
    simulate::{Device, Platform},
};

use crate::support::{fleet::patient, house::House, process::until};

async fn allow(house: &House, jobs: i64) {
    let wanted = Wanted::Value(jobs.to_string());
    settings::set(&house.core, &house.grant(), "system.jobs.max_concurrent_jobs", wanted).await.unwrap();
}

// system.jobs.max_concurrent_jobs
#[tokio::test(flavor = "multi_thread")]
async fn places_follow_the_setting_and_no_running_job_is_cut() {
    let house = House::new().await;
    let (ids, _fleet) = house
        .fleet((0..24).map(|n| {
            let mut device = Device::new(Platform::ALL[n % Platform::ALL.len()], &format!("p-{n}"));
            device.latency = Duration::from_millis(150);
            device
        }))
        .await;
    allow(&house, 2).await;
    let engine = Engine::start(house.core.clone(), Options { concurrency: None, ..patient() }).await.unwrap();
    let which = jobs::Which::These(ids);
    let started = jobs::back_up(&house.core, &house.grant(), which).await.unwrap().unwrap();
    let queued: Vec<JobId> = started.jobs.into_iter().map(|(job, _)| job).collect();
    let by = house.grant::<ViewDevices>();
    let filter = JobFilter { state: Some(JobState::Running), ..JobFilter::default() };
    let running = async || jobs::list(&house.core, &by, &filter, PageRequest::first(50)).await.unwrap().total;
    until(20, async || (running().await == 2).then_some(()), || "two never run".to_owned()).await;
    allow(&house, 8).await;
    until(20, async || (running().await > 4).then_some(()), || "no more jobs run".to_owned()).await;
    allow(&house, 1).await;
    // Those that run go on; none is added until there is one.
    let at_lowering = running().await;
    let mut most = 0;
    let over = async || {
        most = most.max(running().await);
        (jobs::over(&house.core, &by, &queued).await.unwrap().len() == queued.len()).then_some(())
    };
    until(60, over, || "the jobs do not end".to_owned()).await;
    assert!(most <= 8, "{most} after it was lowered at {at_lowering}");
    let ended = jobs::over(&house.core, &by, &queued).await.unwrap();
    assert!(ended.iter().all(|job| job.state == JobState::Succeeded), "a running job was cut");
    engine.stop().await;
    house.close().await;
}
