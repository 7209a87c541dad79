//! Slots that bring nothing say why, and clocks may jump.

use std::time::Duration;

use netraven::{
    domain::{
        access::Actor,
        id::ScheduleId,
        schedule::{NewSchedule, Recurrence, Schedule},
    },
    service::schedules::{self, Ran, SaveScheduleError},
};

use crate::support::{house::House, sql, stock};

async fn plan(house: &House) -> usize {
    schedules::plan(&house.core, &Actor::system()).await.unwrap()
}

async fn notes(house: &House) -> Vec<String> {
    sql::texts(&house.core, "SELECT note AS value FROM batches WHERE note IS NOT NULL ORDER BY id").await
}

async fn fired(house: &House) -> i64 {
    sql::number(&house.core, "SELECT count(*) FROM batches WHERE note IS NULL AND slot_at IS NOT NULL").await
}

async fn finish_all(house: &House) {
    sql::run(&house.core, "UPDATE jobs SET state = 'succeeded'").await;
}

async fn add(house: &House, new: NewSchedule) -> ScheduleId {
    schedules::create(&house.core, &stock::grant(), &new).await.unwrap()
}

async fn found(house: &House, id: ScheduleId) -> Schedule {
    schedules::find(&house.core, &stock::grant(), id).await.unwrap().unwrap()
}

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

// what is too late is written down and not made up for.
#[tokio::test]
async fn a_slot_past_its_grace_time_is_missed() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    let recurrence = Recurrence::daily("14:00", "UTC").unwrap();
    let id = add(&house, NewSchedule { grace_minutes: 30, ..NewSchedule::new("daily", recurrence) }).await;
    house.clock.advance(Duration::from_mins(120 + 31));
    assert_eq!(plan(&house).await, 0);
    let told = "missed: 1 slot since 1 Mar 2026, 14:00 UTC, by more than the 30 minutes of grace";
    assert_eq!(notes(&house).await, [told]);
    assert_eq!(found(&house, id).await.next_run_at.unwrap().to_rfc3339(), "2026-03-02T14:00:00+00:00");
    house.clock.advance(DAY.checked_sub(Duration::from_mins(1)).unwrap());
    assert_eq!(plan(&house).await, 1, "half an hour late is not too late");
}

#[tokio::test]
async fn a_year_of_standstill_is_told_in_one_row() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    stock::schedule(&house.core, "often", "1").await;
    house.clock.advance(365 * DAY);
    assert_eq!(plan(&house).await, 1);
    let told = notes(&house).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("missed: more than 1000 slots since 1 Mar 2026"), "{told:?}");
}

#[tokio::test]
async fn what_happens_once_happens_once() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    let now = add(&house, NewSchedule::new("now", Recurrence::Immediate)).await;
    let once = Recurrence::once("2026-03-01", "14:00", "UTC").unwrap();
    let then = add(&house, NewSchedule::new("then", once.clone())).await;
    assert_eq!(plan(&house).await, 1);
    let schedule = found(&house, now).await;
    assert_eq!((schedule.is_enabled, schedule.next_run_at), (false, None), "it has had its time");
    finish_all(&house).await;
    house.clock.advance(2 * HOUR);
    assert_eq!(plan(&house).await, 1);
    let schedule = found(&house, then).await;
    assert_eq!((schedule.is_enabled, schedule.next_run_at), (false, None));
    finish_all(&house).await;
    for _ in 0..3 {
        house.clock.advance(DAY);
        assert_eq!(plan(&house).await, 0, "neither comes again");
    }
    let again = schedules::set_enabled(&house.core, &stock::grant(), then, true).await;
    assert!(matches!(again, Err(SaveScheduleError::Over)));
    let past = schedules::create(&house.core, &stock::grant(), &NewSchedule::new("past", once)).await;
    assert!(matches!(past, Err(SaveScheduleError::Over)));
}

#[tokio::test]
async fn a_black_out_lets_slots_pass_and_names_itself() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    let id = stock::schedule(&house.core, "hourly", "60").await;
    // 1 March 2026 is a Sunday.
    stock::blackout(&house.core, "Sunday lunch", &["sunday"], ("12:30", "14:00")).await;
    house.clock.advance(HOUR);
    assert_eq!((plan(&house).await, fired(&house).await), (0, 0));
    assert_eq!(notes(&house).await, ["skipped: black-out \"Sunday lunch\""]);
    let (by, rule) = (stock::grant(), Recurrence::every("30").unwrap());
    let runs = schedules::preview(&house.core, &by, &rule, (Some(id), 3)).await.unwrap();
    let marked: Vec<_> = runs.into_iter().map(|run| run.blackout.is_some()).collect();
    assert_eq!(marked, [true, false, false], "13:30 is in it, 14:00 is not");
    house.clock.advance(HOUR);
    assert_eq!(plan(&house).await, 1, "its end is outside");
}

// The setting system.backup.enabled.
#[tokio::test]
async fn switched_off_in_the_settings_slots_pass_and_people_still_may() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    let id = stock::schedule(&house.core, "hourly", "60").await;
    stock::set(&house.core, "system.backup.enabled", "false").await;
    for _ in 0..3 {
        house.clock.advance(HOUR);
        assert_eq!(plan(&house).await, 0);
    }
    assert_eq!(
        notes(&house).await,
        ["skipped: automatic backups are switched off in the settings"],
        "told once"
    );
    assert_eq!(schedules::standing_order(&house.core).await.unwrap(), 0);
    let before = found(&house, id).await;
    let ran = schedules::run(&house.core, &stock::grant(), id).await.unwrap();
    assert!(matches!(ran, Some(Ran::Started(_, 1))), "{ran:?}");
    let after = found(&house, id).await;
    assert_eq!(
        (after.next_run_at, after.last_run_at),
        (before.next_run_at, before.last_run_at),
        "it moves nothing"
    );
    assert_eq!(schedules::run(&house.core, &stock::grant(), id).await.unwrap(), Some(Ran::Busy));
    assert_eq!(schedules::run(&house.core, &stock::grant(), ScheduleId(99)).await.unwrap(), None);
    finish_all(&house).await;
    stock::set(&house.core, "system.backup.enabled", "true").await;
    house.clock.advance(HOUR);
    assert_eq!(plan(&house).await, 1, "in force at once");
}

// no storm, no stall.
#[tokio::test]
async fn the_clock_may_jump_a_day() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    let id = stock::schedule(&house.core, "hourly", "60").await;
    house.clock.advance(DAY);
    assert_eq!(plan(&house).await, 1, "one for all that were jumped over");
    finish_all(&house).await;
    assert_eq!(plan(&house).await, 0);
    // Somebody corrects it.
    house.clock.back(DAY);
    assert_eq!(plan(&house).await, 0);
    assert_eq!(found(&house, id).await.next_run_at.unwrap().to_rfc3339(), "2026-03-01T13:00:00+00:00");
    for _ in 0..5 {
        house.clock.advance(HOUR);
        plan(&house).await;
        finish_all(&house).await;
    }
    // The slot at 13:00 tells what was jumped over; the four after it fire.
    assert_eq!(fired(&house).await, 1 + 4);
    // The slot that fired while the clock was wrong does not fire twice.
    for _ in 0..19 {
        house.clock.advance(HOUR);
        plan(&house).await;
        finish_all(&house).await;
    }
    assert_eq!(fired(&house).await, 1 + 4 + 18);
}

#[tokio::test]
async fn a_devices_job_under_way_is_not_doubled() {
    let house = House::new().await;
    let device = stock::device(&house.core, "a").await;
    stock::schedule(&house.core, "hourly", "60").await;
    stock::claimed(&house.core, device).await;
    house.clock.advance(HOUR);
    assert_eq!(plan(&house).await, 0);
    assert_eq!(notes(&house).await, ["skipped: its devices are being backed up already"]);
}
