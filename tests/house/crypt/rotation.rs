//! Rotation of the data keys (S-46): everything is sealed anew while things go on, and a key goes only when nothing needs it.

use std::time::Duration;

use netraven::{
    app,
    crypt::password::Passwords,
    domain::{
        access::Actor,
        id::DataKeyId,
        key::{DataKey, KeyState},
    },
    service::{
        Core, backups,
        keys::{self, KeyError},
        queue,
    },
};

use crate::support::{
    house::House,
    sql,
    stock::{self, grant},
};

async fn status(core: &Core) -> Vec<DataKey> {
    keys::status(core, &grant()).await.unwrap()
}

/// Takes steps until there is nothing left to do.
async fn finish(house: &House) {
    house.clock.advance(Duration::from_secs(11));
    for _ in 0..1_000 {
        if !keys::advance(&house.core, &Actor::system()).await.unwrap() {
            return;
        }
    }
    panic!("a rotation without end");
}

async fn opens(house: &House, core: &Core, names: &[&str]) {
    for name in names {
        let device = netraven::service::devices::find_by_name(core, &grant(), name).await.unwrap().unwrap();
        let newest = backups::newest(core, &grant(), device.id).await.unwrap().unwrap();
        let text = backups::masked(core, &grant(), &newest).await.unwrap();
        assert!(text.contains(name), "{name}");
    }
    let device = netraven::service::devices::find_by_name(core, &grant(), names[0]).await.unwrap().unwrap();
    let job = stock::claimed(core, device.id).await;
    let assignment = queue::assignment(core, &job).await.unwrap().unwrap();
    assert!(format!("{assignment:?}").contains("backup"));
    queue::release(core, "test").await.unwrap();
    sql::run(
        &house.core,
        "UPDATE jobs SET state = 'canceled' WHERE state IN ('queued', 'retrying', 'running')",
    )
    .await;
}

async fn stocked() -> House {
    let house = House::new().await;
    for name in ["core-1", "core-2"] {
        let device = stock::device(&house.core, name).await;
        stock::version(&house.core, device, &format!("hostname {name}\nend\n")).await;
    }
    house
}

#[tokio::test]
async fn everything_is_sealed_anew_and_the_old_key_seals_nothing() {
    let house = stocked().await;
    let before = status(&house.core).await;
    assert_eq!((before.len(), before[0].state), (1, KeyState::Active));
    assert!(before[0].values >= 4, "{before:?}");
    let new = keys::rotate(&house.core, &grant()).await.unwrap();
    assert_eq!(new, DataKeyId(2));
    // Known before it seals: what is kept meanwhile is sealed with the old one.
    let device = stock::device(&house.core, "core-3").await;
    stock::version(&house.core, device, "hostname core-3\nend\n").await;
    assert_eq!(status(&house.core).await[1].values, 0);
    assert!(matches!(keys::rotate(&house.core, &grant()).await, Err(KeyError::UnderWay(2))));
    finish(&house).await;
    let after = status(&house.core).await;
    assert_eq!((after[0].state, after[0].values), (KeyState::Retired, 0));
    assert_eq!((after[1].state, after[1].values), (KeyState::Active, before[0].values + 2));
    opens(&house, &house.core, &["core-1", "core-2", "core-3"]).await;
}

#[tokio::test]
async fn another_process_learns_of_the_key_before_anything_is_sealed_with_it() {
    let house = stocked().await;
    let clock = house.clock.clone();
    let other = app::open_with(&house.places, std::sync::Arc::new(move || clock.now()), Passwords::cheap())
        .await
        .unwrap();
    keys::rotate(&house.core, &grant()).await.unwrap();
    // The other one's beat.
    keys::advance(&other, &Actor::system()).await.unwrap();
    finish(&house).await;
    opens(&house, &other, &["core-1", "core-2"]).await;
    // A process that begins now knows both as well.
    let clock = house.clock.clone();
    let late = app::open_with(&house.places, std::sync::Arc::new(move || clock.now()), Passwords::cheap())
        .await
        .unwrap();
    opens(&house, &late, &["core-1", "core-2"]).await;
}

#[tokio::test]
async fn a_rotation_that_was_interrupted_goes_on_elsewhere() {
    let house = stocked().await;
    keys::rotate(&house.core, &grant()).await.unwrap();
    house.clock.advance(Duration::from_secs(11));
    // The key seals, and one table has been done; then the process dies.
    for _ in 0..2 {
        keys::advance(&house.core, &Actor::system()).await.unwrap();
    }
    let half = status(&house.core).await;
    assert!(half[0].values > 0 && half[1].values > 0, "{half:?}");
    let clock = house.clock.clone();
    let next = app::open_with(&house.places, std::sync::Arc::new(move || clock.now()), Passwords::cheap())
        .await
        .unwrap();
    opens(&house, &next, &["core-1", "core-2"]).await;
    while keys::advance(&next, &Actor::system()).await.unwrap() {}
    assert_eq!(status(&next).await[0].values, 0);
    opens(&house, &next, &["core-1", "core-2"]).await;
}

#[tokio::test]
async fn a_key_goes_only_when_nothing_can_need_it() {
    let house = stocked().await;
    for _ in 0..2 {
        keys::rotate(&house.core, &grant()).await.unwrap();
        finish(&house).await;
    }
    let needed = |key: i64| {
        let core = house.core.clone();
        async move {
            match keys::remove(&core, &grant(), DataKeyId(key)).await {
                Err(KeyError::Needed(_, why)) => why.to_owned(),
                other => panic!("key {key}: {other:?}"),
            }
        }
    };
    assert!(needed(1).await.contains("derived from the first key"));
    assert!(needed(2).await.contains("less than an hour"));
    assert!(needed(3).await.contains("in use"));
    house.clock.advance(Duration::from_hours(1));
    // Something came to be sealed with it after it was counted.
    let forged = if sql::is_sqlite(&house.core).await {
        "UPDATE credentials SET enable_secret = X'010000000000000002000000000000' WHERE id = 1"
    } else {
        "UPDATE credentials SET enable_secret = '\\x010000000000000002000000000000'::bytea WHERE id = 1"
    };
    sql::run(&house.core, forged).await;
    assert!(needed(2).await.contains("still sealed with it"));
    sql::run(&house.core, "UPDATE credentials SET enable_secret = NULL").await;
    keys::remove(&house.core, &grant(), DataKeyId(2)).await.unwrap();
    assert_eq!(status(&house.core).await.iter().map(|key| key.id.0).collect::<Vec<_>>(), [1, 3]);
    let said = sql::texts(
        &house.core,
        "SELECT event AS value FROM audit_events WHERE event LIKE 'key%' ORDER BY id",
    )
    .await;
    assert_eq!(said, ["keys_rotated", "keys_rotated", "key_removed"]);
}
