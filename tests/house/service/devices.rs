//! The inventory: names and places are taken once, edits are whole, and what a deletion takes along.

use netraven::{
    domain::{device::Port, id::DeviceId, job::Outcome},
    service::{
        devices::{self, SaveDeviceError},
        jobs,
    },
};

use crate::support::{house::House, sql, stock};

#[tokio::test]
async fn a_name_is_taken_whatever_its_case_and_a_place_whatever_its_name() {
    let house = House::new().await;
    stock::device(&house.core, "core-1").await;
    let save = async |name: &str, address: &str, port: Option<Port>| {
        let mut new = stock::new_device(name, address, "p");
        new.port = port.unwrap_or(Port::SSH);
        devices::create(&house.core, &stock::grant(), new).await
    };
    let named = save("CORE-1", "192.0.2.1", None).await;
    assert!(matches!(named, Err(SaveDeviceError::NameTaken(name)) if name == "core-1"));
    let placed = save("other", "Core-1.Example.NET", None).await;
    assert!(matches!(placed, Err(SaveDeviceError::PlaceTaken(name)) if name == "core-1"));
    assert!(save("other", "core-1.example.net", "2222".parse().ok()).await.is_ok());
    let mut unknown = stock::new_device("x", "192.0.2.9", "p");
    unknown.platform = "cisco_iso".to_owned();
    let unknown = devices::create(&house.core, &stock::grant(), unknown).await;
    let offered = netraven::service::platforms::by_title(&house.core);
    let title = |key: &str| offered.iter().find(|(known, _)| known == key).unwrap().1.as_str();
    assert_eq!((title("frr"), title("zyxel_gs")), ("FRRouting (vtysh)", "Zyxel GS1900 (untested)"));
    assert!(
        matches!(unknown, Err(SaveDeviceError::UnknownPlatform { instead, .. }) if instead.contains("cisco_ios"))
    );
    assert_eq!(
        sql::number(&house.core, "SELECT count(*) FROM credentials").await,
        2,
        "a refused device left a credential"
    );
}

// R-05's sister: of many who add the same name at once, one does; none sees a fault.
#[tokio::test]
async fn of_twenty_who_add_the_same_device_at_once_one_does() {
    let house = House::new().await;
    let tries = (0..20).map(|i| {
        let new = stock::new_device("core-1", &format!("192.0.2.{i}"), "p");
        async { devices::create(&house.core, &stock::grant(), new).await }
    });
    let done = futures_util::future::join_all(tries).await;
    let taken = done.iter().filter(|done| matches!(done, Err(SaveDeviceError::NameTaken(_)))).count();
    assert_eq!((done.iter().filter(|done| done.is_ok()).count(), taken), (1, 19));
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM devices").await, 1);
}

#[tokio::test]
async fn an_edit_replaces_all_tags_and_keeps_the_secrets_that_are_not_given() {
    let house = House::new().await;
    let mut new = stock::new_device("core-1", "192.0.2.1", "first");
    new.tags = ["core", "berlin"].map(|tag| tag.parse().unwrap()).to_vec();
    let id = devices::create(&house.core, &stock::grant(), new).await.unwrap();
    let tags = async || devices::find(&house.core, &stock::grant(), id).await.unwrap().unwrap().tags;
    assert_eq!(tags().await, ["berlin", "core", "default"]);
    let mut edit = stock::new_device("core-1", "192.0.2.1", "");
    edit.tags = ["berlin", "new"].map(|tag| tag.parse().unwrap()).to_vec();
    edit.credential = None;
    let version = devices::find(&house.core, &stock::grant(), id).await.unwrap().unwrap().device.version;
    devices::update(&house.core, &stock::grant(), (id, version), edit).await.unwrap();
    assert_eq!(tags().await, ["berlin", "default", "new"]);
    let detail = devices::find(&house.core, &stock::grant(), id).await.unwrap().unwrap();
    assert!(detail.credential.unwrap().has_password);
    assert_eq!(detail.device.version, version + 1);
    let old = stock::new_device("core-2", "192.0.2.1", "p");
    let stale = devices::update(&house.core, &stock::grant(), (id, version), old).await;
    assert!(matches!(stale, Err(SaveDeviceError::Stale)));
    let changed =
        sql::texts(&house.core, "SELECT changes AS value FROM audit_events WHERE event = 'device_changed'")
            .await;
    assert_eq!(
        changed,
        [r#"[{"field":"tags","before":"berlin core default","after":"berlin default new"}]"#]
    );
}

// A device may be deleted while a worker talks to it: what was brought waits with it, and nothing hangs.
#[tokio::test]
async fn a_device_deleted_under_a_running_job_leaves_no_job_that_never_ends() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let job = stock::claimed(&house.core, device).await;
    devices::delete(&house.core, &stock::grant(), device).await.unwrap();
    let wanted = "SELECT count(*) FROM jobs WHERE is_cancel_wanted";
    assert_eq!(sql::number(&house.core, wanted).await, 1, "the worker was not told");
    assert_eq!(stock::bring(&house.core, &job, "hostname core-1\nend\n").await, Some(Outcome::Stored));
    devices::restore(&house.core, &stock::grant(), device).await.unwrap();
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM backups").await, 1, "accepted and lost");
}

// And one that is gone for good takes nothing.
#[tokio::test]
async fn a_device_removed_under_a_running_job_leaves_no_job_that_never_ends() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let job = stock::claimed(&house.core, device).await;
    devices::delete(&house.core, &stock::grant(), device).await.unwrap();
    devices::purge(&house.core, &stock::grant(), device).await.unwrap();
    assert!(stock::bring(&house.core, &job, "hostname core-1\nend\n").await.is_some());
    let ended = jobs::find(&house.core, &stock::grant(), job.id).await.unwrap().unwrap();
    assert_eq!(ended.state.as_str(), "canceled");
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM backups").await, 0);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM contents").await, 0, "its text was kept");
    assert!(devices::find(&house.core, &stock::grant(), DeviceId(1)).await.unwrap().is_none());
}
