//! Copies of NetRaven itself that are made by themselves, and what the start page says of them.

use std::{fs, path::PathBuf, time::Duration};

use netraven::{domain::access::Role, service::self_backup};

use crate::support::{house::House, stock};

fn copies(house: &House) -> Vec<PathBuf> {
    let folder = house.core.data_dir.join(self_backup::FOLDER);
    let Ok(found) = fs::read_dir(folder) else { return Vec::new() };
    found.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_made_by_themselves_and_told_when_they_are_not() {
    let house = House::new().await;
    let core = &house.core;
    let hours = |n: u64| Duration::from_hours(n);
    let visitor = house.signed_in(Role::Admin).await;
    stock::device(core, "core-1").await;
    stock::set(core, "system.self_backup.keep", "2").await;
    stock::set(core, "security.token.access_token_expire_minutes", "1440").await;
    assert!(self_backup::by_schedule(core).await.unwrap().is_none(), "there is nothing to lose yet");
    assert!(visitor.page("/").await.contains("has not been copied yet"));
    house.clock.advance(hours(2));
    // Two nodes at the same moment.
    let (one, two) = tokio::join!(self_backup::by_schedule(core), self_backup::by_schedule(core));
    let made = [one.unwrap(), two.unwrap()];
    assert_eq!((made.iter().flatten().count(), copies(&house).len()), (1, 1));
    let standing = self_backup::standing(core).await.unwrap();
    assert!(!standing.is_overdue && standing.failed.is_none());
    assert_eq!(standing.newest.unwrap().started_at, core.now());
    assert!(visitor.page("/").await.contains("NetRaven itself was last copied"));
    for _ in 0..3 {
        house.clock.advance(hours(22));
        assert!(self_backup::by_schedule(core).await.unwrap().is_none(), "not yet");
        visitor.page("/").await;
        house.clock.advance(hours(2));
        assert!(self_backup::by_schedule(core).await.unwrap().is_some());
        visitor.page("/").await;
    }
    assert_eq!(copies(&house).len(), 2, "only so many are kept");
    // Nobody makes any.
    house.clock.advance(hours(23));
    visitor.page("/").await;
    house.clock.advance(hours(23));
    visitor.page("/").await;
    house.clock.advance(hours(3));
    assert!(self_backup::standing(core).await.unwrap().is_overdue);
    assert!(visitor.page("/").await.contains("has not been copied for twice as long"));
    // It cannot be made.
    let folder = core.data_dir.join(self_backup::FOLDER);
    fs::rename(&folder, core.data_dir.join("away")).unwrap();
    fs::write(&folder, "in the way").unwrap();
    assert!(self_backup::by_schedule(core).await.is_err());
    assert!(self_backup::standing(core).await.unwrap().failed.is_some());
    assert!(visitor.page("/").await.contains("The last copy of NetRaven itself failed"));
    fs::remove_file(&folder).unwrap();
    assert!(self_backup::by_schedule(core).await.unwrap().is_some(), "the next try is made");
    assert!(self_backup::standing(core).await.unwrap().failed.is_none());
    // Nobody wants any.
    stock::set(core, "system.self_backup.every_hours", "0").await;
    house.clock.advance(hours(100));
    assert!(self_backup::by_schedule(core).await.unwrap().is_none());
    assert!(!self_backup::standing(core).await.unwrap().is_overdue);
    house.close().await;
}
