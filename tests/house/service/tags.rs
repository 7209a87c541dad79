//! Tags: one name each, the default one on every device, and put and taken together within a person's scope.

use netraven::{
    domain::{
        access::{Actor, Grant, ManageDevices, ManageTags, Role, Scope},
        id::{DeviceId, TagId, UserId},
        page::PageRequest,
        tag::NewTag,
    },
    service::{
        Core, devices,
        tags::{self, Assigned, SaveTagError},
    },
};

use crate::support::{house::House, sql, stock};

fn new(name: &str) -> NewTag {
    NewTag {
        name: name.parse().unwrap(),
        description: "For tests".to_owned(),
        color: "#3b82f6".parse().unwrap(),
        most_sessions: None,
    }
}

async fn tag(core: &Core, name: &str) -> TagId {
    tags::create(core, &stock::grant::<ManageTags>(), &new(name)).await.unwrap()
}

/// Every pair of device and tag, with `!` where only a rule holds it.
async fn held(core: &Core) -> Vec<String> {
    let sql = "SELECT devices.name || ' ' || tags.name || CASE WHEN by_person THEN '' ELSE '!' END AS value \
               FROM device_tags JOIN devices ON devices.id = device_id JOIN tags ON tags.id = tag_id \
               WHERE NOT tags.is_default ORDER BY 1";
    sql::texts(core, sql).await
}

/// An operator who sees the devices of one tag only.
async fn limited(house: &House, tag: TagId) -> Actor {
    house.person(Role::Operator).await;
    sql::run(&house.core, &format!("INSERT INTO user_tags (user_id, tag_id) VALUES (1, {tag})")).await;
    Actor { role: Role::Operator, scope: Scope::TagsOf(UserId(1)), ..Actor::console() }
}

#[tokio::test]
async fn a_name_is_taken_once_and_found_in_any_case() {
    let house = House::new().await;
    let (core, grant) = (&house.core, stock::grant::<ManageTags>());
    let id = tag(core, "Berlin").await;
    assert!(matches!(tags::create(core, &grant, &new("BERLIN")).await, Err(SaveTagError::NameTaken)));
    let found = tags::find_by_name(core, &stock::grant(), " berLIN").await.unwrap().unwrap();
    assert_eq!((found.id, found.name.as_str(), found.color.as_str()), (id, "berlin", "#3b82f6"));
    let other = tag(core, "other").await;
    assert!(matches!(tags::update(core, &grant, other, &new("berlin")).await, Err(SaveTagError::NameTaken)));
    tags::update(core, &grant, other, &new("hamburg")).await.unwrap();
    assert!(matches!(tags::update(core, &grant, TagId(999), &new("x")).await, Err(SaveTagError::Gone)));
    let sql = "SELECT event || ' ' || object || ' ' || coalesce(changes, '') AS value FROM audit_events ORDER BY id";
    let told = sql::texts(core, sql).await;
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[2].starts_with("tag_changed hamburg") && told[2].contains("\"before\":\"other\""),
        "{told:?}"
    );
}

#[tokio::test]
async fn the_list_counts_what_hangs_on_each_tag_and_is_filtered_and_paged() {
    let house = House::new().await;
    let core = &house.core;
    let (a, b) = (stock::device(core, "a").await, stock::device(core, "b").await);
    let core_tag = tag(core, "core").await;
    let edge = tag(core, "edge").await;
    tags::assign(core, &stock::grant(), &[a, b], &[core_tag], true).await.unwrap();
    tags::assign(core, &stock::grant(), &[a], &[edge], true).await.unwrap();
    sql::run(core, &format!("INSERT INTO credential_tags (credential_id, tag_id, priority, success_count, failure_count) VALUES (1, {edge}, 5, 0, 0)")).await;
    let list = async |text: &str, size| {
        let page = tags::list(core, &stock::grant(), text, PageRequest::first(size)).await.unwrap();
        let rows: Vec<_> = page
            .rows
            .iter()
            .map(|(tag, uses)| format!("{} {} {}", tag.name, uses.devices, uses.credentials))
            .collect();
        (rows, page.total)
    };
    assert_eq!(list("", 50).await, (vec!["core 2 0".into(), "default 2 0".into(), "edge 1 1".into()], 3));
    assert_eq!(list("EDG", 50).await, (vec!["edge 1 1".into()], 1));
    assert_eq!(list("for TESTS", 1).await, (vec!["core 2 0".into()], 2));
    assert_eq!(list("%", 50).await.1, 0);
    let seen = limited(&house, edge).await.grant().unwrap();
    let page = tags::list(core, &seen, "core", PageRequest::first(9)).await.unwrap();
    assert_eq!(page.rows[0].1.devices, 1, "a device out of sight is counted");
    assert_eq!(tags::credentials(core, &stock::grant(), edge).await.unwrap()[0].2, 5);
}

#[tokio::test]
async fn every_device_has_the_default_tag_and_keeps_it() {
    let house = House::new().await;
    let core = &house.core;
    let id = stock::device(core, "a").await;
    netraven::service::import::apply(core, &stock::grant(), b"hostname,address,platform\nb,192.0.2.1,frr\n")
        .await
        .unwrap();
    let without = "SELECT count(*) FROM devices WHERE id NOT IN \
                   (SELECT device_id FROM device_tags JOIN tags ON tags.id = tag_id WHERE is_default AND by_person)";
    assert_eq!(sql::number(core, without).await, 0);
    let done = tags::unassign(core, &stock::grant(), &[id], &[TagId(1)]).await.unwrap();
    assert_eq!(done, Assigned { devices: 1, tags: 0, changed: 0, left_out: 1 });
    let mut edit = stock::new_device("a", "a.example.net", "p");
    edit.tags = vec!["core".parse().unwrap()];
    devices::update(core, &stock::grant(), (id, 1), edit).await.unwrap();
    assert_eq!(sql::number(core, without).await, 0);
    let refused = tags::delete(core, &stock::grant(), TagId(1)).await;
    assert!(matches!(refused, Err(SaveTagError::Default)));
}

#[tokio::test]
async fn tags_are_put_and_taken_together_and_twice_is_once() {
    let house = House::new().await;
    let core = &house.core;
    let (a, b) = (stock::device(core, "a").await, stock::device(core, "b").await);
    let (x, y) = (tag(core, "x").await, tag(core, "y").await);
    let by = stock::grant::<ManageDevices>();
    let all = [a, b, DeviceId(999), a];
    let done = tags::assign(core, &by, &all, &[x, y, TagId(999)], true).await.unwrap();
    assert_eq!(done, Assigned { devices: 2, tags: 2, changed: 4, left_out: 2 });
    assert_eq!(held(core).await, ["a x", "a y", "b x", "b y"]);
    let lines = "SELECT count(*) FROM audit_events WHERE event = 'devices_changed'";
    assert_eq!(sql::number(core, lines).await, 1);
    let again = tags::assign(core, &by, &all, &[x, y], true).await.unwrap();
    assert_eq!((again.changed, sql::number(core, lines).await), (0, 1), "nothing changed, nothing to tell");
    let taken = tags::unassign(core, &by, &[a], &[x, y]).await.unwrap();
    assert_eq!((taken.changed, held(core).await), (2, vec!["b x".to_owned(), "b y".to_owned()]));
    assert_eq!(tags::unassign(core, &by, &[a], &[x]).await.unwrap().changed, 0);
}

// S-37: devices out of sight are left out as if they did not exist.
#[tokio::test]
async fn nobody_tags_devices_out_of_sight() {
    let house = House::new().await;
    let core = &house.core;
    let (a, b) = (stock::device(core, "a").await, stock::device(core, "b").await);
    let (x, y) = (tag(core, "x").await, tag(core, "y").await);
    tags::assign(core, &stock::grant(), &[a], &[x], true).await.unwrap();
    let actor = limited(&house, x).await;
    let by: Grant<ManageDevices> = actor.clone().grant().unwrap();
    let done = tags::assign(core, &by, &[a, b], &[x, y], true).await.unwrap();
    assert_eq!(done, Assigned { devices: 1, tags: 2, changed: 1, left_out: 1 });
    assert_eq!(held(core).await, ["a x", "a y"]);
    assert_eq!(tags::unassign(core, &by, &[b], &[y]).await.unwrap().devices, 0);
    let refused = tags::delete(core, &actor.grant().unwrap(), y).await;
    assert!(matches!(refused, Err(SaveTagError::Scope)), "a tag may be what lets others see devices");
}

#[tokio::test]
async fn a_deleted_tag_takes_its_links_along_and_no_device() {
    let house = House::new().await;
    let core = &house.core;
    let a = stock::device(core, "a").await;
    let x = tag(core, "x").await;
    tags::assign(core, &stock::grant(), &[a], &[x], true).await.unwrap();
    limited(&house, x).await;
    let goes = tags::what_goes(core, &stock::grant(), x).await.unwrap().unwrap();
    assert_eq!((goes.uses.devices, goes.people, goes.schedules), (1, 1, 0));
    assert!(tags::delete(core, &stock::grant(), x).await.unwrap());
    assert!(!tags::delete(core, &stock::grant(), x).await.unwrap());
    assert_eq!(held(core).await, Vec::<String>::new());
    assert_eq!(sql::number(core, "SELECT count(*) FROM user_tags").await, 0);
    assert_eq!(sql::number(core, "SELECT count(*) FROM devices").await, 1);
}
