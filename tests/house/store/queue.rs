//! The queue: each job to one worker, none lost, none ended by somebody who does not hold it.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use netraven::{
    domain::{
        failure::{Failure, FailureClass, Stage},
        job::{Claimed, Ended, JobState, Outcome},
    },
    service::{
        Core,
        capture::{self, Brought},
        jobs::{self, Which},
        queue,
    },
};

use crate::support::{house::House, sql, stock};

async fn fail(core: &Core, job: &Claimed) -> Option<Outcome> {
    let failure = Failure::new(FailureClass::Unreachable, Stage::Connect, "nobody there");
    let ended = Ended::Failed(failure);
    let brought = Brought {
        job,
        platform: None,
        known: None,
        ended,
        lines: Vec::new(),
        duration_ms: 1,
        transcript: None,
        accepted: None,
    };
    capture::record(core, brought).await.unwrap()
}

async fn state(house: &House, job: &Claimed) -> (JobState, i32) {
    let found = jobs::find(&house.core, &stock::grant(), job.id).await.unwrap().unwrap();
    (found.state, found.attempt)
}

//
#[tokio::test(flavor = "multi_thread")]
async fn eight_workers_take_sixty_jobs_each_once() {
    let house = House::new().await;
    for i in 0..60 {
        stock::device(&house.core, &format!("d{i}")).await;
    }
    jobs::back_up(&house.core, &stock::grant(), Which::All).await.unwrap();
    let workers = (0..8).map(|worker| {
        let core = house.core.clone();
        tokio::spawn(async move {
            let (name, mut taken) = (format!("w{worker}"), Vec::new());
            loop {
                let jobs = stock::claim(&core, &name, 3).await;
                // With skipped locks a round may come back empty while others hold the rest.
                if jobs.is_empty()
                    && sql::number(&core, "SELECT count(*) FROM jobs WHERE state = 'queued'").await == 0
                {
                    return taken;
                }
                for job in jobs {
                    assert_eq!(fail(&core, &job).await, Some(Outcome::Error));
                    taken.push(job.id);
                }
            }
        })
    });
    let mut times = BTreeMap::new();
    for taken in join_all(workers).await {
        for job in taken.unwrap() {
            *times.entry(job).or_insert(0) += 1;
        }
    }
    assert_eq!(times.len(), 60, "a job was lost");
    assert!(times.values().all(|times| *times == 1), "a job was taken twice: {times:?}");
    assert_eq!(
        sql::number(&house.core, "SELECT count(*) FROM jobs WHERE state = 'failed' AND attempt = 1").await,
        60
    );
}

//
#[tokio::test]
async fn an_expired_lease_is_taken_again_and_the_late_worker_changes_nothing() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let late = stock::claimed(&house.core, device).await;
    house.clock.advance(Duration::from_secs(59));
    assert_eq!(stock::free(&house.core).await, (0, 0), "the lease still holds");
    stock::leases_run_out(&house.core).await;
    assert_eq!(stock::free(&house.core).await, (1, 0));
    assert_eq!(state(&house, &late).await, (JobState::Retrying, 1));
    assert!(
        queue::renew(&house.core, "test", &[late.id]).await.unwrap().is_empty(),
        "a lost job was renewed"
    );
    let again = stock::claim(&house.core, "other", 5).await.remove(0);
    assert_eq!((again.id, again.attempt, again.fence), (late.id, 2, late.fence + 1));
    let before = sql::everything(&house.core).await;
    assert_eq!(stock::bring(&house.core, &late, "late\nend\n").await, None);
    assert_eq!(fail(&house.core, &late).await, None);
    assert_eq!(sql::everything(&house.core).await, before, "a late worker changed something");
    assert_eq!(stock::bring(&house.core, &again, "in time\nend\n").await, Some(Outcome::Stored));
    assert_eq!(state(&house, &again).await, (JobState::Succeeded, 2));
    assert_eq!(fail(&house.core, &again).await, None, "a job ended twice");
}

// a lease that is renewed does not run out.
#[tokio::test]
async fn a_renewed_lease_outlives_its_first_end() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let job = stock::claimed(&house.core, device).await;
    for _ in 0..5 {
        house.clock.advance(Duration::from_secs(50));
        assert_eq!(queue::renew(&house.core, "test", &[job.id]).await.unwrap().len(), 1);
        assert_eq!(stock::free(&house.core).await, (0, 0));
    }
    assert!(queue::renew(&house.core, "somebody else", &[job.id]).await.unwrap().is_empty());
}

// what takes its process down three times is given up.
#[tokio::test]
async fn the_third_crash_discards_a_job() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let mut job = stock::claimed(&house.core, device).await;
    for attempt in 2..=3 {
        stock::leases_run_out(&house.core).await;
        assert_eq!(stock::free(&house.core).await, (1, 0));
        job = stock::claim(&house.core, "test", 1).await.remove(0);
        assert_eq!(job.attempt, attempt);
    }
    stock::leases_run_out(&house.core).await;
    assert_eq!(stock::free(&house.core).await, (0, 1));
    assert_eq!(state(&house, &job).await, (JobState::Discarded, 3));
    assert!(stock::claim(&house.core, "test", 1).await.is_empty());
    // The device is free again.
    let next =
        jobs::back_up(&house.core, &stock::grant(), Which::These(vec![device])).await.unwrap().unwrap();
    assert_eq!(next.joined, 0);
}

// A graceful stop burns no attempt.
#[tokio::test]
async fn a_job_that_is_given_back_has_lost_no_attempt() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    for _ in 0..5 {
        let job = stock::claimed(&house.core, device).await;
        assert_eq!(job.attempt, 1);
        assert_eq!(queue::release(&house.core, "somebody else").await.unwrap(), 0);
        assert_eq!(queue::release(&house.core, "test").await.unwrap(), 1);
        assert_eq!(state(&house, &job).await, (JobState::Queued, 0));
        assert_eq!(fail(&house.core, &job).await, None, "a job that was given back was ended");
    }
}

// What a person waits for goes first.
#[tokio::test]
async fn a_persons_job_goes_before_a_schedules() {
    let house = House::new().await;
    let (first, second) = (stock::device(&house.core, "a").await, stock::device(&house.core, "b").await);
    jobs::back_up(&house.core, &stock::grant(), Which::These(vec![first])).await.unwrap();
    sql::run(&house.core, "UPDATE jobs SET priority = 5").await;
    jobs::back_up(&house.core, &stock::grant(), Which::These(vec![second])).await.unwrap();
    assert_eq!(stock::claim(&house.core, "w", 1).await[0].device, second);
    assert_eq!(stock::claim(&house.core, "w", 1).await[0].device, first);
}
