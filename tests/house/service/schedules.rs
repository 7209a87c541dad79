//! Schedules: a slot fires once, whoever plans and whatever was missed.

use std::time::Duration;

use netraven::{
    domain::{
        access::Actor,
        schedule::{NewSchedule, Recurrence},
    },
    service::{
        Core,
        schedules::{self, SaveScheduleError},
    },
};

use crate::support::{house::House, sql, stock};

async fn plan(core: &Core) -> usize {
    schedules::plan(core, &Actor::system()).await.unwrap()
}

/// Batches that brought jobs.
async fn batches(house: &House) -> i64 {
    sql::number(&house.core, "SELECT count(*) FROM batches WHERE schedule_id IS NOT NULL AND note IS NULL")
        .await
}

/// What is written down about slots that brought none.
async fn notes(house: &House) -> Vec<String> {
    sql::texts(&house.core, "SELECT note AS value FROM batches WHERE note IS NOT NULL ORDER BY id").await
}

/// Ends what runs and waits, so that the next slot finds the schedule free.
async fn finish_all(house: &House) {
    sql::run(&house.core, "UPDATE jobs SET state = 'succeeded'").await;
}

//
#[tokio::test]
async fn a_slot_fires_once_for_any_number_of_planners() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    stock::device(&house.core, "b").await;
    stock::schedule(&house.core, "hourly", "60").await;
    assert_eq!(plan(&house.core).await, 0, "its time has not come");
    for round in 1..=3 {
        house.clock.advance(Duration::from_hours(1));
        let planners = (0..8).map(|_| plan(&house.core));
        let queued: usize = futures_util::future::join_all(planners).await.into_iter().sum();
        assert_eq!((queued, batches(&house).await), (2, round));
        finish_all(&house).await;
    }
    let slots =
        sql::texts(&house.core, "SELECT CAST(slot_at AS TEXT) AS value FROM batches ORDER BY id").await;
    assert_eq!(
        slots.iter().filter(|slot| slot.contains("13:00") || slot.contains("14:00")).count(),
        2,
        "{slots:?}"
    );
}

// after a standstill the newest missed slot fires, once.
#[tokio::test]
async fn what_was_missed_for_three_hours_fires_once() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    stock::schedule(&house.core, "often", "10").await;
    house.clock.advance(Duration::from_secs(3 * 3_600 + 90));
    assert_eq!(plan(&house.core).await, 1);
    finish_all(&house).await;
    assert_eq!(plan(&house.core).await, 0);
    assert_eq!(batches(&house).await, 1);
    let found = schedules::find_by_name(&house.core, &stock::grant(), "often").await.unwrap().unwrap();
    assert_eq!(found.next_run_at.unwrap().to_rfc3339(), "2026-03-01T15:10:00+00:00");
    assert_eq!(found.last_run_at.unwrap().to_rfc3339(), "2026-03-01T15:00:00+00:00");
    // One row tells of all that were missed.
    let told = notes(&house).await;
    assert_eq!(told, ["missed: 17 slots since 1 Mar 2026, 12:10 UTC; the newest one ran instead"]);
}

#[tokio::test]
async fn a_schedule_whose_last_batch_still_works_lets_its_slot_pass() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    stock::schedule(&house.core, "hourly", "60").await;
    house.clock.advance(Duration::from_hours(1));
    assert_eq!(plan(&house.core).await, 1);
    house.clock.advance(Duration::from_hours(1));
    assert_eq!((plan(&house.core).await, batches(&house).await), (0, 1), "the last batch still waits");
    finish_all(&house).await;
    assert_eq!(plan(&house.core).await, 0, "the slot has passed");
    assert_eq!(notes(&house).await, ["skipped: the last batch is still at work"]);
    house.clock.advance(Duration::from_hours(1));
    assert_eq!((plan(&house.core).await, batches(&house).await), (1, 2));
}

#[tokio::test]
async fn a_disabled_or_deleted_schedule_does_not_fire() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    let id = stock::schedule(&house.core, "hourly", "60").await;
    let mut edit =
        NewSchedule { is_enabled: false, ..NewSchedule::new("hourly", Recurrence::every("60").unwrap()) };
    schedules::update(&house.core, &stock::grant(), (id, 1), &edit).await.unwrap();
    assert_eq!(schedules::find(&house.core, &stock::grant(), id).await.unwrap().unwrap().next_run_at, None);
    house.clock.advance(Duration::from_hours(2));
    assert_eq!(plan(&house.core).await, 0);
    // Switched on again, it begins with the next slot, not with those that passed.
    edit.is_enabled = true;
    schedules::update(&house.core, &stock::grant(), (id, 2), &edit).await.unwrap();
    assert_eq!(plan(&house.core).await, 0);
    assert!(schedules::delete(&house.core, &stock::grant(), id).await.unwrap());
    house.clock.advance(Duration::from_hours(2));
    assert_eq!(plan(&house.core).await, 0);
    let gone = schedules::update(&house.core, &stock::grant(), (id, 3), &edit).await;
    assert!(matches!(gone, Err(SaveScheduleError::Gone)));
}

#[tokio::test]
async fn two_schedules_cannot_have_one_name() {
    let house = House::new().await;
    stock::schedule(&house.core, "nightly", "60").await;
    let new = NewSchedule::new("nightly", Recurrence::every("5").unwrap());
    let second = schedules::create(&house.core, &stock::grant(), &new).await;
    assert!(matches!(second, Err(SaveScheduleError::NameTaken)));
}

// the wall clock decides, over both changes of the clocks.
#[tokio::test]
async fn a_daily_schedule_fires_once_a_local_day_over_the_change_of_clocks() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    let recurrence = Recurrence::daily("02:30", "Europe/Berlin").unwrap();
    let new = NewSchedule::new("nightly", recurrence);
    schedules::create(&house.core, &stock::grant(), &new).await.unwrap();
    let mut fired = 0;
    // 1 March to 1 April 2026: 31 nights, one of which has no half past two.
    for _ in 0..31 * 24 {
        house.clock.advance(Duration::from_hours(1));
        fired += plan(&house.core).await;
        finish_all(&house).await;
    }
    assert_eq!(fired, 31);
    let slots =
        sql::texts(&house.core, "SELECT CAST(slot_at AS TEXT) AS value FROM batches ORDER BY id").await;
    let on =
        |day: &str| slots.iter().find(|slot| slot.starts_with(day)).unwrap().get(11..16).unwrap().to_owned();
    assert_eq!(
        (on("2026-03-28"), on("2026-03-29"), on("2026-03-30")),
        ("01:30".into(), "01:00".into(), "00:30".into())
    );
}
