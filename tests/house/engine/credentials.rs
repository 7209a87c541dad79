//! Which credentials jobs try on real sessions: in order, never again by themselves, and never past the third refusal.

use netraven::{
    domain::{
        access::ManageCredentials,
        credential::{Login, SharedEdit},
        failure::FailureClass,
        id::{CredentialId, DeviceId, JobId},
        job::{Job, JobState, Outcome},
        page::PageRequest,
    },
    engine::Engine,
    service::{credentials, devices, jobs, tags},
    simulate::{Device, Platform, Running},
};

use crate::support::{
    fleet::{password, patient},
    house::House,
    process::free_port,
    sql, stock,
};

/// A house with devices that have this password, all with the tag `site` and no credential of their own.
async fn site(passwords: &[&str]) -> (House, Vec<DeviceId>, Vec<Running>) {
    let house = House::new().await;
    let fleet = passwords.iter().enumerate().map(|(number, password)| {
        let mut device = Device::new(Platform::CiscoIos, &format!("core-{number}"));
        device.password = netraven::domain::secret::Secret::new(*password);
        device
    });
    let (ids, running) = house.fleet(fleet).await;
    devices::set_login(&house.core, &stock::grant(), &ids, None).await.unwrap().unwrap();
    let tag = stock::tag(&house.core, "site").await;
    tags::assign(&house.core, &stock::grant(), &ids, &[tag], true).await.unwrap();
    (house, ids, running)
}

fn edit(name: &str, secret: &str) -> SharedEdit {
    SharedEdit {
        name: name.parse().unwrap(),
        description: String::new(),
        most_sessions: None,
        secrets: password("netraven", secret),
        keeps_old: true,
    }
}

async fn shared(house: &House, name: &str, secret: &str, priority: i32) -> CredentialId {
    let by = stock::grant::<ManageCredentials>();
    let id = credentials::create(&house.core, &by, &edit(name, secret)).await.unwrap();
    let tag = tags::find_by_name(&house.core, &stock::grant(), "site").await.unwrap().unwrap().id;
    credentials::link(&house.core, &by, id, (tag, priority)).await.unwrap();
    id
}

/// Backs devices up as a schedule does: nobody asked for it.
async fn planned(house: &House, ids: &[DeviceId]) -> Vec<Job> {
    let started = jobs::back_up(&house.core, &stock::grant(), jobs::Which::These(ids.to_vec())).await;
    let started = started.unwrap().unwrap();
    sql::run(&house.core, "UPDATE jobs SET priority = 5 WHERE state = 'queued'").await;
    ended(house, &started.jobs.iter().map(|(job, _)| *job).collect::<Vec<_>>()).await
}

async fn ended(house: &House, ids: &[JobId]) -> Vec<Job> {
    let engine = Engine::start(house.core.clone(), patient()).await.unwrap();
    let mut jobs = house.ended(ids).await;
    engine.stop().await;
    jobs.sort_by_key(|job| job.device);
    jobs
}

fn tried_on(fleet: &[Running]) -> usize {
    fleet.iter().filter(|device| device.seen().auth_attempts > 0).count()
}

// a wrong password on twelve devices, all at once, reaches three of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_shared_password_stops_after_three_devices() {
    let (house, ids, fleet) = site(&["right"; 12]).await;
    let id = shared(&house, "tacacs", "wrong", 100).await;
    let jobs = house.back_up_with(&ids, patient()).await;
    assert!(jobs.iter().all(|job| job.class == Some(FailureClass::AuthFailed)), "{jobs:#?}");
    assert_eq!(tried_on(&fleet), 3);
    let stopped = jobs.iter().filter(|job| job.message.as_ref().unwrap().contains("is stopped")).count();
    assert_eq!(stopped, 9, "{jobs:#?}");
    let found = credentials::find(&house.core, &stock::grant(), id, PageRequest::first(50)).await;
    let found = found.unwrap().unwrap();
    assert!(found.shared.stopped_at.is_some());
    assert_eq!((found.shared.failures, found.tags[0].failures, found.uses.total), (3, 3, 12));
    let told = "SELECT count(*) FROM audit_events WHERE event = 'credential_stopped'";
    assert_eq!(sql::number(&house.core, told).await, 1);
    // The right password starts it again; one acceptance opens the way for all.
    let right = SharedEdit { keeps_old: false, ..edit("tacacs", "right") };
    credentials::update(&house.core, &stock::grant(), (id, 2), &right).await.unwrap();
    let jobs = planned(&house, &ids).await;
    assert!(jobs.iter().all(|job| job.outcome == Some(Outcome::Stored)), "{jobs:#?}");
    house.close().await;
}

// S-77: one line for a batch and a credential, before the first device sees it; without that line none does.
#[tokio::test(flavor = "multi_thread")]
async fn the_use_of_a_credential_is_in_the_trail_or_does_not_happen() {
    let (house, ids, fleet) = site(&["right"; 3]).await;
    let id = shared(&house, "tacacs", "right", 100).await;
    let told = format!(
        "SELECT detail AS value FROM audit_events WHERE event = 'credential_used' AND object_id = {id} ORDER BY seq"
    );
    sql::refuse_lines(&house.core, "credential_used").await;
    let jobs = house.back_up_with(&ids, patient()).await;
    assert!(jobs.iter().all(|job| job.class == Some(FailureClass::Internal)), "{jobs:#?}");
    assert!(jobs.iter().all(|job| job.message.as_ref().unwrap().contains("it is not used")), "{jobs:#?}");
    assert_eq!((tried_on(&fleet), sql::texts(&house.core, &told).await.len()), (0, 0));
    sql::accept_lines(&house.core).await;
    for batches in 1..=2 {
        let jobs = house.back_up_with(&ids, patient()).await;
        assert!(jobs.iter().all(|job| job.state == JobState::Succeeded), "{jobs:#?}");
        let lines = sql::texts(&house.core, &told).await;
        assert_eq!(lines.len(), batches, "{lines:#?}");
        assert!(lines[batches - 1].contains("started by console; first on core-"), "{lines:#?}");
    }
    house.close().await;
}

// The order is that of the priorities, and the one that was accepted goes first from then on.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_credential_is_tried_and_the_good_one_is_remembered() {
    let (house, ids, fleet) = site(&["second"]).await;
    let first = shared(&house, "first", "wrong", 200).await;
    let second = shared(&house, "second", "second", 100).await;
    let plan = credentials::explain(&house.core, &stock::grant(), ids[0]).await.unwrap();
    assert_eq!(
        plan.iter().map(|way| (way.id, way.place)).collect::<Vec<_>>(),
        [(first, Some(1)), (second, Some(2))]
    );
    let jobs = planned(&house, &ids).await;
    assert_eq!(jobs[0].outcome, Some(Outcome::Stored), "{jobs:#?}");
    let noted = sql::texts(&house.core, "SELECT credential_name AS value FROM jobs").await;
    assert_eq!(noted, ["the shared credential second (tag site, priority 100)"]);
    let log = house.log(jobs[0].id).await;
    let said = |words: &str| log.iter().any(|line| line.text.contains(words));
    assert!(
        said("Trying the shared credential first (tag site, priority 200)") && said("refused"),
        "{log:#?}"
    );
    assert!(!said("wrong") && log.iter().all(|line| !line.text.contains("\"second\"")), "{log:#?}");
    let attempts = fleet[0].seen().auth_attempts;
    let plan = credentials::explain(&house.core, &stock::grant(), ids[0]).await.unwrap();
    assert_eq!((plan[0].id, plan[0].place, plan[1].place), (second, Some(1), None), "{plan:#?}");
    assert!(plan[1].why_not.as_ref().unwrap().starts_with("Not tried again by itself"), "{plan:#?}");
    let jobs = planned(&house, &ids).await;
    assert_eq!(jobs[0].outcome, Some(Outcome::Unchanged));
    assert_eq!(fleet[0].seen().auth_attempts, attempts + 1, "the good one at once");
    house.close().await;
}

// what was refused is not tried again until it changes or a person asks.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_is_not_repeated_by_itself() {
    let house = House::new().await;
    let mut device = Device::new(Platform::CiscoIos, "core-1");
    device.password = netraven::domain::secret::Secret::new("other");
    let (ids, fleet) = house.fleet([device]).await;
    // The inventory knows the password of the simulator; the wrong one takes its place.
    let change = async |secret: &str| {
        let known = devices::find(&house.core, &stock::grant(), ids[0]).await.unwrap().unwrap().device;
        let mut new = stock::new_device(&known.name, &known.address, secret);
        new.port = known.port.to_string().parse().unwrap();
        new.credential = Some(password("netraven", secret));
        new.login = Login::Own;
        devices::update(&house.core, &stock::grant(), (ids[0], known.version), new).await.unwrap();
    };
    change("wrong").await;
    assert_eq!(planned(&house, &ids).await[0].class, Some(FailureClass::AuthFailed));
    let attempts = fleet[0].seen().auth_attempts;
    assert_eq!(attempts, 1, "R-09: one wrong password, one failed sign-in");
    for _ in 0..3 {
        let job = planned(&house, &ids).await.remove(0);
        assert_eq!(job.class, Some(FailureClass::AuthFailed));
        assert!(job.message.as_ref().unwrap().starts_with("Not tried again by itself"), "{job:#?}");
    }
    assert_eq!(fleet[0].seen().auth_attempts, attempts);
    house.back_up_with(&ids, patient()).await;
    assert_eq!(fleet[0].seen().auth_attempts, 2 * attempts, "a person asked");
    change("other").await;
    assert_eq!(planned(&house, &ids).await[0].outcome, Some(Outcome::Stored));
    house.close().await;
}

// A rotation reaches devices before and after their change, and ends by itself when all have it.
#[tokio::test(flavor = "multi_thread")]
async fn the_old_secret_stays_until_every_device_has_the_new_one() {
    let (house, ids, fleet) = site(&["old", "old", "old", "old", "new"]).await;
    let id = shared(&house, "tacacs", "old", 100).await;
    let by = stock::grant::<ManageCredentials>();
    planned(&house, &ids[..4]).await;
    credentials::update(&house.core, &by, (id, 2), &edit("tacacs", "new")).await.unwrap();
    let find = async || {
        credentials::find(&house.core, &stock::grant(), id, PageRequest::first(50)).await.unwrap().unwrap()
    };
    assert_eq!(find().await.progress, (5, 0));
    for round in 0..2 {
        let jobs = planned(&house, &ids).await;
        assert!(jobs.iter().all(|job| job.state == JobState::Succeeded), "round {round}: {jobs:#?}");
    }
    let found = find().await;
    assert!(found.shared.previous.is_some() && found.shared.stopped_at.is_none());
    assert_eq!(found.progress, (5, 1), "one device has the new one");
    let attempts = fleet[0].seen().auth_attempts;
    assert_eq!(credentials::settle(&house.core).await.unwrap(), 0);
    devices::delete_many(&house.core, &stock::grant(), &ids[..4]).await.unwrap();
    assert_eq!(credentials::settle(&house.core).await.unwrap(), 1);
    assert!(find().await.shared.previous.is_none());
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM credentials").await, 1, "the old one is gone");
    assert!(attempts > 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_tested_on_chosen_devices_without_a_backup() {
    let (house, ids, _fleet) = site(&["right", "other"]).await;
    let id = shared(&house, "tacacs", "right", 100).await;
    let batch = credentials::test(&house.core, &stock::grant(), id, &ids).await.unwrap().unwrap();
    let filter = netraven::domain::job::JobFilter { batch: Some(batch), ..Default::default() };
    let queued = jobs::list(&house.core, &stock::grant(), &filter, PageRequest::first(9)).await.unwrap();
    let jobs = ended(&house, &queued.rows.iter().map(|job| job.id).collect::<Vec<_>>()).await;
    assert_eq!(jobs[0].state, JobState::Succeeded, "{jobs:#?}");
    assert_eq!(jobs[0].message.as_deref(), Some("The device let it in."));
    assert_eq!(jobs[1].class, Some(FailureClass::AuthFailed), "{jobs:#?}");
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM backups").await, 0);
    let marked = "SELECT count(*) FROM devices WHERE last_job_id IS NOT NULL";
    assert_eq!(sql::number(&house.core, marked).await, 0, "a test says nothing about backups");
    assert!(credentials::test(&house.core, &stock::grant(), id, &[DeviceId(999)]).await.unwrap().is_none());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reachability_is_looked_at_without_signing_in() {
    let (house, mut ids, fleet) = site(&["x"]).await;
    ids.push(house.add("gone", ("127.0.0.1", free_port()), "cisco_ios", None).await);
    let started = jobs::check(&house.core, &stock::grant(), jobs::Which::These(ids.clone())).await;
    let started = started.unwrap().unwrap();
    let jobs = ended(&house, &started.jobs.iter().map(|(job, _)| *job).collect::<Vec<_>>()).await;
    assert_eq!(jobs[0].state, JobState::Succeeded, "{jobs:#?}");
    assert_eq!(jobs[1].class, Some(FailureClass::Refused), "{jobs:#?}");
    assert_eq!(fleet[0].seen().auth_attempts, 0);
    for (id, is_reachable, words) in [(ids[0], true, "SSH-2.0-"), (ids[1], false, "refused")] {
        let device = devices::find(&house.core, &stock::grant(), id).await.unwrap().unwrap().device;
        let found = device.reachability.unwrap();
        assert!(found.is_reachable == is_reachable && found.note.contains(words), "{found:?}");
        assert!(device.last_job.is_none());
    }
    house.close().await;
}
