//! No job takes longer than it may, and none keeps its place for ever.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use netraven::{
    domain::{
        failure::{FailureClass, Stage},
        id::{DeviceId, JobId},
        job::{Job, JobState, Outcome},
    },
    engine::{Engine, Options, transport::Deadlines},
    service::jobs,
    simulate::{Device, Fault, Faults, Platform},
};

use crate::support::{
    fleet::patient,
    house::{House, quick},
    process::until,
    sql,
};

/// An engine that is patient with every stage and lets a job take this long in all.
fn within(total: Duration) -> Options {
    let minute = Duration::from_mins(1);
    let deadlines = Deadlines {
        connect: minute,
        handshake: minute,
        auth: minute,
        shell: minute,
        silence: minute,
        total,
        least_learned: Duration::from_secs(1),
        ..Deadlines::default()
    };
    Options { deadlines, ..quick() }
}

async fn start(house: &House, devices: &[DeviceId]) -> Vec<JobId> {
    let which = jobs::Which::These(devices.to_vec());
    let started = jobs::back_up(&house.core, &house.grant(), which).await.unwrap().unwrap();
    started.jobs.into_iter().map(|(job, _)| job).collect()
}

async fn told(house: &House, job: &Job) -> String {
    let lines = house.log(job.id).await.into_iter().map(|entry| entry.text);
    lines.collect::<Vec<_>>().join("\n")
}

fn out_of_time(job: &Job) -> bool {
    let at = (job.state, job.class, job.stage);
    let message = job.message.as_deref().unwrap_or_default();
    at == (JobState::Failed, Some(FailureClass::Timeout), Some(Stage::Command))
        && message.contains("when the job's time was over")
}

// each stage's own deadline is proven in `faults`; here none of them comes first.
#[tokio::test(flavor = "multi_thread")]
async fn a_stall_at_any_stage_ends_with_the_time_of_the_job() {
    let stalls = [
        Stage::Connect,
        Stage::Banner,
        Stage::KeyExchange,
        Stage::Auth,
        Stage::Shell,
        Stage::Prompt,
        Stage::Paging,
        Stage::Enable,
        Stage::Command,
    ];
    let house = House::new().await;
    let devices = stalls.map(|stage| {
        Device::new(Platform::CiscoIos, &format!("stalls-{}", stage.as_str().replace('_', "-")))
            .with_enable("enable-word")
            .with_faults(Fault::Stall(stage))
    });
    let (ids, _fleet) = house.fleet(devices).await;
    let began = Instant::now();
    for (stage, job) in stalls.iter().zip(house.back_up_with(&ids, within(Duration::from_secs(3))).await) {
        assert!(out_of_time(&job), "{stage}: {job:#?}");
        assert!(job.message.as_deref().unwrap().ends_with("3 s, as configured."), "{stage}: {job:#?}");
        let log = told(&house, &job).await;
        assert!(log.contains("The time for this job is 3 s, as configured."), "{stage}: {log}");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(house.core.counters.jobs_out_of_time.load(Relaxed), 9);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_device_s_own_limit_goes_before_its_platform_s_and_that_before_the_configured_one() {
    let house = House::new().await;
    let folder = house.places.data_dir.join("platforms");
    std::fs::create_dir_all(&folder).unwrap();
    let ios = house.core.platforms.get("cisco_ios").unwrap();
    let own = ios.source().replace("key = \"cisco_ios\"", "key = \"slow_ios\"");
    assert!(!own.contains("[timeouts]"), "give the copy another place for its limit");
    std::fs::write(folder.join("slow.toml"), format!("{own}\n[timeouts]\ntotal = 4\n")).unwrap();
    let mut slow = house.core.clone();
    slow.platforms = slow.platforms.with_site_files(&folder).unwrap();

    let devices = ["own", "platform", "configured"]
        .map(|name| Device::new(Platform::CiscoIos, name).with_faults(Fault::Stall(Stage::Command)));
    let (ids, _fleet) = house.fleet(devices).await;
    let core = &house.core;
    sql::run(core, "UPDATE devices SET platform = 'slow_ios' WHERE name <> 'configured'").await;
    sql::run(core, "UPDATE devices SET time_limit = 2 WHERE name = 'own'").await;
    let engine = Engine::start(slow, within(Duration::from_secs(6))).await.unwrap();
    let queued = start(&house, &ids).await;
    let ended = house.ended(&queued).await;
    engine.stop().await;
    for (name, why, least) in [
        ("own", "2 s, the device's own time limit", 2_000),
        ("platform", "4 s, the time limit of its platform", 4_000),
        ("configured", "6 s, as configured", 6_000),
    ] {
        let job = ended.iter().find(|job| job.device_name == name).unwrap();
        assert!(out_of_time(job) && job.message.as_deref().unwrap().contains(why), "{job:#?}");
        assert!(job.duration_ms.unwrap() >= least, "{job:#?}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_learned_from_good_jobs_and_a_device_that_becomes_slow_gets_the_whole_time_again() {
    let house = House::new().await;
    let (ids, fleet) = house.fleet([Device::new(Platform::CiscoIos, "learns")]).await;
    let options = || within(Duration::from_secs(30));
    for _ in 0..3 {
        let job = house.back_up_with(&ids, options()).await.remove(0);
        assert_eq!(job.state, JobState::Succeeded, "{job:#?}");
        assert!(told(&house, &job).await.contains("30 s, as configured."), "too few jobs to learn from");
    }
    // On a busy machine the good ones may have taken their time, and then more is learned.
    let took = sql::number(&house.core, "SELECT max(duration_ms) FROM jobs").await;
    let slow = Duration::from_millis(u64::try_from(took).unwrap().max(200) * 6);
    let bytes = fleet[0].device().configuration.len();
    let rate = bytes * 1_000 / usize::try_from(slow.as_millis()).unwrap();
    fleet[0].set_faults(Fault::Drip(rate.max(1)));

    let job = house.back_up_with(&ids, options()).await.remove(0);
    assert!(out_of_time(&job), "{slow:?}: {job:#?}");
    assert!(job.message.as_deref().unwrap().contains("learned from its last good jobs"), "{job:#?}");
    for why in
        ["30 s, as configured, because the last try did not go well", "learned from its last good jobs"]
    {
        let job = house.back_up_with(&ids, options()).await.remove(0);
        assert_eq!(job.state, JobState::Succeeded, "{job:#?}");
        let log = told(&house, &job).await;
        assert!(log.contains(why), "{log}");
    }
    house.close().await;
}

// R-21, the soak of an hour shortened: rounds of jobs, one of twenty hanging where no stage's deadline would end it.
#[tokio::test(flavor = "multi_thread")]
async fn hanging_devices_leave_every_place_free_in_the_end() {
    const CAP: u16 = 12;
    let house = House::new().await;
    // The file of the other gives its export half an hour, whatever the options say.
    let kinds: Vec<Platform> =
        Platform::ALL.iter().copied().filter(|it| *it != Platform::PaloaltoPanosApi).collect();
    let devices = (0..100).map(|n| {
        let faults = if n % 20 == 7 { Fault::Stall(Stage::Command).into() } else { Faults::none() };
        Device::new(kinds[n % kinds.len()], &format!("soak-{n}")).with_faults(faults)
    });
    let (ids, _fleet) = house.fleet(devices).await;
    let options = Options { concurrency: Some(CAP.into()), ..within(Duration::from_secs(12)) };
    let engine = Engine::start(house.core.clone(), options).await.unwrap();
    for round in 0..2 {
        let queued = start(&house, &ids).await;
        let ended = house.ended(&queued).await;
        let hung = ended.iter().filter(|job| out_of_time(job)).count();
        let good = ended.iter().filter(|job| job.state == JobState::Succeeded).count();
        assert_eq!((hung, good), (5, 95), "round {round}");
    }
    let free = async || (engine.free_places() == i64::from(CAP)).then_some(());
    until(10, free, || format!("{} of {CAP} places are free", engine.free_places())).await;
    assert_eq!(house.core.counters.jobs_out_of_time.load(Relaxed), 10);
    assert_eq!(house.core.counters.jobs_ended_by_force.load(Relaxed), 0);
    engine.stop().await;
    house.close().await;
}

// what hangs is not the device but our own database, where no deadline of a session holds.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_hangs_after_its_deadline_is_ended_by_force_and_its_place_is_free() {
    let house = House::new().await;
    if sql::is_sqlite(&house.core).await {
        // A writer of SQLite waits three seconds and counts the database as away: there is nothing to hang on.
        println!("not on SQLite: no statement waits long enough");
        return;
    }
    let mut device = Device::new(Platform::CiscoIos, "hangs").with_enable("enable-word");
    device.latency = Duration::from_millis(300);
    let (ids, fleet) = house.fleet([device]).await;
    let job = house.back_up_with(&ids, patient()).await.remove(0);
    assert_eq!(job.state, JobState::Succeeded, "{job:#?}");

    fleet[0].set_faults(Fault::WrongEnable);
    let mut options = within(Duration::from_secs(6));
    options.concurrency = Some(1);
    options.deadlines.patience = Duration::from_millis(300);
    let engine = Engine::start(house.core.clone(), options).await.unwrap();
    let queued = start(&house, &ids).await;
    let let_in = async || (fleet[0].seen().sessions == 2).then_some(());
    until(20, let_in, || "nobody signs in".to_owned()).await;
    // The refusal cannot be written down while somebody else holds the table.
    let mut lock = house.core.db.begin().await.unwrap();
    sql::hold(&mut lock, "credential_answers").await;
    let forced = async || (house.core.counters.jobs_ended_by_force.load(Relaxed) == 1).then_some(());
    until(20, forced, || "the watchdog does not go off".to_owned()).await;
    drop(lock);
    let job = house.ended(&queued).await.remove(0);
    let ended = (job.state, job.outcome, job.class);
    assert_eq!(ended, (JobState::Failed, Some(Outcome::Error), Some(FailureClass::Internal)), "{job:#?}");
    assert!(job.message.as_deref().unwrap().contains("ended by force"), "{job:#?}");
    let free = async || (engine.free_places() == 1).then_some(());
    until(10, free, || "its place is not free".to_owned()).await;
    engine.stop().await;

    fleet[0].clear_faults();
    let job = house.back_up_with(&ids, patient()).await.remove(0);
    assert_eq!(job.state, JobState::Succeeded, "{job:#?}");
    house.close().await;
}
