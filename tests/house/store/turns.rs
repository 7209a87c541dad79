//! Who is taken next: what a person waits for, then batches in turn, as far as caps allow.

use std::time::Duration;

use netraven::{
    domain::{
        access::Actor,
        cap::Cap,
        id::DeviceId,
        job::{Claimed, JobState, Places},
        schedule::{NewSchedule, Recurrence, Targets},
        tag::NewTag,
    },
    service::{
        Core,
        jobs::{self, Which},
        queue, schedules, tags,
    },
};

use crate::support::{house::House, sql, stock};

async fn devices(core: &Core, names: impl Iterator<Item = String>) -> Vec<DeviceId> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(stock::device(core, &name).await);
    }
    ids
}

async fn many(core: &Core, letter: &str, count: usize) -> Vec<DeviceId> {
    devices(core, (0..count).map(|n| format!("{letter}{n:02}"))).await
}

async fn queue_up(core: &Core, devices: &[DeviceId]) {
    jobs::back_up(core, &stock::grant(), Which::These(devices.to_vec())).await.unwrap().unwrap();
}

fn count(taken: &[Claimed], of: &[DeviceId]) -> usize {
    taken.iter().filter(|job| of.contains(&job.device)).count()
}

#[tokio::test]
async fn batches_that_wait_together_are_worked_on_in_turn() {
    let house = House::new().await;
    let core = &house.core;
    let (large, late) = (many(core, "a", 40).await, many(core, "b", 12).await);
    queue_up(core, &large).await;
    assert_eq!(stock::claim(core, "w", 10).await.len(), 10);
    queue_up(core, &late).await;
    // The late one is not behind the thirty that wait already: each gets every second place.
    let next = stock::claim(core, "w", 10).await;
    assert_eq!((count(&next, &large), count(&next, &late)), (5, 5));
    let rest = stock::claim(core, "w", 99).await;
    assert_eq!((count(&rest, &large), count(&rest, &late)), (25, 7));
}

#[tokio::test]
async fn what_a_person_waits_for_goes_first_and_has_places_of_its_own() {
    let house = House::new().await;
    let core = &house.core;
    let (large, one) = (many(core, "a", 20).await, stock::device(core, "b").await);
    queue_up(core, &large).await;
    queue_up(core, &[one]).await;
    let full = Places { urgent: 2, others: 0 };
    let taken = queue::claim(core, "w", full).await.unwrap();
    assert_eq!(taken.iter().map(|job| job.device).collect::<Vec<_>>(), [one]);
    assert_eq!(
        queue::claim(core, "w", full).await.unwrap().len(),
        0,
        "the places that are kept free were taken"
    );
    // Urgent jobs count against the others.
    let second = stock::device(core, "c").await;
    queue_up(core, &[second]).await;
    let taken = queue::claim(core, "w", Places { urgent: 3, others: 3 }).await.unwrap();
    assert_eq!((count(&taken, &[second]), taken.len()), (1, 3));
}

async fn capped(core: &Core, name: &str, most: i32) -> netraven::domain::id::TagId {
    let new = NewTag {
        name: name.parse().unwrap(),
        description: String::new(),
        color: netraven::domain::tag::Color::default(),
        most_sessions: Some(Cap::try_from(most).unwrap()),
    };
    tags::create(core, &stock::grant(), &new).await.unwrap()
}

#[tokio::test]
async fn a_site_with_a_thin_line_is_spared_and_keeps_nobody_waiting() {
    let house = House::new().await;
    let core = &house.core;
    let (thin, others) = (many(core, "a", 30).await, many(core, "b", 30).await);
    let tag = capped(core, "branch", 3).await;
    tags::assign(core, &stock::grant(), &thin, &[tag], true).await.unwrap();
    queue_up(core, &thin).await;
    queue_up(core, &others).await;
    let taken = stock::claim(core, "w", 20).await;
    assert_eq!((count(&taken, &thin), count(&taken, &others)), (3, 17));
    let more = stock::claim(core, "another node", 20).await;
    assert_eq!((count(&more, &thin), count(&more, &others)), (0, 13), "counted over all nodes");
    // When one of its sessions is over, the next one starts.
    sql::run(
        core,
        &format!("UPDATE jobs SET state = 'succeeded' WHERE device_id = {}", taken_of(&taken, &thin).0),
    )
    .await;
    let next = stock::claim(core, "w", 20).await;
    assert_eq!((count(&next, &thin), next.len()), (1, 1));
}

fn taken_of(taken: &[Claimed], of: &[DeviceId]) -> DeviceId {
    taken.iter().map(|job| job.device).find(|device| of.contains(device)).unwrap()
}

#[tokio::test]
async fn a_credential_signs_in_to_so_many_devices_at_once() {
    let house = House::new().await;
    let core = &house.core;
    let (through_tag, chosen, others) =
        (many(core, "a", 6).await, many(core, "b", 6).await, many(core, "c", 6).await);
    let credential = stock::shared(core, "tacacs").await;
    let tag = stock::tag(core, "site").await;
    netraven::service::credentials::link(core, &stock::grant(), credential, (tag, 1)).await.unwrap();
    sql::run(core, &format!("UPDATE credentials SET most_sessions = 2 WHERE id = {}", credential.0)).await;
    let set_login = netraven::service::devices::set_login;
    set_login(core, &stock::grant(), &through_tag, None).await.unwrap().unwrap();
    tags::assign(core, &stock::grant(), &through_tag, &[tag], true).await.unwrap();
    set_login(core, &stock::grant(), &chosen, Some(credential)).await.unwrap().unwrap();
    let all: Vec<DeviceId> = [through_tag.clone(), chosen.clone(), others.clone()].concat();
    queue_up(core, &all).await;
    let taken = stock::claim(core, "w", 99).await;
    assert_eq!(count(&taken, &through_tag) + count(&taken, &chosen), 2);
    assert_eq!(count(&taken, &others), 6);
}

#[tokio::test]
async fn the_jobs_of_a_slot_are_spread_over_its_time() {
    let house = House::new().await;
    let core = &house.core;
    let ids = many(core, "a", 12).await;
    let new = NewSchedule {
        targets: Targets::Devices(ids.clone()),
        spread_minutes: 60,
        ..NewSchedule::new("slow", Recurrence::Every { minutes: 720 })
    };
    schedules::create(core, &stock::grant(), &new).await.unwrap();
    house.clock.advance(Duration::from_hours(12));
    assert_eq!(schedules::plan(core, &Actor::system()).await.unwrap(), 12);
    assert_eq!(stock::claim(core, "w", 99).await.len(), 1);
    let mut taken = 1;
    for minutes in [4, 1, 5, 5] {
        house.clock.advance(Duration::from_mins(minutes));
        taken += stock::claim(core, "w", 99).await.len();
    }
    assert_eq!(taken, 4, "one every five minutes");
    house.clock.advance(Duration::from_mins(40));
    assert_eq!(stock::claim(core, "w", 99).await.len(), 8);
}

// jobs that were made before the clock was put back do not wait for the old time to come again.
#[tokio::test]
async fn waiting_jobs_follow_a_clock_that_is_put_back() {
    for by in [Duration::from_hours(1), Duration::from_hours(24)] {
        let house = House::new().await;
        let device = stock::device(&house.core, "core-1").await;
        queue_up(&house.core, &[device]).await;
        house.clock.back(by);
        assert_eq!(stock::claim(&house.core, "w", 9).await.len(), 0);
        stock::free(&house.core).await;
        let taken = stock::claim(&house.core, "w", 9).await;
        assert_eq!(taken.len(), 1, "{by:?}");
        // And one that is running is nobody else's, wherever the clock stands.
        let patient = queue::LostJobs::default();
        for _ in 0..3 {
            house.clock.advance(by * 2);
            assert_eq!(patient.free(&house.core).await.unwrap(), (0, 0));
            house.clock.back(by * 3);
            assert_eq!(patient.free(&house.core).await.unwrap(), (0, 0));
        }
        let job = jobs::find(&house.core, &stock::grant(), taken[0].id).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempt), (JobState::Running, 1));
    }
}
