//! Jobs whose worker died, seen from a worker that lives.
//!
//! A lease that has run out is not enough: after a clock was put forward every lease has. So a lease counts as
//! lost when it cannot be right *and* has stood still for a while by a clock that cannot be set. Whoever lives renews
//! far more often than that.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use super::LEASE;
use crate::{
    domain::retry,
    service::{Core, Fault, database},
    store::{self, queue::Lost},
};

/// For so long a lease must have stood still: five heartbeats.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What one process has seen of leases that cannot be right.
pub struct LostJobs {
    patience: Duration,
    since: Mutex<BTreeMap<Lost, Instant>>,
}

impl Default for LostJobs {
    fn default() -> Self {
        Self::after(PATIENCE)
    }
}

impl LostJobs {
    /// Lost are leases that stood still for so long.
    pub fn after(patience: Duration) -> Self {
        Self { patience, since: Mutex::default() }
    }

    /// Looks once, and frees what is lost; gives how many jobs wait again and how many were given up. Safe on any number
    /// of nodes.
    pub async fn free(&self, core: &Core) -> Result<(usize, usize), Fault> {
        // Whoever was away from the database together with us renews, and brings what it has, before it counts as dead.
        if !database::is_settled(core).await? {
            return Ok((0, 0));
        }
        let now = core.now();
        let mut conn = core.db.read().await?;
        let clock = store::queue::clock(&mut conn, now).await?;
        let wrong = store::queue::lost(&mut conn, (clock, clock + LEASE)).await?;
        let farthest = now + retry::longest();
        let is_ahead = store::queue::ahead_of_clock(&mut conn, (now, farthest)).await?;
        drop(conn);
        let lost = self.still(wrong);
        if lost.is_empty() && !is_ahead {
            return Ok((0, 0));
        }
        let mut tx = core.db.begin().await?;
        let freed = store::queue::free(&mut tx, &lost, now).await?;
        let moved = store::queue::follow_clock(&mut tx, (now, farthest)).await?;
        tx.commit().await?;
        if moved > 0 {
            tracing::warn!(jobs = moved, "the clock was put back; waiting jobs follow it");
        }
        let expired = u64::try_from(freed.0.saturating_add(freed.1)).unwrap_or_default();
        core.counters.lease_expiries.fetch_add(expired, Ordering::Relaxed);
        if freed.0 + moved > 0 {
            core.wake.notify_one();
        }
        Ok(freed)
    }

    /// Those of the wrong leases that have stood still for long enough.
    fn still(&self, wrong: Vec<Lost>) -> Vec<Lost> {
        let now = Instant::now();
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = std::mem::take(&mut *since);
        *since = wrong.into_iter().map(|lost| (lost, seen.get(&lost).copied().unwrap_or(now))).collect();
        since
            .iter()
            .filter(|(_, at)| now.duration_since(**at) >= self.patience)
            .map(|(lost, _)| *lost)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::id::JobId;

    fn lease(job: i64, until: i64) -> Lost {
        Lost { job: JobId(job), fence: 1, until: DateTime::from_timestamp(until, 0).unwrap_or_default() }
    }

    #[test]
    fn a_lease_that_moves_or_ends_is_never_lost() {
        let at_once = LostJobs::after(Duration::ZERO);
        assert_eq!(at_once.still(vec![lease(1, 0), lease(2, 0)]), [lease(1, 0), lease(2, 0)]);
        let patient = LostJobs::after(Duration::from_hours(1));
        let long_ago = Instant::now().checked_sub(Duration::from_hours(2)).unwrap();
        for moved in [vec![lease(1, 5)], vec![]] {
            *patient.since.lock().unwrap() = BTreeMap::from([(lease(1, 0), long_ago)]);
            assert_eq!(patient.still(moved), []);
            assert_eq!(patient.still(vec![lease(1, 0)]), [], "the time before it moved was counted");
        }
        *patient.since.lock().unwrap() = BTreeMap::from([(lease(1, 0), long_ago)]);
        assert_eq!(patient.still(vec![lease(1, 0), lease(2, 0)]), [lease(1, 0)]);
    }
}
