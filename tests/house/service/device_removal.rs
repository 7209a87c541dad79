//! Deleted devices are hidden at once, come back whole, and go for good after 30 days.

use std::time::Duration;

use netraven::{
    domain::page::PageRequest,
    service::{
        backups,
        devices::{self, RestoreError, SaveDeviceError},
        jobs, upkeep,
    },
};

use crate::support::{house::House, sql, stock};

const DAY: Duration = Duration::from_hours(24);

async fn count(house: &House, table: &str) -> i64 {
    sql::number(&house.core, &format!("SELECT count(*) FROM {table}")).await
}

#[tokio::test]
async fn a_deleted_device_is_hidden_and_comes_back_with_all_it_had() {
    let house = House::new().await;
    let core = &house.core;
    let id = stock::device(core, "core-1").await;
    let version = stock::version(core, id, "hostname core-1\nend\n").await;
    jobs::back_up(core, &stock::grant(), jobs::Which::These(vec![id])).await.unwrap();
    let goes = devices::what_goes(core, &stock::grant(), id).await.unwrap().unwrap();
    assert_eq!((goes.backups, goes.schedules), (1, 0));
    assert!(devices::delete(core, &stock::grant(), id).await.unwrap());
    assert!(!devices::delete(core, &stock::grant(), id).await.unwrap(), "it went twice");
    assert!(devices::find(core, &stock::grant(), id).await.unwrap().is_none());
    assert!(devices::find_by_name(core, &stock::grant(), "core-1").await.unwrap().is_none());
    assert!(backups::find(core, &stock::grant(), version).await.unwrap().is_none());
    assert!(jobs::back_up(core, &stock::grant(), jobs::Which::All).await.unwrap().is_none());
    assert_eq!(sql::number(core, "SELECT count(*) FROM jobs WHERE state = 'queued'").await, 0);
    let page = devices::deleted(core, &stock::grant(), PageRequest::number(1)).await.unwrap();
    assert_eq!((page.total, page.rows[0].versions, page.rows[0].name.as_str()), (1, 1, "core-1"));
    assert_eq!(devices::restore(core, &stock::grant(), id).await.unwrap(), "core-1");
    let back = devices::find(core, &stock::grant(), id).await.unwrap().unwrap();
    assert!(back.credential.is_some_and(|credential| credential.has_password));
    let text = backups::find(core, &stock::grant(), version).await.unwrap().unwrap();
    assert!(backups::masked(core, &stock::grant(), &text).await.unwrap().contains("core-1"));
    assert!(matches!(devices::restore(core, &stock::grant(), id).await, Err(RestoreError::Unknown)));
}

#[tokio::test]
async fn name_and_place_of_a_deleted_device_are_free_and_are_not_taken_back() {
    let house = House::new().await;
    let core = &house.core;
    let old = stock::device(core, "core-1").await;
    devices::delete(core, &stock::grant(), old).await.unwrap();
    let new = stock::device(core, "core-1").await;
    assert_ne!(old, new);
    let taken = devices::restore(core, &stock::grant(), old).await;
    assert!(matches!(taken, Err(RestoreError::Taken(name)) if name == "core-1"));
    devices::delete(core, &stock::grant(), new).await.unwrap();
    devices::restore(core, &stock::grant(), old).await.unwrap();
    let again = devices::create(core, &stock::grant(), stock::new_device("core-1", "192.0.2.1", "p")).await;
    assert!(matches!(again, Err(SaveDeviceError::NameTaken(_))));
}

#[tokio::test]
async fn after_thirty_days_it_goes_for_good_and_leaves_what_others_share() {
    let house = House::new().await;
    let core = &house.core;
    let (gone, stays) = (stock::device(core, "gone").await, stock::device(core, "stays").await);
    stock::version(core, gone, "shared\nend\n").await;
    let kept = stock::version(core, stays, "shared\nend\n").await;
    stock::version(core, gone, "own\nend\n").await;
    stock::suspect(core, gone, "doubtful\n").await;
    let jobs_before = count(&house, "jobs").await;
    devices::delete(core, &stock::grant(), gone).await.unwrap();
    house.clock.advance(DAY * 30);
    upkeep::hourly(core).await;
    assert_eq!(count(&house, "devices").await, 2, "it went a day too early");
    house.clock.advance(DAY);
    assert_eq!(devices::purge_expired(core).await.unwrap(), 1);
    for (table, left) in
        [("devices", 1), ("credentials", 1), ("backups", 1), ("suspects", 0), ("contents", 1)]
    {
        assert_eq!(count(&house, table).await, left, "{table}");
    }
    assert_eq!(count(&house, "jobs").await, jobs_before);
    let backup = backups::find(core, &stock::grant(), kept).await.unwrap().unwrap();
    assert!(backups::masked(core, &stock::grant(), &backup).await.unwrap().contains("shared"));
    let told = "SELECT count(*) FROM audit_events WHERE event = 'device_purged'";
    assert_eq!(sql::number(core, told).await, 1);
}

#[tokio::test]
async fn an_admin_need_not_wait() {
    let house = House::new().await;
    let core = &house.core;
    let id = stock::device(core, "core-1").await;
    assert!(devices::purge(core, &stock::grant(), id).await.unwrap().is_none(), "it was not deleted before");
    devices::delete(core, &stock::grant(), id).await.unwrap();
    assert_eq!(devices::purge(core, &stock::grant(), id).await.unwrap().as_deref(), Some("core-1"));
    assert_eq!(count(&house, "devices").await, 0);
}
