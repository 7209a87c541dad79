//! Jobs, as workers take, keep and lose them.

use std::{collections::BTreeSet, sync::Arc};

use chrono::Duration;

use super::{Core, Fault, credentials, database, jump_hosts, secrets};
use crate::{
    crypt::token,
    domain::{
        backup::Known,
        credential::{self, Accepted, Candidate, Step, Unsealed},
        device::{Device, Reach},
        entry::Entry,
        fact::Facts,
        failure::{Failure, FailureClass, Stage},
        host_key::Pin,
        id::{CredentialId, JobId},
        job::{Claimed, Hold, JobKind, Places},
    },
    platform::Platform,
    store::{self, Conn, credentials::Sealed, devices::ForJob},
};

mod lost;

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

/// A credential to be tried, with its secrets.
#[derive(Debug)]
pub struct Attempt {
    /// Account and secrets.
    pub secrets: Unsealed,
    /// What is noted when the device lets us in.
    pub accepted: Accepted,
    /// Whether many devices share it, so that a wrong one may lock an account for all of them.
    pub is_shared: bool,
    /// Whether these are the secrets before the last change.
    pub is_old: bool,
}

/// What a worker needs to know to do a job.
#[derive(Debug)]
pub struct Assignment {
    /// The job.
    pub job: JobId,
    /// The device as it is now.
    pub device: Device,
    /// What may prove us to it, in the order of trying; empty for jobs that do not sign in.
    pub attempts: Vec<Attempt>,
    /// What is not tried, and why, in words.
    pub left_out: Vec<String>,
    /// The rules of its platform.
    pub platform: Arc<Platform>,
    /// Its pinned host keys.
    pub pins: Vec<Pin>,
    /// How it is reached beyond its address.
    pub reach: Reach,
    /// The jump hosts that it is reached through, the one that is reached first at first.
    pub way: Vec<jump_hosts::Hop>,
    /// Its current version, if there is one.
    pub known: Option<Known>,
    /// What it told of itself before.
    pub facts: Facts,
    /// How long the slowest of the device's last good jobs took, where there are enough of them to tell.
    pub slowest: Option<std::time::Duration>,
    /// The number of the last line that an earlier attempt logged.
    pub last_seq: i64,
}

/// Everything about a job's device, or the failure that keeps it from starting.
pub async fn assignment(core: &Core, job: &Claimed) -> Result<Result<Assignment, Failure>, Fault> {
    let conn = core.db.read().await?;
    let (core, job) = (core.clone(), job.clone());
    conn.in_one_hop(move |mut conn| async move { assigned(&core, &mut conn, &job).await }).await
}

async fn assigned(core: &Core, conn: &mut Conn, job: &Claimed) -> Result<Result<Assignment, Failure>, Fault> {
    let Some(found) = store::devices::find_for_job(conn, job.device).await? else {
        return Ok(Err(Failure::new(FailureClass::Canceled, Stage::Resolve, "The device has been deleted.")));
    };
    let device = &found.device;
    let Some(platform) = core.platforms.for_device(device.id, &device.platform) else {
        let text = format!(
            "The platform \"{}\" is not known any more; choose another on the device.",
            device.platform
        );
        return Ok(Err(Failure::new(FailureClass::Internal, Stage::Resolve, text)));
    };
    if device.transport.is_clear_text() && !core.settings.now().allow_telnet {
        let text = "Telnet is off, because it sends passwords in clear text. An admin may allow it in the settings, or the device can be reached by SSH.";
        return Ok(Err(Failure::new(FailureClass::DestinationDenied, Stage::Connect, text)));
    }
    if !platform.transports().contains(&device.transport) {
        let text =
            format!("Devices of the platform {} are not reached by {}.", platform.title(), device.transport);
        return Ok(Err(Failure::new(FailureClass::DestinationDenied, Stage::Connect, text)));
    }
    let (attempts, left_out) = match job.kind {
        JobKind::Check => (Vec::new(), Vec::new()),
        JobKind::BackUp | JobKind::TestLogin => match ways_in(core, conn, job, &found).await? {
            Ok(ways) => ways,
            Err(failure) => return Ok(Err(failure)),
        },
    };
    let way = match jump_hosts::way(core, conn, found.reach.jump_host).await? {
        Ok(way) => way,
        Err(failure) => return Ok(Err(failure)),
    };
    let last_seq = if job.fence > 1 { store::entries::last_seq(conn, job.id).await? } else { 0 };
    // Only who has several addresses can have several keys that count.
    let pins = if found.reach.further.is_empty() {
        found.pin.iter().cloned().collect()
    } else {
        store::host_keys::of(conn, found.device.id).await?
    };
    let ForJob { device, reach, known, facts, slowest, .. } = found;
    Ok(Ok(Assignment {
        job: job.id,
        device,
        attempts,
        left_out,
        platform,
        pins,
        reach,
        way,
        known,
        facts,
        slowest,
        last_seq,
    }))
}

type WaysIn = (Vec<Attempt>, Vec<String>);

async fn ways_in(
    core: &Core,
    conn: &mut Conn,
    job: &Claimed,
    found: &ForJob,
) -> Result<Result<WaysIn, Failure>, Fault> {
    let candidates = match (job.kind, &job.payload) {
        (JobKind::TestLogin, Some(id)) => {
            let id = CredentialId(id.parse().unwrap_or_default());
            store::credentials::find(conn, id).await?.iter().map(credentials::chosen).collect()
        }
        _ => credentials::candidates(conn, found).await?,
    };
    if candidates.is_empty() {
        let text = "The device has no credential; add a username and a password or a key, or tag it for a shared one.";
        return Ok(Err(Failure::new(FailureClass::NoCredential, Stage::Auth, text)));
    }
    let steps = credential::plan(&candidates, found.last_credential, job.priority.is_by_person());
    let rows: Vec<CredentialId> =
        candidates.iter().flat_map(|c| [Some(c.id), c.previous]).flatten().collect();
    // The chosen one came with the device.
    let sealed = match &found.credential {
        Some(sealed) if rows == [CredentialId(sealed.id)] => vec![sealed.clone()],
        _ => store::credentials::find_many(conn, &rows).await?,
    };
    let (mut attempts, mut left_out) = (Vec::new(), Vec::new());
    for (index, step) in steps {
        let Some(candidate) = candidates.get(index) else { continue };
        let is_old = match step {
            Step::Try { is_old } => is_old,
            Step::Skip(why) => {
                left_out.push(credentials::skipped(candidate, why));
                continue;
            }
        };
        let row = if is_old { candidate.previous.unwrap_or(candidate.id) } else { candidate.id };
        let Some(sealed) = sealed.iter().find(|sealed| sealed.id == row.0) else { continue };
        match secrets::unseal(core, sealed) {
            Ok(secrets) => attempts.push(attempt(candidate, (sealed, secrets), is_old)),
            Err(fault @ Fault::Sealed(_)) => return Err(fault),
            Err(fault) => {
                tracing::error!(credential.id = %row, error = %fault, "credential does not open");
                let name = credentials::called(candidate);
                left_out
                    .push(format!("{name} does not open: it was changed outside NetRaven. Enter it again."));
            }
        }
    }
    if attempts.is_empty() {
        let is_broken = left_out.iter().all(|why| why.contains("does not open"));
        let class = if is_broken { FailureClass::NoCredential } else { FailureClass::AuthFailed };
        return Ok(Err(Failure::new(class, Stage::Auth, left_out.join(" "))));
    }
    Ok(Ok((attempts, left_out)))
}

fn attempt(candidate: &Candidate, (sealed, secrets): (&Sealed, Unsealed), is_old: bool) -> Attempt {
    let answer = if is_old { candidate.old_answer } else { candidate.answer };
    Attempt {
        secrets,
        accepted: Accepted {
            row: CredentialId(sealed.id),
            credential: candidate.id,
            name: credentials::called(candidate),
            tag: candidate.through.as_ref().map(|(tag, ..)| *tag),
            revision: sealed.revision,
            is_known: answer.is_some_and(|a| a.is_accepted && a.revision == sealed.revision),
        },
        is_shared: candidate.name.is_some(),
        is_old,
    }
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
