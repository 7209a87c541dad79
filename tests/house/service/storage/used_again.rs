//! A clean-up and a new use of the same content, in both orders, each in the middle of the other.

use std::time::Duration;

use netraven::{
    archive,
    domain::id::{BackupId, DeviceId},
    service::{Core, backups, upkeep},
    store,
};

use super::{keep_in, text};
use crate::support::{house::House, sql, stock};

const TEXT: &str = "hostname same\nend\n";

/// A content that nothing refers to and whose grace is over, and a device that is about to bring it again.
async fn unused(house: &House) -> (String, DeviceId) {
    let core = &house.core;
    let device = stock::device(core, "old").await;
    let id = stock::version(core, device, TEXT).await;
    let sha256 = backups::find(core, &stock::grant(), id).await.unwrap().unwrap().sha256;
    sql::run(core, "UPDATE devices SET current_backup_id = NULL; DELETE FROM backups").await;
    house.clock.advance(Duration::from_hours(48));
    (sha256, stock::device(core, "again").await)
}

async fn newest(core: &Core, device: DeviceId) -> BackupId {
    backups::newest(core, &stock::grant(), device).await.unwrap().unwrap().id
}

/// Lets whoever is waiting for a lock get as far as it can; there is nothing to be seen of it from outside.
async fn others() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_up_that_comes_while_a_capture_is_being_kept_leaves_its_content() {
    for place in ["local", "directory"] {
        let house = House::new().await;
        let core = &house.core;
        let (sha256, again) = unused(&house).await;
        keep_in(core, place).await;
        let job = stock::claimed(core, again).await;
        // What the capture does first: the content is kept, and nothing refers to it yet.
        let packed = archive::pack(&core.keyring, TEXT.as_bytes()).unwrap();
        let packed = packed.placed(&core.shelf(), core.settings.now().storage.into()).await.unwrap();
        let mut tx = core.db.begin().await.unwrap();
        archive::keep(&mut tx, &core.keyring, &packed, core.now()).await.unwrap();
        // The clean-up has seen it as unused and old, and is on its way.
        let own = core.clone();
        let sweep = tokio::spawn(async move { upkeep::apply(&own).await });
        others().await;
        tx.commit().await.unwrap();
        sweep.await.unwrap().unwrap();
        assert_eq!(
            sql::number(core, &format!("SELECT count(*) FROM contents WHERE sha256 = '{sha256}'")).await,
            1,
            "{place}"
        );
        stock::bring(core, &job, TEXT).await.unwrap();
        assert_eq!(text(core, newest(core, again).await).await.as_deref(), Ok(TEXT));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_that_comes_while_its_content_is_being_removed_keeps_it_anew() {
    for place in ["local", "directory"] {
        let house = House::new().await;
        let core = &house.core;
        let (sha256, again) = unused(&house).await;
        keep_in(core, place).await;
        let job = stock::claimed(core, again).await;
        let mut tx = core.db.begin().await.unwrap();
        let gone = store::contents::delete_old_orphans(&mut tx, &[sha256], core.now()).await.unwrap();
        assert_eq!(gone, 1);
        let own = core.clone();
        let bring = tokio::spawn(async move { stock::bring(&own, &job, TEXT).await });
        others().await;
        tx.commit().await.unwrap();
        assert!(bring.await.unwrap().is_some());
        assert_eq!(text(core, newest(core, again).await).await.as_deref(), Ok(TEXT), "{place}");
        assert_eq!(sql::number(core, "SELECT count(*) FROM contents").await, 1);
    }
}

// Where a file is removed and where it is named never meet: a name is used once.
#[tokio::test]
async fn a_file_that_is_about_to_be_removed_is_never_named_again() {
    let house = House::new().await;
    let core = &house.core;
    keep_in(core, "directory").await;
    let (_, again) = unused(&house).await;
    house.clock.advance(Duration::from_hours(24 * 365 * 30));
    let shelf = core.shelf();
    let before = core.now() - chrono::Duration::days(7);
    let doomed = shelf.old(store::contents::Place::Directory, before).await.unwrap();
    assert_eq!(doomed.len(), 1);
    stock::version(core, again, TEXT).await;
    for old in doomed {
        shelf.discard(old).await.unwrap();
    }
    assert_eq!(text(core, newest(core, again).await).await.as_deref(), Ok(TEXT));
}
