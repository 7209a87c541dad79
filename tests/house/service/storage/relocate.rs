//! Moving between the three places: nothing lost, every version readable at every moment, stopped anywhere.

use std::time::Duration;

use netraven::{
    domain::setting::Storage,
    service::{
        Core,
        storage::{
            self,
            relocate::{self, Went},
        },
        upkeep,
    },
};

use super::{all_read, keep_in, text, versions};
use crate::support::{house::House, s3::S3, sql, stock};

async fn places(core: &Core) -> Vec<(Storage, i64)> {
    let status = storage::status(core, &stock::grant()).await.unwrap();
    status.held.into_iter().map(|held| (held.at, held.contents)).collect()
}

async fn move_all(core: &Core, to: Storage) {
    relocate::begin(core, &stock::grant(), to).await.unwrap();
    loop {
        match relocate::step(core).await.unwrap() {
            Went::On => {}
            Went::Over => return,
            other @ (Went::Nothing | Went::Elsewhere | Went::Stuck) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn everything_goes_from_place_to_place_and_stays_readable() {
    let (house, s3) = (House::new().await, S3::start().await);
    let core = &house.core;
    s3.introduce(core).await;
    let mut all = versions(core, 50).await;
    for to in
        [Storage::Directory, Storage::S3, Storage::Local, Storage::S3, Storage::Directory, Storage::Local]
    {
        relocate::begin(core, &stock::grant(), to).await.unwrap();
        let mut steps = 0;
        while relocate::step(core).await.unwrap() == Went::On {
            steps += 1;
            all_read(core, &all, "on the way").await;
            // Backups go on meanwhile; the setting, not the move, says where these go.
            if steps == 1 {
                let device = stock::device(core, &format!("new-{}", all.len())).await;
                let text = format!("hostname new-{}\nend\n", all.len());
                all.push((stock::version(core, device, &text).await, text));
            }
        }
        assert!(steps >= 3, "{steps}");
        keep_in(core, "local").await;
        move_all(core, to).await;
        assert_eq!(places(core).await, [(to, i64::try_from(all.len()).unwrap())]);
        all_read(core, &all, &format!("in {to}")).await;
    }
    // What was left behind goes after a week, and nothing else.
    assert!(!s3.objects().is_empty());
    house.clock.advance(Duration::from_hours(24 * 365 * 30));
    upkeep::apply(core).await.unwrap();
    assert!(s3.objects().is_empty());
    all_read(core, &all, "after the clean-up").await;
    let told = "SELECT count(*) FROM audit_events WHERE event = 'storage_moved' AND detail LIKE 'over:%'";
    assert_eq!(sql::number(core, told).await, 12);
}

#[tokio::test]
async fn what_is_damaged_stays_and_is_told_and_a_bucket_that_is_away_stops_nothing_for_good() {
    let (house, s3) = (House::new().await, S3::start().await);
    let core = &house.core;
    let all = versions(core, 30).await;
    let bad = relocate::begin(core, &stock::grant(), Storage::S3).await.unwrap_err();
    assert!(bad.to_string().contains("no access key"), "{bad}");
    s3.introduce(core).await;
    let blob = if sql::is_sqlite(core).await { "x'00'" } else { "'\\x00'::bytea" };
    sql::run(
        core,
        &format!(
            "UPDATE contents SET sealed = {blob} WHERE sha256 = (SELECT sha256 FROM backups WHERE id = {})",
            all[3].0
        ),
    )
    .await;
    s3.away(true);
    relocate::begin(core, &stock::grant(), Storage::S3).await.unwrap();
    assert_eq!(relocate::step(core).await.unwrap(), Went::Stuck);
    let (_, work) = storage::status(core, &stock::grant()).await.unwrap().moving.unwrap();
    assert!(work.message.unwrap().contains("the bucket cannot be reached") && work.finished_at.is_none());
    s3.away(false);
    while relocate::step(core).await.unwrap() != Went::Over {}
    let (_, work) = storage::status(core, &stock::grant()).await.unwrap().moving.unwrap();
    assert_eq!((work.done, work.failed, work.message), (29, 1, None));
    assert_eq!(places(core).await, [(Storage::Local, 1), (Storage::S3, 29)]);
    for (number, (id, kept)) in all.iter().enumerate() {
        assert_eq!(text(core, *id).await.ok().as_ref() == Some(kept), number != 3);
    }
    assert_eq!(sql::number(core, "SELECT count(*) FROM backups WHERE is_damaged").await, 1);
}

// A node that dies keeps its lease for two minutes; one at a time moves.
#[tokio::test]
async fn a_step_that_is_cut_off_anywhere_loses_nothing_and_another_goes_on() {
    let house = House::new().await;
    let core = &house.core;
    let all = versions(core, 30).await;
    relocate::begin(core, &stock::grant(), Storage::Directory).await.unwrap();
    for millis in 0..12 {
        // As a process that is killed: what had been committed stays, everything else is gone.
        let cut = tokio::time::timeout(Duration::from_millis(millis * 3), relocate::step(core)).await;
        all_read(core, &all, "after a cut").await;
        if cut.is_err() {
            let went = relocate::step(core).await.unwrap();
            assert!(matches!(went, Went::Elsewhere | Went::On | Went::Over | Went::Nothing), "{went:?}");
            house.clock.advance(Duration::from_mins(3));
        }
    }
    while !matches!(relocate::step(core).await.unwrap(), Went::Over | Went::Nothing) {}
    assert_eq!(places(core).await, [(Storage::Directory, 30)]);
    all_read(core, &all, "at the end").await;
}
