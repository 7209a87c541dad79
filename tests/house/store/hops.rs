//! How often a worker's step goes to a thread of SQLite's and back.

use netraven::{
    domain::{
        entry::{Entry, Level},
        host_key::{HostKey, HostKeyVerdict},
        job::Outcome,
    },
    service::{host_keys, jobs, queue},
    store::{self, Conn, StoreError},
};

use crate::support::{house::House, sql, stock};

/// What `step` gives, and how many hops it took.
async fn counted<T>(step: impl Future<Output = T>) -> (T, u64) {
    let before = store::hops();
    let done = step.await;
    (done, store::hops() - before)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_a_job_is_one_hop_on_sqlite_and_none_on_postgresql() {
    let house = House::new().await;
    let core = &house.core;
    let hop = u64::from(sql::is_sqlite(core).await);
    let device = stock::device(core, "core-1").await;
    stock::version(core, device, "hostname core-1\nend\n").await;
    for (text, outcome) in
        [("hostname core-1\nend\n", Outcome::Unchanged), ("hostname core-2\nend\n", Outcome::Stored)]
    {
        jobs::back_up(core, &stock::grant(), jobs::Which::These(vec![device])).await.unwrap();
        let (taken, hops) = counted(stock::claim(core, "test", 1)).await;
        assert_eq!((taken.len(), hops), (1, hop), "a claim");
        let (assignment, hops) = counted(queue::assignment(core, &taken[0])).await;
        assert_eq!((assignment.unwrap().is_ok(), hops), (true, hop), "what a job needs to know");
        let line = Entry {
            seq: 1,
            at: core.now(),
            level: Level::Info,
            stage: None,
            text: "line".to_owned(),
            was_truncated: None,
        };
        let lines = [(taken[0].hold(), line)];
        let (kept, hops) = counted(queue::keep_entries(core, &lines)).await;
        assert_eq!((kept.is_ok(), hops), (true, hop), "log lines");
        // What was there before is looked up first, by the test and, for a version, once more with its text.
        let looks = if outcome == Outcome::Stored { 3 } else { 1 };
        let (ended, hops) = counted(stock::bring(core, &taken[0], text)).await;
        assert!(ended == Some(outcome) && hops <= (looks + 1) * hop, "{ended:?} took {hops} hops");
    }
    let key = HostKey {
        algorithm: "ssh-ed25519".to_owned(),
        fingerprint: "SHA256:x".to_owned(),
        public_key: "AAAA".to_owned(),
    };
    let place = ("core-1.example.net".to_owned(), 22);
    let (verdict, hops) = counted(host_keys::judge(core, device, (place, key), None)).await;
    assert_eq!((verdict.unwrap(), hops), (HostKeyVerdict::Pinned, hop), "a host key");
}

// A transaction that is dropped inside of its step, by a mistake or an error, is undone there as anywhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_leaves_nothing_and_no_lock() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let hold = stock::claimed(&house.core, device).await.hold();
    let line = Entry {
        seq: 1,
        at: house.core.now(),
        level: Level::Info,
        stage: None,
        text: "line".to_owned(),
        was_truncated: None,
    };
    for breaks in [true, false] {
        let db = house.core.db.clone();
        let line = line.clone();
        let step = tokio::spawn(async move {
            db.in_one_hop(move |mut tx| async move {
                store::entries::append(&mut tx, &[(hold.job, line)]).await?;
                assert!(!breaks, "this step breaks off");
                Err::<(), _>(StoreError::Conflict)
            })
            .await
        });
        let done = step.await;
        let as_wanted = if breaks {
            done.is_err_and(|error| error.is_panic())
        } else {
            matches!(done.unwrap(), Err(StoreError::Conflict))
        };
        assert!(as_wanted, "breaks: {breaks}");
    }
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM entries").await, 0);
    sql::run(&house.core, "DELETE FROM sessions").await;
}

// A caller who goes away after a step has begun takes nothing back: it is done to its end, and its connection is free.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_nobody_waits_for_any_more_is_done_to_its_end() {
    let house = House::new().await;
    if !sql::is_sqlite(&house.core).await {
        return;
    }
    let (begun, begins) = tokio::sync::oneshot::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel();
    let db = house.core.db.clone();
    let step = tokio::spawn(async move {
        db.in_one_hop(move |mut tx| async move {
            begun.send(()).unwrap();
            goes_on.recv().unwrap();
            if let Conn::Sqlite(c) = &mut *tx {
                c.spawn_blocking(|c| {
                    diesel::connection::SimpleConnection::batch_execute(c, "DELETE FROM tags")
                })
                .await?;
            }
            tx.commit().await
        })
        .await
    });
    begins.await.unwrap();
    step.abort();
    assert!(step.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();
    sql::run(&house.core, "DELETE FROM sessions").await;
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM tags").await, 0);
}
