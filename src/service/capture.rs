//! The end of a job: what was captured becomes a version, or confirms one, or is kept apart, or the failure is
//! told; all in the one transaction that also ends the job.

mod compared;
mod failed;
mod keep;
mod tail;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use compared::{Compared, compared};
use failed::failed;
use tail::Tail;

use super::{Core, Fault, platforms, rules};
use crate::{
    archive::{self, ArchiveError, Packed},
    domain::{
        access::Scope,
        backup::{Known, NewBackup, count_lines},
        credential::Accepted,
        entry::Entry,
        failure::{Failure, FailureClass, Stage},
        id::{BackupId, JobId},
        job::{Claimed, Ended, JobKind, JobState, Outcome},
        proposal::Proposal,
        rule::Field,
        transcript::Transcript,
    },
    platform::Platform,
    store::{self, entries::SealedTranscript, queue::End, suspects::NewSuspect},
};

/// What a worker brings back.
#[derive(Clone)]
pub struct Brought<'a> {
    /// The job.
    pub job: &'a Claimed,
    /// The rules that judged the text; `None` when it never came to a platform.
    pub platform: Option<Arc<Platform>>,
    /// The version that was current when the job began; no other job of the device can have replaced it since.
    pub known: Option<Known>,
    /// How it ended.
    pub ended: Ended,
    /// The lines that are not kept yet.
    pub lines: Vec<(JobId, Entry)>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// What was sent and received, where that is to be kept.
    pub transcript: Option<Transcript>,
    /// The credential that the device accepted.
    pub accepted: Option<Accepted>,
}

/// Ends a job; gives its outcome, or `None` when it was lost to another worker and nothing was kept.
pub async fn record(core: &Core, brought: Brought<'_>) -> Result<Option<Outcome>, Fault> {
    let Brought { job, platform, known, ended, lines, duration_ms, transcript, accepted } = brought;
    let transcript = sealed(core, job.id, transcript).await?;
    let is_change = known.is_some();
    let class = ended.class();
    let learned = ended.learned();
    let tail =
        Arc::new(Tail { job: job.clone(), lines, duration_ms, transcript, accepted, is_change, learned });
    let done = match (ended, platform) {
        (Ended::Captured(new), Some(platform)) => captured(core, tail, (platform, known), new).await,
        (Ended::Doubted { raw, reason }, Some(platform)) => {
            doubted(core, tail, &platform, (raw, reason)).await
        }
        (Ended::Answered(words), _) => answered(core, tail, words).await,
        (Ended::Proposed(proposal), _) => proposed(core, tail, proposal).await,
        (Ended::Failed(failure), _) => failed(core, tail, failure).await,
        (Ended::Captured(_) | Ended::Doubted { .. }, None) => {
            Err(anyhow::anyhow!("a capture without a platform").into())
        }
    };
    let outcome = match done {
        Err(fault @ Fault::Broken(_)) => end_without_device(core, (job, duration_ms), fault).await?,
        other => other?,
    };
    core.counters.ended(outcome, class, duration_ms);
    Ok(outcome)
}

/// A device that was deleted under its job takes no version: the job ends as canceled. Looked at only when
/// something failed, so that it costs no query otherwise.
async fn end_without_device(
    core: &Core,
    (job, duration_ms): (&Claimed, i64),
    fault: Fault,
) -> Result<Option<Outcome>, Fault> {
    if store::devices::find(&mut core.db.read().await?, Scope::All, job.device).await?.is_some() {
        return Err(fault);
    }
    let text = "The device was deleted while it was backed up; nothing was kept.";
    let tail = Tail {
        job: job.clone(),
        lines: Vec::new(),
        duration_ms,
        transcript: None,
        accepted: None,
        is_change: false,
        learned: None,
    };
    failed(core, Arc::new(tail), Failure::new(FailureClass::Canceled, Stage::Store, text)).await
}

/// A transcript ready for its row; one that cannot be made so is no reason to lose the job's end.
async fn sealed(
    core: &Core,
    job: JobId,
    transcript: Option<Transcript>,
) -> Result<Option<SealedTranscript>, Fault> {
    let Some(transcript) = transcript else { return Ok(None) };
    let keyring = core.keyring.clone();
    let bytes = transcript.bytes();
    let packed = aside(bytes, move || archive::transcript::pack(&keyring, job, &transcript)).await?;
    Ok(packed
        .inspect_err(|error| tracing::error!(job.id = %job, %error, "a transcript could not be kept"))
        .ok())
}

/// A text of so many bytes is worked on at once: handing it over would cost more than it holds up.
const SHORT: usize = 64 << 10;

/// Does work on a text of so many bytes, if that may take long on a thread where it may.
async fn aside<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    if bytes <= SHORT {
        return Ok(work());
    }
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// Takes a text that is ready where the settings say, before any transaction.
async fn placed(core: &Core, text: Packed) -> Result<Packed, ArchiveError> {
    text.placed(&core.shelf(), core.settings.now().storage.into()).await
}

async fn captured(
    core: &Core,
    tail: Arc<Tail>,
    (platform, known): (Arc<Platform>, Option<Known>),
    new: NewBackup,
) -> Result<Option<Outcome>, Fault> {
    let now = core.now();
    let Compared { new, sha256, lines, other } = compared(&platform, known.as_ref(), new).await?;
    let bytes = i64::try_from(new.raw.len()).unwrap_or(i64::MAX);
    let taken = (bytes, i32::try_from(lines).unwrap_or(i32::MAX), sha256);
    let (other, earlier) = match (other, known) {
        (None, Some(known)) => return unchanged(core, tail, (known.id, None), taken, now).await,
        (None, None) => return Err(anyhow::anyhow!("the same as no version").into()),
        (Some(other), None) => (other, None),
        (Some(other), Some(known)) => {
            let earlier = keep::earlier(core, &platform, &known).await?;
            // By other rules than today's the version had another fingerprint. That is no change of the device.
            if earlier.as_ref() == Some(&other.normalised) {
                return unchanged(core, tail, (known.id, Some(other.fingerprint)), taken, now).await;
            }
            (other, earlier)
        }
    };
    let kept = match keep::version(core, tail.clone(), (&platform, earlier), (new, other), now).await {
        Ok(kept) => kept,
        Err(keep::KeepError::Archive(error)) => {
            tracing::error!(job.id = %tail.job.id, error = %error, "a capture could not be kept");
            let text = format!("The configuration arrived whole but could not be kept: {error}");
            return failed(core, tail, Failure::new(FailureClass::ArchiveFailed, Stage::Store, text)).await;
        }
        Err(keep::KeepError::Fault(fault)) => return Err(fault),
    };
    Ok(kept.then_some(Outcome::Stored))
}

/// The device has the version that is current; by today's rules that version has this fingerprint, where it is another.
async fn unchanged(
    core: &Core,
    tail: Arc<Tail>,
    (known, fingerprint): (BackupId, Option<String>),
    taken: (i64, i32, String),
    now: DateTime<Utc>,
) -> Result<Option<Outcome>, Fault> {
    let end =
        End { outcome: Some(Outcome::Unchanged), backup: Some(known), taken: Some(taken), ..End::default() };
    let own = core.clone();
    let ended = core.db.in_one_hop(move |mut tx| async move {
        if !tail.write(&mut tx, &own, (JobState::Succeeded, end), now).await? {
            return Ok(None);
        }
        store::backups::seen_again(&mut tx, known, now).await?;
        if let Some(fingerprint) = fingerprint {
            store::backups::set_fingerprint(&mut tx, known, &fingerprint).await?;
        }
        tx.commit().await?;
        Ok(Some(Outcome::Unchanged))
    });
    ended.await
}

async fn doubted(
    core: &Core,
    tail: Arc<Tail>,
    platform: &Platform,
    (raw, reason): (Vec<u8>, String),
) -> Result<Option<Outcome>, Fault> {
    let now = core.now();
    let lines = i32::try_from(count_lines(&raw)).unwrap_or(i32::MAX);
    let keyring = core.keyring.clone();
    let packed = aside(raw.len(), move || archive::pack(&keyring, &raw)).await??;
    let packed = placed(core, packed).await?;
    let bytes = packed.bytes();
    let mut tx = core.db.begin().await?;
    archive::keep(&mut tx, &core.keyring, &packed, now).await?;
    let new = NewSuspect {
        device: tail.job.device,
        job: tail.job.id,
        platform: platform.key(),
        reason: &reason,
        sha256: &packed.sha256,
        bytes,
        lines,
    };
    let id = store::suspects::insert(&mut tx, &new, now).await?;
    let end = End {
        outcome: Some(Outcome::Suspect),
        class: Some(FailureClass::Suspect),
        stage: Some(Stage::Check),
        message: Some(reason.clone()),
        suspect: Some(id),
        taken: Some((bytes, lines, packed.sha256.clone())),
        ..End::default()
    };
    if !tail.write(&mut tx, core, (JobState::Failed, end), now).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some(Outcome::Suspect))
}

/// A platform was found out and waits to be confirmed. No backup was taken, which is no failure: the device's marks stay.
async fn proposed(core: &Core, tail: Arc<Tail>, found: Proposal) -> Result<Option<Outcome>, Fault> {
    let now = core.now();
    let title = platforms::title(core, &found.platform);
    let words = format!(
        "No backup was taken: the device looks like {title} ({} % sure). Confirm it on the device's page.",
        found.sure
    );
    let mut tx = core.db.begin().await?;
    let end = End { message: Some(words), ..End::default() };
    if !tail.write(&mut tx, core, (JobState::Skipped, end), now).await? {
        return Ok(None);
    }
    store::proposals::keep(&mut tx, (tail.job.device, tail.job.id), &found, now).await?;
    tx.commit().await?;
    Ok(Some(Outcome::Unchanged))
}

/// A check or a test that went well. No configuration came, so nothing about the device's backups changes.
async fn answered(core: &Core, tail: Arc<Tail>, words: String) -> Result<Option<Outcome>, Fault> {
    let now = core.now();
    let device = tail.job.device;
    let is_check = tail.job.kind == JobKind::Check;
    let end = End { message: Some(words.clone()), ..End::default() };
    let mut tx = core.db.begin().await?;
    if !tail.write(&mut tx, core, (JobState::Succeeded, end), now).await? {
        return Ok(None);
    }
    if is_check {
        store::devices::set_reachable(&mut tx, device, (true, &words), now).await?;
        rules::after_change(&mut tx, Field::Reachable, &[device]).await?;
    }
    tx.commit().await?;
    Ok(Some(Outcome::Unchanged))
}
