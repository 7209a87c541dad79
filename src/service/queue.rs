//! Jobs, as workers take, keep and lose them.

use std::sync::Arc;

use chrono::Duration;

use super::{Core, Fault, secrets};
use crate::{
    crypt::token,
    domain::{
        backup::Known,
        credential::Unsealed,
        device::Device,
        entry::Entry,
        failure::{Failure, FailureClass, Stage},
        host_key::Pin,
        id::JobId,
        job::Claimed,
    },
    platform::Platform,
    store,
};

/// How long a worker holds a job without renewing it.
pub const LEASE: Duration = Duration::seconds(60);

/// A random name for the workers of one process: a restarted one must not keep a dead one's leases alive.
pub fn worker_name() -> Result<String, Fault> {
    Ok(token::new_name()?)
}

/// Takes up to `limit` due jobs for the worker named `owner`.
pub async fn claim(core: &Core, owner: &str, limit: usize) -> Result<Vec<Claimed>, Fault> {
    let now = core.now();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = core.db.begin().await?;
    let taken = store::queue::claim(&mut tx, owner, (now, now + LEASE), limit).await?;
    tx.commit().await?;
    Ok(taken)
}

/// Renews those of these jobs that `owner` still holds: each with its fence and whether a person wants it stopped.
pub async fn renew(core: &Core, owner: &str, jobs: &[JobId]) -> Result<Vec<(JobId, i64, bool)>, Fault> {
    Ok(store::queue::renew(&mut core.db.write().await?, owner, jobs, core.now() + LEASE).await?)
}

/// Frees the jobs of workers that died; gives how many wait again and how many were given up.
pub async fn reap(core: &Core) -> Result<(usize, usize), Fault> {
    let mut tx = core.db.begin().await?;
    let freed = store::queue::reap(&mut tx, core.now()).await?;
    tx.commit().await?;
    if freed.0 > 0 {
        core.wake.notify_one();
    }
    Ok(freed)
}

/// Gives back what `owner` holds, without burning an attempt.
pub async fn release(core: &Core, owner: &str) -> Result<usize, Fault> {
    let mut tx = core.db.begin().await?;
    let released = store::queue::release(&mut tx, owner, core.now()).await?;
    tx.commit().await?;
    Ok(released)
}

/// What a worker needs to know to do a job.
#[derive(Debug)]
pub struct Assignment {
    /// The device as it is now.
    pub device: Device,
    /// What proves us to it.
    pub credential: Unsealed,
    /// The rules of its platform.
    pub platform: Arc<Platform>,
    /// Its pinned host key.
    pub pin: Option<Pin>,
    /// Its current version, if there is one.
    pub known: Option<Known>,
    /// The number of the last line that an earlier attempt logged.
    pub last_seq: i64,
}

/// Everything about a job's device, or the failure that keeps it from starting.
pub async fn assignment(core: &Core, job: &Claimed) -> Result<Result<Assignment, Failure>, Fault> {
    let mut conn = core.db.read().await?;
    let Some((device, sealed, pin, known)) = store::devices::find_for_job(&mut conn, job.device).await? else {
        return Ok(Err(Failure::new(FailureClass::Canceled, Stage::Resolve, "The device has been deleted.")));
    };
    let Some(platform) = core.platforms.get(&device.platform) else {
        let text = format!(
            "The platform \"{}\" is not known any more; choose another on the device.",
            device.platform
        );
        return Ok(Err(Failure::new(FailureClass::Internal, Stage::Resolve, text)));
    };
    let Some(sealed) = sealed else {
        let text = "The device has no credential; add a username and a password or a key.";
        return Ok(Err(Failure::new(FailureClass::NoCredential, Stage::Auth, text)));
    };
    let credential = match secrets::unseal(core, &sealed) {
        Ok(credential) => credential,
        Err(fault @ Fault::Sealed(_)) => return Err(fault),
        Err(fault) => {
            tracing::error!(device.id = %device.id, error = %fault, "credential does not open");
            let text =
                "The device's credential does not open: it was changed outside NetRaven. Enter it again.";
            return Ok(Err(Failure::new(FailureClass::NoCredential, Stage::Auth, text)));
        }
    };
    let last_seq = if job.fence > 1 {
        store::entries::last_seq(&mut conn, job.id).await?
    } else {
        0
    };
    Ok(Ok(Assignment { device, credential, platform, pin, known, last_seq }))
}

/// Keeps lines of any number of jobs.
pub async fn keep_entries(core: &Core, lines: &[(JobId, Entry)]) -> Result<(), Fault> {
    let mut tx = core.db.begin().await?;
    store::entries::append(&mut tx, lines).await?;
    tx.commit().await?;
    Ok(())
}
