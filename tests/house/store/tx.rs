//! Transactions: nobody waits for nothing, nothing half is left (DESIGN 3.5, R-36).

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use netraven::{
    domain::{
        access::Actor,
        audit::{Act, AuditEvent},
        key::KeyState,
    },
    service::Core,
    store::{self, StoreError, audit::chain::Columns},
};

use crate::support::{house::House, sql};

/// Reads the counter, thinks, writes it back: what goes wrong without the write lock from the start.
async fn add_one(core: &Core) -> Result<(), StoreError> {
    let mut tx = core.db.begin().await?;
    let keys = store::keys::list(&mut tx).await?;
    tokio::task::yield_now().await;
    store::keys::insert(
        &mut tx,
        i64::try_from(keys.len()).unwrap() + 1,
        (b"x", KeyState::Coming),
        core.now(),
    )
    .await?;
    tx.commit().await
}

// SQLite only: PostgreSQL's read-committed lets two readers see the same count, which the unique key tells.
#[tokio::test(flavor = "multi_thread")]
async fn forty_who_read_and_then_write_at_once_all_succeed() {
    let house = House::new().await;
    let done = join_all((0..40).map(|_| {
        let core = house.core.clone();
        tokio::spawn(async move { add_one(&core).await })
    }))
    .await;
    let failed: Vec<String> =
        done.into_iter().filter_map(|done| done.unwrap().err()).map(|error| error.to_string()).collect();
    if sql::is_sqlite(&house.core).await {
        assert!(failed.is_empty(), "{failed:?}");
        assert_eq!(sql::number(&house.core, "SELECT count(*) FROM data_keys").await, 41);
    } else {
        let conflict = "a row with this key exists";
        assert!(failed.iter().all(|error| error == conflict), "{failed:?}");
    }
}

async fn pair(core: &Core, name: &str) -> Result<(), StoreError> {
    let mut tx = core.db.begin().await?;
    for half in ["first", "second"] {
        let act = Act::about(AuditEvent::SignInRefused, (name, Some(half)));
        let line = Columns::new(&Actor::console(), &act, None, core.now());
        store::audit::chain::append(&mut tx, &line, "").await?;
    }
    tx.commit().await
}

// R-39, finding 0.3: a caller may be gone at any moment.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_aborted_tasks_leave_no_half_pair_and_no_lock() {
    let house = House::new().await;
    for i in 0..200_u64 {
        let core = house.core.clone();
        let task = tokio::spawn(async move { pair(&core, &format!("pair-{i}")).await });
        tokio::time::sleep(Duration::from_micros(i * 37 % 4_000)).await;
        task.abort();
        let _ = task.await;
    }
    let began = Instant::now();
    pair(&house.core, "last").await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "the next writer waited {:?}", began.elapsed());
    let pairs = "SELECT count(*) FROM (SELECT object FROM audit_events GROUP BY object HAVING count(*) <> 2) AS halves";
    assert_eq!(sql::number(&house.core, pairs).await, 0, "half a pair was kept");
    let kept = sql::number(&house.core, "SELECT count(DISTINCT object) FROM audit_events").await;
    println!("{kept} of 201 pairs were kept");
    assert!(kept >= 1);
}

// What was not committed is gone, and the connection with it.
#[tokio::test]
async fn a_dropped_transaction_rolls_back_at_once() {
    let house = House::new().await;
    for _ in 0..20 {
        let mut tx = house.core.db.begin().await.unwrap();
        let about = ("dropped", None);
        let act = Act::about(AuditEvent::SignInRefused, about);
        let line = Columns::new(&Actor::console(), &act, None, house.core.now());
        store::audit::chain::append(&mut tx, &line, "").await.unwrap();
        drop(tx);
    }
    pair(&house.core, "kept").await.unwrap();
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM audit_events").await, 2);
}

// twenty readers beside a writer, none of them told "busy".
#[tokio::test(flavor = "multi_thread")]
async fn readers_and_a_writer_do_not_disturb_each_other() {
    let house = House::new().await;
    let readers = (0..20).map(|_| {
        let core = house.core.clone();
        tokio::spawn(async move {
            for _ in 0..25 {
                let mut conn = core.db.read().await.unwrap();
                store::keys::list(&mut conn).await.unwrap();
            }
        })
    });
    let readers: Vec<_> = readers.collect();
    for i in 0..100 {
        pair(&house.core, &format!("{i}")).await.unwrap();
    }
    for reader in readers {
        reader.await.unwrap();
    }
}
