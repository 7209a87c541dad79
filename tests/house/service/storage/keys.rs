//! Keys are rotated for files and objects as for rows: nothing is left behind that the old key alone opens (S-46).

use std::{fs, time::Duration};

use netraven::{
    domain::{access::Actor, id::DataKeyId, setting::Storage},
    service::{
        keys,
        storage::relocate::{self, Went},
        upkeep,
    },
};

use super::{all_read, keep_in, versions};
use crate::support::{house::House, s3::S3, sql, stock};

async fn rotated(house: &House) {
    let core = &house.core;
    let key = keys::rotate(core, &stock::grant()).await.unwrap();
    house.clock.advance(Duration::from_secs(20));
    while keys::advance(core, &Actor::system()).await.unwrap() {}
    let old = DataKeyId(key.0 - 1);
    let status = keys::status(core, &stock::grant()).await.unwrap();
    assert_eq!(status.iter().find(|key| key.id == old).unwrap().values, 0, "{status:?}");
}

#[tokio::test]
async fn a_key_goes_only_when_no_file_and_no_object_needs_it() {
    let (house, s3) = (House::new().await, S3::start().await);
    let core = &house.core;
    s3.introduce(core).await;
    keep_in(core, "directory").await;
    let mut all = versions(core, 25).await;
    keep_in(core, "s3").await;
    let device = stock::device(core, "away").await;
    all.push((stock::version(core, device, "hostname away\nend\n").await, "hostname away\nend\n".to_owned()));
    // One of old, of which nobody knows the key, counts for every key until somebody has looked.
    sql::run(
        core,
        &format!(
            "UPDATE contents SET key_id = 0 WHERE sha256 = (SELECT sha256 FROM backups WHERE id = {})",
            all[0].0
        ),
    )
    .await;
    rotated(&house).await;
    rotated(&house).await;
    house.clock.advance(Duration::from_hours(2));
    keys::remove(core, &stock::grant(), DataKeyId(2)).await.unwrap();
    all_read(core, &all, "after two rotations").await;
    // The ones that the old keys sealed go a week later.
    let (files, objects) = (core.data_dir.join("contents"), s3.objects().len());
    assert_eq!(objects, 3);
    house.clock.advance(Duration::from_hours(24 * 365 * 30));
    upkeep::apply(core).await.unwrap();
    assert_eq!(s3.objects().len(), 1);
    let left: usize =
        fs::read_dir(files).unwrap().map(|shelf| fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum();
    assert_eq!(left, 25);
    all_read(core, &all, "after the clean-up").await;
}

// What is lost keeps its key, and a move seals with the key of the day.
#[tokio::test]
async fn a_file_that_does_not_open_keeps_its_key_and_a_move_seals_anew() {
    let house = House::new().await;
    let core = &house.core;
    keep_in(core, "directory").await;
    let all = versions(core, 3).await;
    let lost = sql::texts(
        core,
        &format!(
            "SELECT c.object AS value FROM contents c JOIN backups b ON b.sha256 = c.sha256 WHERE b.id = {}",
            all[1].0
        ),
    )
    .await
    .remove(0);
    let file = core.data_dir.join("contents").join(lost);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, b"x").unwrap();
    keys::rotate(core, &stock::grant()).await.unwrap();
    house.clock.advance(Duration::from_secs(20));
    while keys::advance(core, &Actor::system()).await.unwrap() {}
    let status = keys::status(core, &stock::grant()).await.unwrap();
    assert_eq!((status[0].values, status[1].values > 0), (1, true), "{status:?}");
    fs::write(&file, whole).unwrap();
    relocate::begin(core, &stock::grant(), Storage::Local).await.unwrap();
    while relocate::step(core).await.unwrap() != Went::Over {}
    let status = keys::status(core, &stock::grant()).await.unwrap();
    assert_eq!(status[0].values, 0, "{status:?}");
    all_read(core, &all, "sealed anew").await;
}
