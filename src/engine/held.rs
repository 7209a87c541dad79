//! The jobs in the hands of this process, and the leases that keep them there.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::{
    domain::{id::JobId, job::Claimed},
    service::{Core, queue},
};

/// How long a renewal may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A job in the hands of this process.
#[derive(Clone)]
struct Hold {
    fence: i64,
    /// Stops its session.
    stop: CancellationToken,
    /// When the lease was last known to be ours, by a clock that cannot be set.
    renewed: Instant,
    /// Whether it may be another's by now.
    is_lost: bool,
}

/// All of them.
#[derive(Default)]
pub struct HeldJobs(Mutex<BTreeMap<JobId, Hold>>);

impl HeldJobs {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<JobId, Hold>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a job that has just been claimed; gives what will stop its session.
    pub fn hold(&self, job: &Claimed) -> CancellationToken {
        let stop = CancellationToken::new();
        let hold = Hold { fence: job.fence, stop: stop.clone(), renewed: Instant::now(), is_lost: false };
        // Where this process lost it before and takes it again, what still runs of that is none of ours any more.
        if let Some(before) = self.lock().insert(job.id, hold) {
            before.stop.cancel();
        }
        stop
    }

    /// Whether a job may be another's by now, so that nothing of it may be told.
    pub fn is_lost(&self, job: &Claimed) -> bool {
        self.lock().get(&job.id).is_none_or(|hold| hold.is_lost || hold.fence != job.fence)
    }

    /// Lets go of a job, unless it has been taken again since.
    pub fn let_go(&self, job: &Claimed) {
        let mut jobs = self.lock();
        if jobs.get(&job.id).is_some_and(|hold| hold.fence == job.fence) {
            jobs.remove(&job.id);
        }
    }

    /// Stops the sessions of all.
    pub fn stop_all(&self) {
        self.lock().values().for_each(|hold| hold.stop.cancel());
    }

    /// Renews the leases, passes on what people want stopped, and stops what is lost.
    pub async fn renew(&self, core: &Core, owner: &str) {
        let asked: BTreeMap<JobId, i64> = self.lock().iter().map(|(id, hold)| (*id, hold.fence)).collect();
        if asked.is_empty() {
            return;
        }
        let ids: Vec<JobId> = asked.keys().copied().collect();
        let now = Instant::now();
        // A database that does not answer must not keep us from seeing that our time is over.
        match tokio::time::timeout(PATIENCE, queue::renew(core, owner, &ids)).await {
            Ok(Ok(renewed)) => self.renewed(&asked, &renewed, now),
            Ok(Err(fault)) => tracing::warn!(error = %fault, "leases could not be renewed"),
            Err(_) => tracing::warn!("leases could not be renewed: the database does not answer"),
        }
        self.stop_run_out(Instant::now());
    }

    fn renewed(&self, asked: &BTreeMap<JobId, i64>, renewed: &[(JobId, i64, bool)], now: Instant) {
        let mut jobs = self.lock();
        for (id, fence) in asked {
            let Some(hold) = jobs.get_mut(id).filter(|hold| hold.fence == *fence) else { continue };
            match renewed.iter().find(|(job, theirs, _)| job == id && theirs == fence) {
                Some((.., false)) => hold.renewed = now,
                Some((.., true)) => {
                    hold.renewed = now;
                    hold.stop.cancel();
                }
                None => {
                    hold.is_lost = true;
                    hold.stop.cancel();
                }
            }
        }
    }

    /// Stops the sessions whose leases nobody could renew in time: nobody must find two sessions on one device.
    fn stop_run_out(&self, now: Instant) {
        let lease = Duration::from_secs(queue::LEASE.num_seconds().unsigned_abs());
        let mut held = self.lock();
        for (id, hold) in
            held.iter_mut().filter(|(_, hold)| !hold.is_lost && now.duration_since(hold.renewed) >= lease)
        {
            tracing::error!(job.id = %id, "the lease could not be renewed in time; the session is closed");
            hold.is_lost = true;
            hold.stop.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        id::DeviceId,
        job::{JobKind, Priority},
    };

    fn job(id: i64) -> Claimed {
        Claimed {
            id: JobId(id),
            device: DeviceId(1),
            kind: JobKind::BackUp,
            payload: None,
            priority: Priority::PLANNED,
            fence: 7,
            attempt: 1,
            deaths: 0,
            before: None,
            lease_until: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_lease_that_nobody_could_renew_stops_its_session_in_time() {
        let held = HeldJobs::default();
        let (first, second) = (held.hold(&job(1)), held.hold(&job(2)));
        let later = |seconds| Instant::now() + Duration::from_secs(seconds);
        held.renewed(&BTreeMap::from([(JobId(2), 7)]), &[(JobId(2), 7, false)], later(30));
        held.stop_run_out(later(58));
        assert!(!first.is_cancelled() && !held.is_lost(&job(1)));
        held.stop_run_out(later(60));
        assert!(first.is_cancelled() && held.is_lost(&job(1)));
        assert!(!second.is_cancelled() && !held.is_lost(&job(2)));
    }

    #[test]
    fn what_people_stop_is_ours_and_what_is_missing_is_not() {
        let held = HeldJobs::default();
        let stops: Vec<_> = (1..=3).map(|id| held.hold(&job(id))).collect();
        let asked = BTreeMap::from([(JobId(1), 7), (JobId(2), 7), (JobId(3), 7)]);
        held.renewed(
            &asked,
            &[(JobId(1), 7, true), (JobId(2), 8, false), (JobId(3), 7, false)],
            Instant::now(),
        );
        assert_eq!(
            stops.iter().map(CancellationToken::is_cancelled).collect::<Vec<_>>(),
            [true, true, false]
        );
        assert_eq!([1, 2, 3].map(|id| held.is_lost(&job(id))), [false, true, false]);
        held.let_go(&job(3));
        assert!(held.is_lost(&job(3)));
    }

    #[test]
    fn a_job_that_is_taken_again_is_the_new_holdings() {
        let held = HeldJobs::default();
        let (old, new) = (job(1), Claimed { fence: 8, ..job(1) });
        let (first, second) = (held.hold(&old), held.hold(&new));
        assert!(first.is_cancelled() && held.is_lost(&old));
        held.let_go(&old);
        assert!(!second.is_cancelled() && !held.is_lost(&new));
    }
}
