//! Several nodes on one database: who does what for all, and what happens when one falls silent (R-07, R-11, R-18, S-46).

use std::{sync::Arc, time::Duration};

use netraven::{
    app,
    crypt::password::Passwords,
    domain::{
        access::Actor,
        key::KeyState,
        node::Duty,
        schedule::{NewSchedule, Recurrence, Targets},
        silence::{Silence, SilenceKind},
    },
    engine::{Engine, Options},
    service::{Core, dashboard, duties, keys, metrics, nodes, notices, schedules, silence, upkeep},
};

use crate::support::{
    house::House,
    process::until,
    sql,
    stock::{self, grant},
};

/// Another process on the house's database.
async fn another(house: &House) -> Core {
    let time = house.clock.clone();
    app::open_with(&house.places, Arc::new(move || time.now()), Passwords::cheap()).await.unwrap()
}

async fn beat(core: &Core, name: &str) {
    stock::node(core, name, 2).await;
}

fn has_all(core: &Core) -> bool {
    Duty::ALL.iter().all(|duty| duties::hold(core, *duty))
}

fn has_none(core: &Core) -> bool {
    !Duty::ALL.iter().any(|duty| duties::hold(core, *duty))
}

async fn silent(house: &House) -> Vec<Silence> {
    dashboard::overview(&house.core, &grant()).await.unwrap().silent
}

#[tokio::test]
async fn one_node_has_every_duty_until_it_is_silent_or_lets_go() {
    let house = House::new().await;
    let (one, two) = (house.core.clone(), another(&house).await);
    assert!(has_none(&one), "nobody has asked");
    beat(&one, "one").await;
    beat(&two, "two").await;
    assert!(has_all(&one) && has_none(&two));
    beat(&one, "one").await;
    beat(&two, "two").await;
    assert!(has_all(&one) && has_none(&two), "it holds on");
    // It says nothing for longer than it has them.
    sql::run(&one, "UPDATE duties SET held_until = '2020-01-01 00:00:00'").await;
    beat(&two, "two").await;
    assert!(has_all(&two));
    beat(&one, "one").await;
    assert!(has_none(&one), "it learns that another took over");
    nodes::let_go(&two, "two").await.unwrap();
    assert!(has_none(&two));
    beat(&one, "one").await;
    assert!(has_all(&one), "what is let go is free at once");
    let known = nodes::known(&one, &grant()).await.unwrap();
    assert_eq!(known.alive().count(), 2);
    nodes::leave(&two, "two").await.unwrap();
    assert_eq!(nodes::known(&one, &grant()).await.unwrap().nodes.len(), 1);
}

// two leaders at the same time do no harm.
#[tokio::test(flavor = "multi_thread")]
async fn two_that_do_everything_at_once_fire_no_slot_twice_and_tell_nothing_twice() {
    let house = House::new().await;
    let (one, two) = (house.core.clone(), another(&house).await);
    for core in [&one, &two] {
        beat(core, "one").await;
    }
    assert!(has_all(&one) && has_all(&two), "the test forces two leaders");
    for number in 0..12 {
        stock::device(&one, &format!("core-{number}")).await;
        stock::schedule(&one, &format!("every-{number}"), "60").await;
    }
    let system = Actor::system();
    for _ in 0..6 {
        house.clock.advance(Duration::from_hours(1));
        let rounds = futures_util::future::join_all([&one, &two, &one, &two].map(async |core: &Core| {
            schedules::plan(core, &system).await.unwrap();
            schedules::standing_order(core).await.unwrap();
            stock::free(core).await;
            silence::tell(core).await.unwrap();
            notices::gather(core).await.unwrap();
            upkeep::hourly(core).await;
        }));
        rounds.await;
        sql::run(&one, "UPDATE jobs SET state = 'succeeded', finished_at = queued_at").await;
    }
    let doubled = "SELECT count(*) FROM (SELECT schedule_id, slot_at FROM batches WHERE slot_at IS NOT NULL \
                   GROUP BY schedule_id, slot_at HAVING count(*) > 1) AS twice";
    assert_eq!(sql::number(&one, doubled).await, 0);
    assert_eq!(sql::number(&one, "SELECT count(*) FROM batches WHERE slot_at IS NOT NULL").await, 12 * 6);
    let told = "SELECT count(*) FROM notices WHERE event = 'silence' AND cause = 'overdue'";
    assert_eq!(sql::number(&one, told).await, 1);
}

#[tokio::test]
async fn a_job_is_recovered_whatever_the_nodes_say() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    beat(&house.core, "test").await;
    stock::claimed(&house.core, device).await;
    sql::run(&house.core, "DELETE FROM nodes").await;
    stock::leases_run_out(&house.core).await;
    assert_eq!(stock::free(&house.core).await, (1, 0));
}

//
#[tokio::test]
async fn a_node_that_vanishes_at_work_is_told() {
    let house = House::new().await;
    beat(&house.core, "one").await;
    assert_eq!(silent(&house).await, []);
    sql::run(&house.core, "UPDATE nodes SET seen_at = '2026-01-01 00:00:00'").await;
    let told = silent(&house).await;
    assert!(matches!(told.as_slice(), [Silence::Vanished { jobs: 2, .. }]), "{told:?}");
    assert!(told[0].text().contains("2 jobs in hand"), "{}", told[0].text());
    // Whoever keeps the house forgets it.
    beat(&another(&house).await, "two").await;
    sql::run(&house.core, "UPDATE duties SET held_until = '2020-01-01 00:00:00'").await;
    beat(&another(&house).await, "three").await;
    assert_eq!(silent(&house).await, []);
}

// stop the planner's task, and everybody is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_planner_that_stops_is_told() {
    let house = House::new().await;
    let engine = Engine::start(house.core.clone(), Options::default()).await.unwrap();
    let planned = "SELECT count(*) FROM duties WHERE name = 'plan' AND done_at > taken_at";
    let plans = async || (sql::number(&house.core, planned).await == 1).then_some(());
    until(30, plans, || "nothing is planned".to_owned()).await;
    assert_eq!(silent(&house).await, []);
    engine.stop_planning();
    // The heart goes on beating; what is not done any more is not told as done.
    let quiet = "UPDATE duties SET done_at = '2026-01-01 00:00:00', taken_at = '2026-01-01 00:00:00'";
    let before = sql::texts(&house.core, "SELECT CAST(seen_at AS TEXT) AS value FROM nodes").await;
    let stays_quiet = async || {
        let stood =
            sql::number(&house.core, "SELECT count(*) FROM duties WHERE done_at > '2026-01-02'").await;
        sql::run(&house.core, quiet).await;
        let seen = sql::texts(&house.core, "SELECT CAST(seen_at AS TEXT) AS value FROM nodes").await;
        (stood == 0 && seen != before).then_some(())
    };
    until(30, stays_quiet, || "the planner goes on".to_owned()).await;
    let told = silent(&house).await;
    assert!(matches!(told.as_slice(), [Silence::NotPlanned { .. }]), "{told:?}");
    let families = metrics::gather(&house.core).await.unwrap();
    let silence = families.iter().find(|family| family.name == "netraven_planner_silence_seconds").unwrap();
    assert!(silence.samples[0].value > 120.0, "{silence:?}");
    assert_eq!(silence::tell(&house.core).await.unwrap(), 1);
    assert_eq!(silence::tell(&house.core).await.unwrap(), 0, "once a day");
    house.clock.advance(Duration::from_hours(25));
    assert_eq!(silence::tell(&house.core).await.unwrap(), 1);
    engine.stop().await;
}

#[tokio::test]
async fn devices_are_overdue_after_two_intervals_of_what_means_them() {
    let house = House::new().await;
    let overdue = async || match silent(&house).await.as_slice() {
        [] => 0,
        [Silence::Overdue { count, .. }] => *count,
        other => panic!("{other:?}"),
    };
    for name in ["core-1", "core-2"] {
        let device = stock::device(&house.core, name).await;
        stock::version(&house.core, device, &format!("hostname {name}\nend\n")).await;
    }
    house.clock.advance(Duration::from_hours(47));
    assert_eq!(overdue().await, 0, "the standing order has two days");
    stock::schedule(&house.core, "hourly", "60").await;
    assert_eq!(overdue().await, 0, "the schedule has had no time");
    house.clock.advance(Duration::from_mins(119));
    assert_eq!(overdue().await, 0);
    house.clock.advance(Duration::from_mins(2));
    assert_eq!(overdue().await, 2);
    let device = netraven::service::devices::find_by_name(&house.core, &grant(), "core-1").await.unwrap();
    stock::version(&house.core, device.unwrap().id, "hostname core-1\n!\nend\n").await;
    assert_eq!(overdue().await, 1, "a good backup is all it takes");
    sql::run(&house.core, "UPDATE devices SET is_enabled = FALSE").await;
    let told = silent(&house).await;
    assert!(matches!(told.as_slice(), [Silence::Unmatched { .. }]), "{told:?}");
}

#[tokio::test]
async fn schedules_that_mean_nothing_are_told_by_name() {
    let house = House::new().await;
    stock::device(&house.core, "core-1").await;
    let targets = Targets::Tags(vec![stock::tag(&house.core, "nowhere").await]);
    let recurrence = Recurrence::every("60").unwrap();
    let new = NewSchedule { targets, ..NewSchedule::new("Lost", recurrence) };
    schedules::create(&house.core, &grant(), &new).await.unwrap();
    let told = silent(&house).await;
    assert_eq!(told.iter().map(Silence::kind).collect::<Vec<_>>(), [SilenceKind::Unmatched]);
    assert!(told[0].text().starts_with("Lost: "), "{}", told[0].text());
}

// S-46
#[tokio::test]
async fn a_rotation_waits_for_every_node_that_is_there() {
    let house = House::new().await;
    let (one, two) = (house.core.clone(), another(&house).await);
    let state = async || {
        let status = keys::status(&one, &grant()).await.unwrap();
        status.last().map(|key| key.state)
    };
    let advance = async |core: &Core| keys::advance(core, &Actor::system()).await.unwrap();
    beat(&one, "one").await;
    beat(&two, "two").await;
    // A node that is gone keeps nobody waiting.
    beat(&two, "gone").await;
    sql::run(&one, "UPDATE nodes SET seen_at = '2026-01-01 00:00:00' WHERE name = 'gone'").await;
    keys::rotate(&one, &grant()).await.unwrap();
    beat(&one, "one").await;
    house.clock.advance(Duration::from_secs(11));
    advance(&one).await;
    assert_eq!(state().await, Some(KeyState::Coming), "the other node does not know it");
    advance(&two).await;
    advance(&one).await;
    assert_eq!(state().await, Some(KeyState::Coming), "it has not said so yet");
    beat(&two, "two").await;
    advance(&one).await;
    assert_eq!(state().await, Some(KeyState::Active));
}
