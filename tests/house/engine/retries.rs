//! Which failures are tried again by themselves, on real sessions.

use std::time::Duration;

use netraven::{
    domain::{
        failure::FailureClass,
        id::{DeviceId, JobId},
        job::{Job, JobState, Outcome},
    },
    engine::Engine,
    service::jobs,
    simulate::{Device, Fault, Platform, Running},
};

use crate::support::{
    fleet::patient,
    house::{House, quick},
    process::until,
    sql,
};

async fn house_with(fault: Fault) -> (House, DeviceId, Running) {
    let house = House::new().await;
    let device = Device::new(Platform::CiscoIos, "core-1").with_faults(fault);
    let (ids, mut fleet) = house.fleet([device]).await;
    (house, ids[0], fleet.remove(0))
}

/// Queues a backup as a schedule does.
async fn planned(house: &House, device: DeviceId) -> JobId {
    let which = jobs::Which::These(vec![device]);
    let started = jobs::back_up(&house.core, &house.grant(), which).await.unwrap().unwrap();
    sql::run(&house.core, "UPDATE jobs SET priority = 5 WHERE state = 'queued'").await;
    started.jobs[0].0
}

async fn job(house: &House, id: JobId) -> Job {
    jobs::find(&house.core, &house.grant(), id).await.unwrap().unwrap()
}

async fn reaches(house: &House, id: JobId, state: JobState) -> Job {
    let reached = async || Some(job(house, id).await).filter(|job| job.state == state);
    until(20, reached, || format!("the job does not become {state}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_away_is_tried_again_and_nobody_is_alarmed() {
    let (house, device, running) = house_with(Fault::Refuse).await;
    let id = planned(&house, device).await;
    let engine = Engine::start(house.core.clone(), patient()).await.unwrap();
    let waiting = reaches(&house, id, JobState::Retrying).await;
    assert_eq!((waiting.class, waiting.attempt), (Some(FailureClass::Refused), 1));
    let wait = (waiting.due_at - house.clock.now()).num_seconds();
    assert!((24..=36).contains(&wait), "{wait} s");
    // The device's marks stay as they were, and nobody gets a mail.
    assert_eq!(
        sql::number(&house.core, "SELECT count(*) FROM devices WHERE last_job_id IS NOT NULL").await,
        0
    );
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM notices").await, 0);
    running.clear_faults();
    house.clock.advance(Duration::from_secs(40));
    let done = reaches(&house, id, JobState::Succeeded).await;
    assert_eq!((done.outcome, done.attempt, done.class), (Some(Outcome::Stored), 2, None));
    let log = house.log(id).await;
    assert!(log.iter().any(|line| line.text.contains("Attempt 2")), "{log:?}");
    engine.stop().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_stays_away_fails_when_the_tries_are_used_up() {
    let (house, device, running) = house_with(Fault::Refuse).await;
    let id = planned(&house, device).await;
    let engine = Engine::start(house.core.clone(), patient()).await.unwrap();
    for (attempt, wait) in [(1, 40), (2, 150)] {
        let failed = async || {
            let job = job(&house, id).await;
            (job.state == JobState::Retrying && job.attempt == attempt).then_some(())
        };
        until(20, failed, || format!("attempt {attempt} does not fail")).await;
        house.clock.advance(Duration::from_secs(wait));
    }
    let failed = reaches(&house, id, JobState::Failed).await;
    assert_eq!((failed.attempt, failed.class), (3, Some(FailureClass::Refused)));
    assert_eq!(
        sql::number(&house.core, "SELECT count(*) FROM devices WHERE last_job_class = 'refused'").await,
        1
    );
    drop(running);
    engine.stop().await;
    house.close().await;
}

// a password that was refused is not sent again, and what a person asked for is told at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_and_a_persons_own_job_are_not_tried_again() {
    let (house, device, running) = house_with(Fault::WrongPassword).await;
    let id = planned(&house, device).await;
    let engine = Engine::start(house.core.clone(), quick()).await.unwrap();
    let failed = reaches(&house, id, JobState::Failed).await;
    assert_eq!((failed.class, failed.attempt), (Some(FailureClass::AuthFailed), 1));
    running.set_faults(Fault::Refuse);
    let which = jobs::Which::These(vec![device]);
    let started = jobs::back_up(&house.core, &house.grant(), which).await.unwrap().unwrap();
    let failed = reaches(&house, started.jobs[0].0, JobState::Failed).await;
    assert_eq!((failed.class, failed.attempt), (Some(FailureClass::Refused), 1));
    engine.stop().await;
    house.close().await;
}

// tries that ended are no deaths of a process.
#[tokio::test]
async fn deaths_are_counted_apart_from_tries() {
    use crate::support::stock;
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    stock::claimed(&house.core, device).await;
    sql::run(&house.core, "UPDATE jobs SET attempt = 7").await;
    for (deaths, freed) in [(1, (1, 0)), (2, (1, 0)), (3, (0, 1))] {
        stock::leases_run_out(&house.core).await;
        assert_eq!(stock::free(&house.core).await, freed, "death {deaths}");
        stock::claim(&house.core, "test", 1).await;
    }
}

// every place is taken by devices that hang, and a person's click is served all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_persons_job_starts_while_all_other_places_hang() {
    let house = House::new().await;
    let stuck = (0..14).map(|n| {
        Device::new(Platform::CiscoIos, &format!("stuck-{n}"))
            .with_faults(Fault::Stall(netraven::domain::failure::Stage::Command))
    });
    let (ids, fleet) = house.fleet(stuck).await;
    let (urgent, _well) = house.device(Device::new(Platform::CiscoIos, "well")).await;
    let grace = Duration::from_millis(50);
    let options = netraven::engine::Options { concurrency: Some(5), grace, ..patient() };
    let engine = Engine::start(house.core.clone(), options).await.unwrap();
    jobs::back_up(&house.core, &house.grant(), jobs::Which::These(ids)).await.unwrap().unwrap();
    let talking = async || {
        let open = fleet.iter().filter(|running| running.seen().commands > 0).count();
        (open == 4).then_some(())
    };
    until(20, talking, || "the places are not taken".to_owned()).await;
    let asked = std::time::Instant::now();
    let which = jobs::Which::These(vec![urgent]);
    let started = jobs::back_up(&house.core, &house.grant(), which).await.unwrap().unwrap();
    house.ended(&[started.jobs[0].0]).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(fleet.iter().filter(|running| running.seen().connections > 0).count(), 4);
    engine.stop().await;
    house.close().await;
}
