//! Jobs, as workers take, keep and lose them.

use std::collections::BTreeSet;

use chrono::Duration;

use super::{Core, Fault, database};
use crate::{
    crypt::token,
    domain::{
        entry::Entry,
        id::JobId,
        job::{Claimed, Hold, Places},
    },
    store,
};

mod assignment;
mod lost;

pub use assignment::{Assignment, Attempt, assignment};
pub use lost::{LostJobs, PATIENCE};

/// How long a worker holds a job without renewing it.
pub const LEASE: Duration = Duration::seconds(60);

/// A random name for the workers of one process: a restarted one must not keep a dead one's leases alive.
pub fn worker_name() -> Result<String, Fault> {
    Ok(token::new_name()?)
}

/// Takes as many due jobs as there are places for the worker named `owner`.
pub async fn claim(core: &Core, owner: &str, places: Places) -> Result<Vec<Claimed>, Fault> {
    let now = core.now();
    let owner = owner.to_owned();
    let claimed = core.db.in_one_hop(move |mut tx| async move {
        let until = store::queue::clock(&mut tx, now).await? + LEASE;
        let taken = store::queue::claim(&mut tx, &owner, (now, until), places).await?;
        tx.commit().await?;
        Ok(taken)
    });
    database::noticed(core, claimed.await)
}

/// Renews those of these jobs that `owner` still holds: each with its fence and whether a person wants it stopped.
pub async fn renew(core: &Core, owner: &str, jobs: &[JobId]) -> Result<Vec<(JobId, i64, bool)>, Fault> {
    let renewed = async {
        let mut conn = core.db.write().await?;
        let until = store::queue::clock(&mut conn, core.now()).await? + LEASE;
        Ok(store::queue::renew(&mut conn, owner, jobs, until).await?)
    };
    database::noticed(core, renewed.await)
}

/// Gives back what `owner` holds, without burning an attempt.
pub async fn release(core: &Core, owner: &str) -> Result<usize, Fault> {
    let mut tx = core.db.begin().await?;
    let released = store::queue::release(&mut tx, owner, core.now()).await?;
    tx.commit().await?;
    Ok(released)
}

/// Gives one job back with the lines that it has logged, without burning an attempt; `false` when it was lost.
pub async fn give_back(core: &Core, job: &Claimed, lines: &[(JobId, Entry)]) -> Result<bool, Fault> {
    let mut tx = core.db.begin().await?;
    if !store::queue::give_back(&mut tx, job).await? {
        return Ok(false);
    }
    store::entries::append(&mut tx, lines).await?;
    tx.commit().await?;
    core.wake.notify_one();
    Ok(true)
}

/// Keeps lines of any number of jobs. What is said in the name of a holding that is over is left out: a worker that
/// stood still and lost its job would else take the numbers of the lines of the one who has it now.
pub async fn keep_entries(core: &Core, lines: &[(Hold, Entry)]) -> Result<(), Fault> {
    let lines = lines.to_vec();
    let kept = core.db.in_one_hop(move |mut tx| async move {
        let holds: BTreeSet<Hold> = lines.iter().map(|(hold, _)| *hold).collect();
        let current = store::queue::current(&mut tx, &holds).await?;
        let lines = lines.into_iter().filter(|(hold, _)| current.contains(hold));
        let lines: Vec<(JobId, Entry)> = lines.map(|(hold, entry)| (hold.job, entry)).collect();
        store::entries::append(&mut tx, &lines).await?;
        Ok(tx.commit().await?)
    });
    kept.await
}
