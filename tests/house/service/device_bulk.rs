//! Many devices at once: what is chosen, what is left out, what the trail says.

use netraven::{
    domain::{
        access::{Actor, Grant, Permission, Scope},
        device::DeviceFilter,
        id::{DeviceId, UserId},
        schedule::{NewSchedule, Recurrence, Targets},
    },
    service::{
        devices::{self, Chosen, Taken},
        import,
        schedules::{self, AddDevicesError},
        tags,
    },
};

use crate::support::{house::House, sql, stock};

async fn three(house: &House) -> Vec<DeviceId> {
    let mut ids = Vec::new();
    for name in ["core-1", "core-2", "edge-1"] {
        ids.push(stock::device(&house.core, name).await);
    }
    ids
}

/// A person who sees devices with one tag only.
async fn scoped<P: Permission>(house: &House, tag: &str, device: DeviceId) -> Grant<P> {
    let tag = stock::tag(&house.core, tag).await;
    tags::assign(&house.core, &stock::grant(), &[device], &[tag], true).await.unwrap();
    let name = house.person(netraven::domain::access::Role::Operator).await;
    let id = sql::number(&house.core, &format!("SELECT id FROM users WHERE username = '{name}'")).await;
    sql::run(&house.core, &format!("INSERT INTO user_tags (user_id, tag_id) VALUES ({id}, {tag})")).await;
    let scope = Scope::TagsOf(UserId(id));
    Actor { user: Some(UserId(id)), name, scope, ..Actor::console() }.grant().unwrap()
}

fn names(found: &[(DeviceId, String)]) -> Vec<&str> {
    found.iter().map(|(_, name)| name.as_str()).collect()
}

#[tokio::test]
async fn chosen_are_those_ticked_or_all_that_match_within_sight() {
    let house = House::new().await;
    let ids = three(&house).await;
    let by = stock::grant();
    let matching = Chosen::Matching(DeviceFilter { text: Some("core".into()), ..DeviceFilter::default() });
    let found = devices::chosen(&house.core, &by, &matching).await.unwrap();
    assert_eq!(names(&found), ["core-1", "core-2"]);
    let these = Chosen::These(vec![ids[2], DeviceId(999)]);
    assert_eq!(names(&devices::chosen(&house.core, &by, &these).await.unwrap()), ["edge-1"]);
    let own = scoped(&house, "edge", ids[2]).await;
    assert!(devices::chosen(&house.core, &own, &matching).await.unwrap().is_empty());
    let all = devices::chosen(&house.core, &own, &Chosen::These(ids)).await.unwrap();
    assert_eq!(names(&all), ["edge-1"]);
}

#[tokio::test]
async fn switching_and_deleting_leave_out_what_is_out_of_sight() {
    let house = House::new().await;
    let ids = three(&house).await;
    let core = &house.core;
    assert_eq!(devices::set_enabled(core, &stock::grant(), &ids[..2], false).await.unwrap(), 2);
    assert_eq!(devices::set_enabled(core, &stock::grant(), &ids, false).await.unwrap(), 1, "two were off");
    let own = scoped(&house, "edge", ids[2]).await;
    assert_eq!(devices::set_enabled(core, &own, &ids, true).await.unwrap(), 1);
    assert_eq!(sql::number(core, "SELECT count(*) FROM devices WHERE is_enabled").await, 1);
    assert_eq!(devices::delete_many(core, &own, &ids).await.unwrap(), 1);
    let left = "SELECT name AS value FROM devices WHERE deleted_at IS NULL ORDER BY name";
    assert_eq!(sql::texts(core, left).await, ["core-1", "core-2"]);
    assert_eq!(devices::delete_many(core, &stock::grant(), &ids).await.unwrap(), 2);
    let told = "SELECT detail AS value FROM audit_events WHERE event = 'devices_changed' ORDER BY id DESC";
    assert_eq!(sql::texts(core, told).await[0], "deleted: core-1, core-2");
}

#[tokio::test]
async fn devices_join_a_schedule_that_names_devices_and_no_other() {
    let house = House::new().await;
    let ids = three(&house).await;
    let core = &house.core;
    let all = stock::schedule(core, "all", "60").await;
    let refused = schedules::add_devices(core, &stock::grant(), all, &ids).await;
    assert!(matches!(refused, Err(AddDevicesError::NotByDevice(name)) if name == "all"));
    let mut some = NewSchedule::new("some", Recurrence::every("60").unwrap());
    some.targets = Targets::Devices(vec![ids[0]]);
    let some = schedules::create(core, &stock::grant(), &some).await.unwrap();
    assert_eq!(schedules::add_devices(core, &stock::grant(), some, &ids).await.unwrap(), 2);
    assert_eq!(schedules::add_devices(core, &stock::grant(), some, &ids).await.unwrap(), 0);
    assert_eq!(sql::number(core, "SELECT count(*) FROM schedule_devices").await, 3);
    let goes = devices::what_goes(core, &stock::grant(), ids[1]).await.unwrap().unwrap();
    assert_eq!(goes.schedules, 1);
}

// S-72, and the promise that what is taken out can be brought in.
#[tokio::test]
async fn what_is_taken_out_as_csv_is_read_by_the_import() {
    let house = House::new().await;
    let mut new = stock::new_device("core-1", "192.0.2.1", "secret of the device");
    new.description = "=HYPERLINK(\"x\")".to_owned();
    new.serial_number = "FOC1234".to_owned();
    new.tags = vec!["berlin".parse().unwrap()];
    let id = devices::create(&house.core, &stock::grant(), new).await.unwrap();
    let csv =
        devices::csv(&house.core, &stock::grant(), &Taken::Matching(&DeviceFilter::default())).await.unwrap();
    let text = String::from_utf8(csv.clone()).unwrap();
    assert!(text.contains("'=HYPERLINK") && text.contains("FOC1234"), "{text}");
    assert!(!text.contains("secret of the device"));
    devices::delete(&house.core, &stock::grant(), id).await.unwrap();
    assert_eq!(import::apply(&house.core, &stock::grant(), &csv).await.unwrap().new, 1);
    let found = devices::find_by_name(&house.core, &stock::grant(), "core-1").await.unwrap().unwrap();
    assert_eq!(found.description, "=HYPERLINK(\"x\")");
    assert_eq!((found.serial_number.as_str(), found.id == id), ("FOC1234", false));
    let tags = devices::find(&house.core, &stock::grant(), found.id).await.unwrap().unwrap().tags;
    assert_eq!(tags, ["berlin", "default"]);
}
