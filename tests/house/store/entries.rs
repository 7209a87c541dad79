//! The log of a job: stored lines in order, without a gap.

use netraven::{
    domain::{
        entry::{Entry, Level},
        job::Hold,
    },
    service::{jobs, queue},
};

use crate::support::{house::House, stock};

fn line(house: &House, seq: i64) -> Entry {
    Entry {
        seq,
        at: house.clock.now(),
        level: Level::Info,
        stage: None,
        text: format!("line {seq}"),
        was_truncated: None,
    }
}

#[tokio::test]
async fn a_reader_never_sees_a_line_before_the_one_that_comes_earlier() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let hold = stock::claimed(&house.core, device).await.hold();
    let job = hold.job;
    let keep = async |numbers: &[i64]| {
        let lines: Vec<_> = numbers.iter().map(|seq| (hold, line(&house, *seq))).collect();
        queue::keep_entries(&house.core, &lines).await.unwrap();
    };
    let read = async |after, limit| -> Vec<i64> {
        let found = jobs::entries(&house.core, &stock::grant(), job, (after, limit)).await.unwrap();
        found.into_iter().map(|entry| entry.seq).collect()
    };
    assert_eq!(read(0, 10).await, [0; 0]);
    keep(&[1, 2, 5, 6]).await;
    assert_eq!(read(0, 10).await, [1, 2], "behind a gap nothing is told");
    assert_eq!(read(2, 10).await, [0; 0]);
    keep(&[4, 3]).await;
    assert_eq!(read(0, 10).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(read(4, 10).await, [5, 6], "a reader goes on where it left off");
    assert_eq!(read(0, 3).await, [1, 2, 3]);
    assert_eq!(read(6, 10).await, [0; 0]);
    assert_eq!(read(i64::MAX, 10).await, [0; 0]);
}

#[tokio::test]
async fn a_thousand_lines_of_two_jobs_keep_apart() {
    let house = House::new().await;
    let (a, b) = (stock::device(&house.core, "a").await, stock::device(&house.core, "b").await);
    let (a, b) = (stock::claimed(&house.core, a).await.hold(), stock::claimed(&house.core, b).await.hold());
    let lines: Vec<_> = (1..=500).flat_map(|seq| [(a, line(&house, seq)), (b, line(&house, seq))]).collect();
    queue::keep_entries(&house.core, &lines).await.unwrap();
    for Hold { job, .. } in [a, b] {
        let found = jobs::entries(&house.core, &stock::grant(), job, (0, 10_000)).await.unwrap();
        assert_eq!((found.len(), found[499].text.as_str()), (500, "line 500"));
    }
}

// a worker that stood still past its lease still has lines in hand when it goes on.
#[tokio::test]
async fn a_late_worker_takes_no_line_of_the_one_who_has_the_job_now() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let late = stock::claimed(&house.core, device).await;
    queue::keep_entries(&house.core, &[(late.hold(), line(&house, 1))]).await.unwrap();
    assert!(queue::give_back(&house.core, &late, &[]).await.unwrap());
    let now = stock::claim(&house.core, "another", 1).await.remove(0);
    assert_eq!((now.id, now.fence > late.fence), (late.id, true));
    let of = |number| Entry { text: format!("of worker {number}"), ..line(&house, 2) };
    queue::keep_entries(&house.core, &[(late.hold(), of(1)), (now.hold(), of(2))]).await.unwrap();
    let found = jobs::entries(&house.core, &stock::grant(), now.id, (0, 10)).await.unwrap();
    let texts: Vec<_> = found.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(texts, ["line 1", "of worker 2"]);
}
