//! Jobs as people start and stop them.

use netraven::{
    domain::{id::JobId, job::JobState},
    service::{
        jobs::{self, Which},
        queue,
    },
};

use crate::support::{house::House, sql, stock};

//
#[tokio::test]
async fn fifty_who_back_a_device_up_at_once_share_one_job() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let tries = (0..50)
        .map(|_| async { jobs::back_up(&house.core, &stock::grant(), Which::These(vec![device])).await });
    let started: Vec<_> =
        futures_util::future::join_all(tries).await.into_iter().map(|done| done.unwrap().unwrap()).collect();
    let first = started[0].jobs[0].0;
    assert!(started.iter().all(|one| one.jobs == [(first, device)]));
    assert_eq!(
        started.iter().map(|one| one.joined).sum::<usize>(),
        49,
        "each but one is told that it joined"
    );
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM jobs").await, 1);
    // While it runs, too; and once it is over, a new one may be started.
    let job = stock::claim(&house.core, "w", 5).await.remove(0);
    let joined =
        jobs::back_up(&house.core, &stock::grant(), Which::These(vec![device])).await.unwrap().unwrap();
    assert_eq!((joined.jobs[0].0, joined.joined), (first, 1));
    stock::bring(&house.core, &job, "hostname core-1\nend\n").await.unwrap();
    let next =
        jobs::back_up(&house.core, &stock::grant(), Which::These(vec![device])).await.unwrap().unwrap();
    assert!(next.jobs[0].0 != first && next.joined == 0);
}

#[tokio::test]
async fn all_means_the_enabled_ones_and_nobody_means_none() {
    let house = House::new().await;
    assert!(jobs::back_up(&house.core, &stock::grant(), Which::All).await.unwrap().is_none());
    for name in ["a", "b", "c"] {
        stock::device(&house.core, name).await;
    }
    sql::run(&house.core, "UPDATE devices SET is_enabled = FALSE WHERE name = 'b'").await;
    let started = jobs::back_up(&house.core, &stock::grant(), Which::All).await.unwrap().unwrap();
    assert_eq!(started.jobs.len(), 2);
    assert!(
        jobs::back_up(&house.core, &stock::grant(), Which::Tag("nothing".into())).await.unwrap().is_none()
    );
}

#[tokio::test]
async fn a_waiting_job_is_canceled_at_once_and_a_running_one_is_asked_to_stop() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let started =
        jobs::back_up(&house.core, &stock::grant(), Which::These(vec![device])).await.unwrap().unwrap();
    let waiting = started.jobs[0].0;
    let cancel = async |id| jobs::cancel(&house.core, &stock::grant(), id).await.unwrap();
    assert_eq!(cancel(waiting).await, Some(JobState::Canceled));
    assert_eq!(cancel(waiting).await, None, "it is over");
    assert_eq!(cancel(JobId(999)).await, None);
    assert!(stock::claim(&house.core, "w", 5).await.is_empty(), "a canceled job was taken");
    let running = stock::claimed(&house.core, device).await;
    assert_eq!(cancel(running.id).await, Some(JobState::Running));
    let asked = queue::renew(&house.core, "test", &[running.id]).await.unwrap();
    assert_eq!(asked, [(running.id, running.fence, true)]);
}

// A job that a person stopped is not begun again because its worker died or went home.
#[tokio::test]
async fn a_job_that_was_to_be_stopped_is_not_taken_up_again() {
    for dies in [true, false] {
        let house = House::new().await;
        let device = stock::device(&house.core, "core-1").await;
        let job = stock::claimed(&house.core, device).await;
        jobs::cancel(&house.core, &stock::grant(), job.id).await.unwrap();
        if dies {
            stock::leases_run_out(&house.core).await;
            stock::free(&house.core).await;
        } else {
            queue::release(&house.core, "test").await.unwrap();
        }
        let found = jobs::find(&house.core, &stock::grant(), job.id).await.unwrap().unwrap();
        assert_eq!(found.state, JobState::Canceled, "worker dies: {dies}");
        assert!(found.finished_at.is_some());
        assert!(stock::claim(&house.core, "w", 5).await.is_empty());
    }
}

// A device that is deleted while its worker dies leaves no job behind that waits for ever.
#[tokio::test]
async fn a_job_whose_device_is_gone_ends_when_its_worker_dies() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let job = stock::claimed(&house.core, device).await;
    netraven::service::devices::delete(&house.core, &stock::grant(), device).await.unwrap();
    stock::leases_run_out(&house.core).await;
    stock::free(&house.core).await;
    let found = jobs::find(&house.core, &stock::grant(), job.id).await.unwrap().unwrap();
    assert_eq!(found.state, JobState::Canceled);
}
