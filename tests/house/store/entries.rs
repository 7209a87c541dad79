//! The log of a job: stored lines in order, without a gap.

use netraven::{
    domain::entry::{Entry, Level},
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
    let job = stock::claimed(&house.core, device).await.id;
    let keep = async |numbers: &[i64]| {
        let lines: Vec<_> = numbers.iter().map(|seq| (job, line(&house, *seq))).collect();
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
    let (a, b) = (stock::claimed(&house.core, a).await.id, stock::claimed(&house.core, b).await.id);
    let lines: Vec<_> = (1..=500).flat_map(|seq| [(a, line(&house, seq)), (b, line(&house, seq))]).collect();
    queue::keep_entries(&house.core, &lines).await.unwrap();
    for job in [a, b] {
        let found = jobs::entries(&house.core, &stock::grant(), job, (0, 10_000)).await.unwrap();
        assert_eq!((found.len(), found[499].text.as_str()), (500, "line 500"));
    }
}
