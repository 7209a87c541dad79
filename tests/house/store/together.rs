//! Steps that wait for SQLite's one writer are written together, and are none the less each other's strangers.

use std::task::Poll;

use diesel::connection::SimpleConnection;
use futures_util::future::{BoxFuture, FutureExt, join_all};
use netraven::store::{self, Conn, Db, StoreError, Tx};

use crate::support::{house::House, sql};

async fn run(tx: &mut Tx, statements: &'static str) -> Result<(), StoreError> {
    if let Conn::Sqlite(c) = &mut **tx {
        c.spawn_blocking(move |c| c.batch_execute(statements)).await?;
    }
    Ok(())
}

/// A step that writes and then commits, or does not.
fn step(db: &Db, statements: &'static str, commits: bool) -> BoxFuture<'static, Result<bool, StoreError>> {
    let db = db.clone();
    let step = async move {
        db.in_one_hop(move |mut tx| async move {
            run(&mut tx, statements).await?;
            if commits {
                tx.commit().await?;
            }
            Ok::<_, StoreError>(commits)
        })
        .await
    };
    step.boxed()
}

const TAG: [&str; 4] = [
    "INSERT INTO tags (name, created_at) VALUES ('a', '2026-01-01 00:00:00')",
    "INSERT INTO tags (name, created_at) VALUES ('b', '2026-01-01 00:00:00')",
    "INSERT INTO tags (name, created_at) VALUES ('c', '2026-01-01 00:00:00')",
    "INSERT INTO tags (name, created_at) VALUES ('d', '2026-01-01 00:00:00')",
];

/// Refused only where the whole transaction is to become true.
const BREAKS: &str = "PRAGMA defer_foreign_keys=ON; \
     INSERT INTO device_tags (device_id, tag_id) VALUES (-1, -1)";

/// Lets the steps wait behind one that is at work, and gives what became of them and how many hops they took.
async fn behind_another<T: Send>(db: &Db, steps: Vec<BoxFuture<'static, T>>) -> (Vec<T>, u64) {
    let (begun, begins) = tokio::sync::oneshot::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel();
    let own = db.clone();
    let first = tokio::spawn(async move {
        own.in_one_hop(move |tx| async move {
            begun.send(()).unwrap();
            goes_on.recv().unwrap();
            tx.commit().await
        })
        .await
    });
    begins.await.unwrap();
    let mut all = join_all(steps).boxed();
    assert!(matches!(futures_util::poll!(&mut all), Poll::Pending));
    let before = store::hops();
    go_on.send(()).unwrap();
    first.await.unwrap().unwrap();
    let done = all.await;
    (done, store::hops() - before)
}

async fn tags(house: &House) -> String {
    sql::texts(&house.core, "SELECT name AS value FROM tags WHERE NOT is_default ORDER BY name")
        .await
        .join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_that_wait_are_done_in_one_hop_and_one_that_does_not_commit_leaves_nothing() {
    let house = House::new().await;
    if !sql::is_sqlite(&house.core).await {
        return;
    }
    let db = &house.core.db;
    let conflict = step(db, TAG[0], true);
    let steps = vec![step(db, TAG[0], true), step(db, TAG[1], false), conflict, step(db, TAG[3], true)];
    let (done, hops) = behind_another(db, steps).await;
    assert!(matches!(&done[..], [Ok(true), Ok(false), Err(StoreError::Conflict), Ok(true)]), "{done:?}");
    assert_eq!((tags(&house).await.as_str(), hops), ("a d", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_panics_takes_no_other_with_it() {
    let house = House::new().await;
    if !sql::is_sqlite(&house.core).await {
        return;
    }
    let (db, breaks) = (house.core.db.clone(), true);
    let panics = async move {
        db.in_one_hop(move |mut tx| async move {
            run(&mut tx, TAG[2]).await?;
            assert!(!breaks, "this step breaks off");
            Ok::<_, StoreError>(true)
        })
        .await
    };
    let panics = std::panic::AssertUnwindSafe(panics).catch_unwind().map(|done| done.unwrap_or(Ok(false)));
    let db = &house.core.db;
    let steps = vec![step(db, TAG[0], true), panics.boxed(), step(db, TAG[1], true)];
    let (done, _) = behind_another(db, steps).await;
    assert!(matches!(&done[..], [Ok(true), Ok(false), Ok(true)]), "{done:?}");
    assert_eq!(tags(&house).await, "a b");
}

// What cannot become true is told to all whose steps were in it: nobody takes what is not on the disk for done. They come
// again, each alone then, so that one that never can holds up no other.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_that_a_step_is_done_whose_transaction_broke() {
    let house = House::new().await;
    if !sql::is_sqlite(&house.core).await {
        return;
    }
    let db = &house.core.db;
    let broken = || vec![step(db, TAG[0], true), step(db, BREAKS, true), step(db, TAG[1], true)];
    let (done, _) = behind_another(db, broken()).await;
    assert!(done.iter().all(|done| matches!(done, Err(StoreError::Unavailable(_)))), "{done:?}");
    assert_eq!(tags(&house).await, "");
    let done = join_all(broken()).await;
    assert!(
        matches!(&done[..], [Ok(true), Err(StoreError::Query(_)), Ok(true)]),
        "each alone, and with its own reason: {done:?}"
    );
    assert_eq!(tags(&house).await, "a b");
    let lots = vec![step(db, TAG[2], true), step(db, TAG[3], true)];
    let (done, hops) = behind_another(db, lots).await;
    assert!(matches!(&done[..], [Ok(true), Ok(true)]), "{done:?}");
    assert_eq!((tags(&house).await.as_str(), hops), ("a b c d", 1), "together again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_nobody_waits_for_and_that_has_not_begun_is_left_out() {
    let house = House::new().await;
    if !sql::is_sqlite(&house.core).await {
        return;
    }
    let db = &house.core.db;
    let goes = step(db, TAG[0], true);
    let mut leaves = step(db, TAG[1], true);
    let leaving = async move {
        assert!(matches!(futures_util::poll!(&mut leaves), Poll::Pending));
        drop(leaves);
        tokio::task::yield_now().await;
        Ok(false)
    };
    let (done, _) = behind_another(db, vec![leaving.boxed(), goes]).await;
    assert!(matches!(&done[..], [Ok(false), Ok(true)]), "{done:?}");
    assert_eq!(tags(&house).await, "a");
}
