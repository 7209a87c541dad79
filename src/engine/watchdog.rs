//! Ends the jobs that do not end by themselves, so that none keeps a place for ever and none takes others along
//!

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    task::JoinError,
    time::{Instant, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;

use super::jobs::Done;
use crate::{
    domain::{
        failure::{Failure, FailureClass, Stage},
        id::JobId,
    },
    service::{Fault, counters::Counters},
};

/// What people are told about a job of which our own code made a mess.
pub const MISTAKE: &str = "NetRaven made a mistake in this job; the log of the program says where.";

/// Until when a job is left alone. The job itself says so, whenever something begins that may take its time.
#[derive(Debug)]
pub struct Leash(Mutex<Instant>);

impl Leash {
    /// A leash that ends after `time`.
    pub fn new(time: Duration) -> Self {
        Self(Mutex::new(Instant::now() + time))
    }

    /// From now on, `time`.
    pub fn give(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + time;
    }

    fn end(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does the work of `job` in a task of its own and gives what it brought. Where it panics, or has not ended `patience`
/// after its leash has, the job ends without it.
///
/// The task is its own because work that never lets go of its thread cannot be ended from within. Its thread cannot be
/// taken away from it, but its job and its place can, and it ends as soon as it waits for anything.
pub async fn watched(
    work: impl Future<Output = Result<Done, Fault>> + Send + 'static,
    job: JobId,
    (leash, patience): (&Leash, Duration),
    counters: &Counters,
) -> Result<Done, Fault> {
    let mut task = AbortOnDropHandle::new(tokio::spawn(work));
    loop {
        let end = leash.end() + patience;
        tokio::select! {
            done = &mut task => return done.unwrap_or_else(|error| Ok(panicked(job, error, counters))),
            () = sleep_until(end) => {}
        }
        // It may have been given more time meanwhile.
        if Instant::now() >= leash.end() + patience {
            break;
        }
    }
    tracing::error!(%job, "a job had not ended long after its deadline and was ended by force");
    Counters::add(&counters.jobs_ended_by_force);
    let text = format!(
        "The job had not ended {} s after its deadline and was ended by force: something in NetRaven or its database hangs.",
        patience.as_secs_f32()
    );
    Ok(Done::failed(Failure::new(FailureClass::Internal, Stage::Check, text)))
}

fn panicked(job: JobId, error: JoinError, counters: &Counters) -> Done {
    let what = error.try_into_panic().ok().and_then(|panic| {
        panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref().cloned())
    });
    tracing::error!(%job, panic = what.unwrap_or_default(), "a job panicked");
    Counters::add(&counters.jobs_panicked);
    Done::failed(Failure::new(FailureClass::Internal, Stage::Check, MISTAKE))
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::{Arc, atomic::Ordering::Relaxed},
    };

    use super::*;
    use crate::domain::job::Ended;

    const JOB: JobId = JobId(7);
    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_mins(1);

    fn good() -> Done {
        let ended = Ended::Answered("well".to_owned());
        Done { ended, platform: None, known: None, transcript: None, accepted: None }
    }

    fn failure(done: Result<Done, Fault>) -> Failure {
        match done.map(|done| done.ended) {
            Ok(Ended::Failed(failure)) => failure,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_waits_for_ever_is_ended_and_dropped() {
        let (counters, held) = (Counters::default(), Arc::new(()));
        let inside = held.clone();
        let work = async move {
            pending::<()>().await;
            drop(inside);
            Ok(good())
        };
        let failure = failure(watched(work, JOB, (&Leash::new(SHORT), SHORT), &counters).await);
        assert_eq!(failure.class, FailureClass::Internal);
        assert!(failure.message.contains("ended by force"), "{failure}");
        assert_eq!(counters.jobs_ended_by_force.load(Relaxed), 1);
        while Arc::strong_count(&held) > 1 {
            tokio::task::yield_now().await;
        }
    }

    // the thread is lost until it comes back, the job is not.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_never_lets_go_of_its_thread_loses_its_job_all_the_same() {
        let (counters, began) = (Counters::default(), Instant::now());
        let let_go = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let told = let_go.clone();
        let work = async move {
            while !told.load(Relaxed) && began.elapsed() < Duration::from_secs(20) {
                std::hint::spin_loop();
            }
            Ok(good())
        };
        let failure = failure(watched(work, JOB, (&Leash::new(SHORT), SHORT), &counters).await);
        assert!(failure.message.contains("ended by force"), "{failure}");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        let_go.store(true, Relaxed);
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_job_only() {
        let counters = Counters::default();
        let work = async { panic!("on purpose") };
        let failure = failure(watched(work, JOB, (&Leash::new(LONG), LONG), &counters).await);
        assert_eq!((failure.class, failure.message.as_str()), (FailureClass::Internal, MISTAKE));
        assert_eq!(counters.jobs_panicked.load(Relaxed), 1);
    }

    #[tokio::test]
    async fn a_job_that_says_that_it_needs_longer_is_left_alone() {
        let second = Duration::from_secs(1);
        let (counters, leash) = (Counters::default(), Arc::new(Leash::new(second)));
        let own = leash.clone();
        let work = async move {
            own.give(second * 60);
            tokio::time::sleep(second * 2).await;
            Ok(good())
        };
        let done = watched(work, JOB, (&leash, Duration::ZERO), &counters).await;
        assert!(matches!(done.unwrap().ended, Ended::Answered(_)));
        assert_eq!(counters.jobs_ended_by_force.load(Relaxed), 0);
    }
}
