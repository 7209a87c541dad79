//! What a job needs to know before it begins.

use std::sync::Arc;

use crate::{
    domain::{
        backup::Known,
        credential::{self, Accepted, Candidate, Step, Unsealed},
        device::{Device, Reach},
        fact::Facts,
        failure::{Failure, FailureClass, Stage},
        host_key::Pin,
        id::{CredentialId, JobId},
        job::{Claimed, JobKind},
    },
    platform::Platform,
    service::{Core, Fault, credentials, jump_hosts, secrets},
    store::{self, Conn, Tx, credentials::Sealed, devices::ForJob},
};

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
    /// Whether the trail tells already that this batch uses it.
    pub is_noted: bool,
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

/// Everything about a job's device, or the failure that keeps it from starting. That its own credential is about to be
/// used is in the trail with this, so that most devices cost no transaction of their own for it.
pub async fn assignment(core: &Core, job: &Claimed) -> Result<Result<Assignment, Failure>, Fault> {
    let (own, job) = (core.clone(), job.clone());
    let assigned = core.db.in_one_hop(move |mut tx| async move {
        let mut assignment = match assigned(&own, &mut tx, &job).await? {
            Ok(assignment) => assignment,
            Err(failure) => return Ok(Err(failure)),
        };
        match note_uses(&own, &mut tx, &mut assignment).await {
            Ok(()) => {}
            Err(fault @ (Fault::Unavailable(_) | Fault::Sealed(_))) => return Err(fault),
            Err(fault) => {
                tracing::error!(error = %fault, "the use of a credential could not be written down");
                return Ok(Err(Failure::new(FailureClass::Internal, Stage::Auth, credentials::UNNOTED)));
            }
        }
        tx.commit().await?;
        Ok(Ok(assignment))
    });
    assigned.await
}

/// Of a shared credential the turn is waited for first, and it may be stopped meanwhile: its use is noted after that.
async fn note_uses(core: &Core, tx: &mut Tx, assignment: &mut Assignment) -> Result<(), Fault> {
    let Assignment { job, attempts, device, .. } = assignment;
    for (number, attempt) in attempts.iter_mut().enumerate() {
        let of = &attempt.accepted;
        if number == 0 && !attempt.is_shared {
            credentials::note(core, tx, *job, (of, &device.name)).await?;
            attempt.is_noted = true;
        } else {
            attempt.is_noted = store::credentials::uses::is_noted(tx, *job, of.credential).await?;
        }
    }
    Ok(())
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
        is_noted: false,
    }
}
