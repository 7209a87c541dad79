//! Which devices a schedule means (S-37, S-39), and those that none means.

use std::time::Duration;

use netraven::{
    domain::{
        access::{Actor, Grant, Permission, Role, Scope, ViewDevices},
        id::{DeviceId, ScheduleId, TagId, UserId},
        page::PageRequest,
        schedule::{NewSchedule, Recurrence, ScheduleFilter, Targets},
    },
    service::schedules,
};

use crate::support::{house::House, sql, stock};

async fn plan(house: &House) -> usize {
    schedules::plan(&house.core, &Actor::system()).await.unwrap()
}

async fn standing(house: &House) -> usize {
    schedules::standing_order(&house.core).await.unwrap()
}

async fn finish_all(house: &House) {
    sql::run(&house.core, "UPDATE jobs SET state = 'succeeded'").await;
}

/// The names of the devices that wait or run.
async fn at_work(house: &House) -> Vec<String> {
    let sql = "SELECT device_name AS value FROM jobs WHERE state = 'queued' ORDER BY device_name";
    sql::texts(&house.core, sql).await
}

async fn tag(house: &House, name: &str, devices: &[DeviceId]) -> TagId {
    sql::run(
        &house.core,
        &format!("INSERT INTO tags (name, created_at) VALUES ('{name}', '2026-03-01 12:00:00')"),
    )
    .await;
    let id = sql::number(&house.core, &format!("SELECT id FROM tags WHERE name = '{name}'")).await;
    for device in devices {
        sql::run(
            &house.core,
            &format!("INSERT INTO device_tags (device_id, tag_id) VALUES ({device}, {id})"),
        )
        .await;
    }
    TagId(id)
}

async fn add(house: &House, name: &str, targets: Targets) -> ScheduleId {
    let new = NewSchedule { targets, ..NewSchedule::new(name, Recurrence::every("60").unwrap()) };
    schedules::create(&house.core, &stock::grant(), &new).await.unwrap()
}

async fn count(house: &House, by: &Grant<ViewDevices>, id: ScheduleId) -> i64 {
    schedules::details(&house.core, by, id).await.unwrap().unwrap().matching
}

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_schedule_means_all_or_tags_or_devices_and_only_enabled_ones() {
    let house = House::new().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "off", "gone"] {
        ids.push(stock::device(&house.core, name).await);
    }
    sql::run(&house.core, "UPDATE devices SET is_enabled = FALSE WHERE name = 'off'").await;
    sql::run(&house.core, "UPDATE devices SET deleted_at = created_at WHERE name = 'gone'").await;
    let (core, edge) = (tag(&house, "core", &ids).await, tag(&house, "edge", &ids[1..2]).await);
    let none = tag(&house, "none", &[]).await;
    let view = stock::grant::<ViewDevices>();
    for (name, targets, devices) in [
        ("all", Targets::All, vec!["a", "b", "c"]),
        ("tags", Targets::Tags(vec![edge, core]), vec!["a", "b", "c"]),
        ("edge", Targets::Tags(vec![edge]), vec!["b"]),
        ("none", Targets::Tags(vec![none]), vec![]),
        ("these", Targets::Devices(vec![ids[0], ids[3], ids[4]]), vec!["a"]),
    ] {
        let id = add(&house, name, targets.clone()).await;
        let matching = i64::try_from(devices.len()).unwrap();
        assert_eq!(count(&house, &view, id).await, matching, "{name}");
        assert_eq!(
            schedules::count(&house.core, &stock::grant(), &targets).await.unwrap(),
            matching,
            "{name}"
        );
        house.clock.advance(HOUR);
        assert_eq!(
            (plan(&house).await, at_work(&house).await),
            (devices.len(), devices.iter().map(ToString::to_string).collect()),
            "{name}"
        );
        finish_all(&house).await;
        schedules::delete(&house.core, &stock::grant(), id).await.unwrap();
    }
    let told = sql::texts(&house.core, "SELECT note AS value FROM batches WHERE note IS NOT NULL").await;
    assert_eq!(told, ["skipped: no enabled device matches"]);
}

/// A person who sees only what has this tag.
async fn scoped(house: &House, tag: TagId) -> Actor {
    let name = house.person(Role::Operator).await;
    let id = sql::number(&house.core, &format!("SELECT id FROM users WHERE username = '{name}'")).await;
    sql::run(&house.core, &format!("UPDATE users SET scope = 'tags' WHERE id = {id}")).await;
    sql::run(&house.core, &format!("INSERT INTO user_tags (user_id, tag_id) VALUES ({id}, {tag})")).await;
    Actor {
        user: Some(UserId(id)),
        name,
        role: Role::Operator,
        scope: Scope::TagsOf(UserId(id)),
        ..Actor::console()
    }
}

fn grant<P: Permission>(actor: &Actor) -> Grant<P> {
    actor.clone().grant().unwrap()
}

// S-37, S-39
#[tokio::test]
async fn a_schedule_has_the_rights_of_who_saved_it_as_they_are_now() {
    let house = House::new().await;
    let (a, b) = (stock::device(&house.core, "a").await, stock::device(&house.core, "b").await);
    let tag = tag(&house, "mine", &[a]).await;
    let olga = scoped(&house, tag).await;
    let new = NewSchedule {
        targets: Targets::Devices(vec![a, b]),
        ..NewSchedule::new("hers", Recurrence::every("60").unwrap())
    };
    let hers = schedules::create(&house.core, &grant(&olga), &new).await.unwrap();
    let all = add(&house, "all", Targets::All).await;
    schedules::set_enabled(&house.core, &stock::grant(), all, false).await.unwrap();
    assert_eq!(count(&house, &stock::grant(), hers).await, 1, "no more than she may");
    assert_eq!(count(&house, &stock::grant(), all).await, 2);
    assert_eq!(count(&house, &grant(&olga), all).await, 1, "counted within her scope");
    let found = schedules::devices_named(&house.core, &grant(&olga), &["A".to_owned(), "b".to_owned()])
        .await
        .unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [("a".to_owned(), a)]);
    for (filter, rows) in [(Some(a), 2), (Some(b), 0)] {
        let filter = ScheduleFilter { device: filter, ..ScheduleFilter::default() };
        let page =
            schedules::list(&house.core, &grant(&olga), &filter, PageRequest::number(1)).await.unwrap();
        assert_eq!(page.total, rows, "a foreign device is as if it were not there");
    }
    house.clock.advance(HOUR);
    assert_eq!((plan(&house).await, at_work(&house).await), (1, vec!["a".to_owned()]));
    let of = sql::number(&house.core, "SELECT user_id FROM batches WHERE note IS NULL").await;
    assert_eq!(Some(UserId(of)), olga.user);
    finish_all(&house).await;
    for change in ["is_enabled = FALSE", "is_enabled = TRUE, role = 'viewer'"] {
        sql::run(&house.core, &format!("UPDATE users SET {change} WHERE id = {of}")).await;
        house.clock.advance(HOUR);
        assert_eq!(plan(&house).await, 0, "{change}");
        assert!(!schedules::details(&house.core, &stock::grant(), hers).await.unwrap().unwrap().is_backed);
    }
    let told =
        sql::texts(&house.core, "SELECT DISTINCT note AS value FROM batches WHERE note IS NOT NULL").await;
    assert_eq!(told, ["skipped: operator, who answers for it, may not start backups any more"]);
    // A person who is gone leaves no rights behind.
    sql::run(&house.core, &format!("UPDATE schedules SET user_id = NULL WHERE id = {hers}")).await;
    assert_eq!(count(&house, &stock::grant(), hers).await, 0);
    // Somebody else takes it over by saving it.
    schedules::update(&house.core, &stock::grant(), (hers, 1), &new).await.unwrap();
    assert_eq!(count(&house, &stock::grant(), hers).await, 2);
}

// The setting system.backup.frequency_hours.
#[tokio::test]
async fn devices_that_no_schedule_means_are_backed_up_all_the_same() {
    let house = House::new().await;
    let (a, b) = (stock::device(&house.core, "a").await, stock::device(&house.core, "b").await);
    let id = add(&house, "a only", Targets::Devices(vec![a])).await;
    assert_eq!(standing(&house).await, 0, "new devices have an hour to be put into a schedule");
    house.clock.advance(HOUR);
    let both = futures_util::future::join_all((0..4).map(|_| standing(&house))).await;
    assert_eq!((both.iter().sum::<usize>(), at_work(&house).await), (1, vec!["b".to_owned()]), "{both:?}");
    let origin = sql::texts(&house.core, "SELECT started_by AS value FROM batches").await;
    assert_eq!(origin, ["netraven"]);
    assert_eq!(standing(&house).await, 0, "it is under way");
    sql::run(&house.core, "UPDATE jobs SET state = 'canceled'").await;
    house.clock.advance(HOUR);
    assert_eq!(standing(&house).await, 0, "what somebody canceled does not come back at once");
    let job = stock::claimed(&house.core, b).await;
    stock::bring(&house.core, &job, "hostname b\nend\n").await;
    house.clock.advance(23 * HOUR);
    assert_eq!(standing(&house).await, 0);
    stock::set(&house.core, "system.backup.frequency_hours", "23").await;
    assert_eq!(standing(&house).await, 1, "the setting is in force at once");
    finish_all(&house).await;
    // Switched off, the schedule covers its device no longer.
    schedules::set_enabled(&house.core, &stock::grant(), id, false).await.unwrap();
    stock::blackout(&house.core, "always", &["0", "1", "2", "3", "4", "5", "6"], ("00:00", "00:00")).await;
    assert_eq!(standing(&house).await, 0, "a black-out of all schedules holds here too");
    sql::run(&house.core, "DELETE FROM blackouts").await;
    assert_eq!((standing(&house).await, at_work(&house).await), (1, vec!["a".to_owned()]));
}
