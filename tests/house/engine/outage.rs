//! A database that goes away, comes back, or only lets itself be read: told, survived, recovered from without a restart,
//! and nothing that a device has given is lost or doubled.

use std::time::{Duration, Instant};

use netraven::{
    config::Config,
    domain::{
        id::{DeviceId, JobId},
        job::{Job, JobState, Outcome},
    },
    engine::{Engine, Options},
    service::{database, jobs},
    simulate::{Device, Platform, Running},
};
use reqwest::StatusCode;

use crate::support::{
    fleet::patient,
    house::{House, Visitor},
    postgres_server::PostgresServer,
    process::until,
    sql, stock,
};

fn devices(count: usize) -> impl Iterator<Item = Device> {
    (0..count).map(|n| {
        let mut device = Device::new(Platform::CiscoIos, &format!("o-{n}"));
        device.latency = Duration::from_millis(60);
        device
    })
}

async fn start(house: &House, devices: &[DeviceId]) -> Vec<JobId> {
    let which = jobs::Which::These(devices.to_vec());
    let started = jobs::back_up(&house.core, &house.grant(), which).await.unwrap().unwrap();
    started.jobs.into_iter().map(|(job, _)| job).collect()
}

/// Waits until so many devices have been asked something.
async fn asked(fleet: &[Running], count: usize) {
    let enough =
        async || (fleet.iter().filter(|running| running.seen().commands > 0).count() >= count).then_some(());
    until(30, enough, || "the devices are not asked".to_owned()).await;
}

/// The jobs when all are over, however often the database does not answer meanwhile.
async fn over(house: &House, ids: &[JobId]) -> Vec<Job> {
    let all = async || {
        let over = jobs::over(&house.core, &house.grant(), ids).await.ok()?;
        (over.len() == ids.len()).then_some(over)
    };
    until(60, all, || "the jobs do not end".to_owned()).await
}

/// Every job done at its first attempt, every version there once.
async fn nothing_lost_or_doubled(house: &House, ids: &[DeviceId], ended: &[Job]) {
    for job in ended {
        assert_eq!((job.state, job.attempt), (JobState::Succeeded, 1), "{job:#?}");
        assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}");
        let lines = house.log(job.id).await;
        assert!((1..).zip(&lines).all(|(n, line)| line.seq == n), "{lines:#?}");
    }
    for id in ids {
        assert_eq!(house.versions(*id).await.len(), 1);
    }
}

/// What the start page answers, and how fast.
async fn page(visitor: &Visitor) -> (StatusCode, Option<String>, String) {
    let begun = Instant::now();
    let reply = visitor.get("/").await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let again = reply.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (reply.status(), again, reply.text().await.unwrap())
}

/// Waits for a page that is whole again.
async fn page_is_back(visitor: &Visitor) {
    let back = async || (page(visitor).await.0 == StatusCode::OK).then_some(());
    until(30, back, || "the pages do not come back".to_owned()).await;
}

async fn house(server: &PostgresServer) -> (House, Visitor) {
    let house = House::on(Some(server.url()), Config::default(), None).await;
    let visitor = house.signed_in(netraven::domain::access::Role::Admin).await;
    (house, visitor)
}

fn few() -> Options {
    Options { concurrency: Some(6), ..patient() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_database_in_the_middle_of_a_batch_loses_and_doubles_nothing() {
    let server = PostgresServer::start();
    let (house, visitor) = house(&server).await;
    let (ids, fleet) = house.fleet(devices(24)).await;
    let engine = Engine::start(house.core.clone(), few()).await.unwrap();
    let queued = start(&house, &ids).await;
    asked(&fleet, 8).await;
    server.crash();
    page_is_back(&visitor).await;
    let ended = over(&house, &queued).await;
    engine.stop().await;
    nothing_lost_or_doubled(&house, &ids, &ended).await;
    house.close().await;
}

/// `NETRAVEN_TEST_OUTAGE=60` is the long form.
#[tokio::test(flavor = "multi_thread")]
async fn what_devices_gave_while_the_database_was_away_is_written_when_it_is_back() {
    let seconds = std::env::var("NETRAVEN_TEST_OUTAGE").map_or(6, |text| text.parse().unwrap());
    let server = PostgresServer::start();
    let (house, visitor) = house(&server).await;
    let (ids, fleet) = house.fleet(devices(6)).await;
    let engine = Engine::start(house.core.clone(), few()).await.unwrap();
    let queued = start(&house, &ids).await;
    asked(&fleet, 6).await;
    // All are at work and none has ended: what they bring comes while nobody takes it.
    let left = jobs::over(&house.core, &house.grant(), &queued).await.unwrap();
    server.stop();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(seconds) {
        let (status, again, text) = page(&visitor).await;
        assert_eq!((status, again.as_deref()), (StatusCode::SERVICE_UNAVAILABLE, Some("5")), "{text}");
        assert!(text.contains("The database does not answer") && !text.contains("127.0.0.1"), "{text}");
        assert!(matches!(database::standing(&house.core).await, database::Standing::Away(_)));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // The lease would be over by now.
    house.clock.advance(Duration::from_secs(seconds.max(90)));
    server.resume();
    page_is_back(&visitor).await;
    let ended = over(&house, &queued).await;
    assert_eq!(database::standing(&house.core).await, database::Standing::Well);
    engine.stop().await;
    nothing_lost_or_doubled(&house, &ids, &ended).await;
    let sessions: Vec<u64> = fleet.iter().map(|running| running.seen().sessions).collect();
    assert_eq!(
        sessions,
        [1; 6],
        "a device was asked again for what it had given; {} had ended before",
        left.len()
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_can_only_be_read_is_told_and_waited_for() {
    let server = PostgresServer::start();
    let (house, visitor) = house(&server).await;
    let (ids, fleet) = house.fleet(devices(12)).await;
    let engine = Engine::start(house.core.clone(), few()).await.unwrap();
    let queued = start(&house, &ids).await;
    asked(&fleet, 4).await;
    server.read_only(true).await;
    let noticed = async || house.core.outage.why();
    until(10, noticed, || "nobody notices".to_owned()).await;
    assert!(matches!(database::standing(&house.core).await, database::Standing::ReadOnly(_)));
    // Reading goes on, with a word about it; writing is refused and says when to come back.
    house.clock.advance(Duration::from_secs(90));
    let (status, _, text) = page(&visitor).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("The database takes no changes"), "{text}");
    let reply = visitor.post("/backups/run", &[("which", "all")]).await;
    assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE);
    server.read_only(false).await;
    let ended = over(&house, &queued).await;
    let is_over = async || (!page(&visitor).await.2.contains("The database takes no changes")).then_some(());
    until(10, is_over, || "the pages go on telling of it".to_owned()).await;
    engine.stop().await;
    nothing_lost_or_doubled(&house, &ids, &ended).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_the_database_is_away_comes_to_an_end() {
    let server = PostgresServer::start();
    let (house, _) = house(&server).await;
    let (ids, fleet) = house.fleet(devices(4)).await;
    let options = Options { grace: Duration::from_secs(2), ..few() };
    let engine = Engine::start(house.core.clone(), options).await.unwrap();
    start(&house, &ids).await;
    asked(&fleet, 4).await;
    server.stop();
    let begun = Instant::now();
    engine.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_sqlite_keeps_what_was_taken_until_there_is_room() {
    let house = House::on(None, Config::default(), None).await;
    let (ids, fleet) = house.fleet(devices(4)).await;
    let queued = start(&house, &ids).await;
    // In SQLite's own words: a version fits no more, shorter things do.
    let full = "CREATE TRIGGER full BEFORE INSERT ON backups \
         BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
    sql::run(&house.core, full).await;
    let engine = Engine::start(house.core.clone(), few()).await.unwrap();
    asked(&fleet, 4).await;
    let noticed = async || house.core.outage.why();
    until(30, noticed, || "nobody notices".to_owned()).await;
    assert!(jobs::over(&house.core, &house.grant(), &queued).await.unwrap().is_empty());
    sql::run(&house.core, "DROP TRIGGER full").await;
    let ended = over(&house, &queued).await;
    engine.stop().await;
    nothing_lost_or_doubled(&house, &ids, &ended).await;
    stock::device(&house.core, "and-it-goes-on").await;
    house.close().await;
}
