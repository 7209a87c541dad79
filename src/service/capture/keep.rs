//! A whole capture that differs from the current version becomes the next one.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Tail, aside, compared::Other, placed};
use crate::{
    archive::{self, ArchiveError, Packed},
    domain::{
        access::Scope,
        backup::{Known, NewBackup, count_lines},
        diff,
        job::{JobState, Outcome},
    },
    platform::Platform,
    service::{Core, Fault},
    store::{self, StoreError, Tx, backups::NewVersion, queue::End},
};

/// A text that could not be kept is the job's failure; a database that fails is ours.
pub(super) enum KeepError {
    Archive(ArchiveError),
    Fault(Fault),
}

impl KeepError {
    /// A database that is away says nothing about the text: it is kept when the database is back.
    fn of(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Store(StoreError::Unavailable(why)) => Self::Fault(Fault::Unavailable(why)),
            other @ (ArchiveError::Store(_)
            | ArchiveError::Seal(_)
            | ArchiveError::Compression(..)
            | ArchiveError::Missing(_)
            | ArchiveError::File(..)
            | ArchiveError::Unreachable(..)
            | ArchiveError::Damaged(..)) => Self::Archive(other),
        }
    }
}

impl<E: Into<Fault>> From<E> for KeepError {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// What takes long, done before the transaction.
struct Prepared {
    raw: Packed,
    info: Option<Packed>,
    lines: usize,
    added: usize,
    removed: usize,
}

/// Keeps a new version and ends the job; `false` when the job was lost and nothing was kept.
pub(super) async fn version(
    core: &Core,
    tail: Arc<Tail>,
    (platform, earlier): (&Arc<Platform>, Option<String>),
    (new, other): (NewBackup, Other),
    now: DateTime<Utc>,
) -> Result<bool, KeepError> {
    let own = core.clone();
    let fingerprint = other.fingerprint.clone();
    let bytes = new.raw.len().max(earlier.as_ref().map_or(0, String::len));
    let prepared = aside(bytes, move || prepare(&own, (&new, &other.normalised), earlier.as_deref())).await?;
    let prepared = away(core, prepared.map_err(KeepError::Archive)?).await.map_err(KeepError::Archive)?;
    let (own, platform) = (core.clone(), platform.clone());
    let ready = Ready { prepared, fingerprint, platform };
    core.db.in_one_hop(move |tx| async move { write(&own, tx, &tail, ready, now).await }).await
}

/// A version, ready to be written.
struct Ready {
    prepared: Prepared,
    fingerprint: String,
    platform: Arc<Platform>,
}

/// Writes the version and the job's end.
async fn write(
    core: &Core,
    mut tx: Tx,
    tail: &Tail,
    Ready { prepared, fingerprint, platform }: Ready,
    now: DateTime<Utc>,
) -> Result<bool, KeepError> {
    for text in [Some(&prepared.raw), prepared.info.as_ref()].into_iter().flatten() {
        archive::keep(&mut tx, &core.keyring, text, now).await.map_err(KeepError::of)?;
    }
    let asked = store::jobs::find(&mut tx, Scope::All, tail.job.id).await?;
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let (bytes, lines) = (prepared.raw.bytes(), count(prepared.lines));
    let row = NewVersion {
        device_id: tail.job.device.0,
        job_id: Some(tail.job.id.0),
        platform: platform.key().to_owned(),
        taken_at: now.naive_utc(),
        verified_at: now.naive_utc(),
        seen: 1,
        sha256: prepared.raw.sha256.clone(),
        fingerprint,
        info_sha256: prepared.info.map(|info| info.sha256),
        bytes,
        lines,
        added: count(prepared.added),
        removed: count(prepared.removed),
        started_by: asked.map(|job| job.started_by).unwrap_or_default(),
    };
    let id = store::backups::insert(&mut tx, &row).await?;
    let taken = Some((bytes, lines, prepared.raw.sha256));
    let end = End { outcome: Some(Outcome::Stored), backup: Some(id), taken, ..End::default() };
    if !tail.write(&mut tx, core, (JobState::Succeeded, end), now).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// The text of the version that is current, normalised by today's rules; a damaged one must not keep its successor out.
pub(super) async fn earlier(
    core: &Core,
    platform: &Arc<Platform>,
    known: &Known,
) -> Result<Option<String>, Fault> {
    let old = store::backups::find(&mut core.db.read().await?, Scope::All, known.id).await?;
    let Some(old) = old else { return Ok(None) };
    match archive::fetch(&core.db, &core.shelf(), &old.sha256).await {
        Ok(raw) => {
            let platform = platform.clone();
            aside(raw.len(), move || Some(platform.normalised(&raw))).await
        }
        Err(error) => {
            tracing::error!(backup.id = %known.id, %error, "a version does not read back");
            Ok(None)
        }
    }
}

/// Takes the texts where the settings say.
async fn away(core: &Core, prepared: Prepared) -> Result<Prepared, ArchiveError> {
    let info = match prepared.info {
        Some(info) => Some(placed(core, info).await?),
        None => None,
    };
    Ok(Prepared { raw: placed(core, prepared.raw).await?, info, ..prepared })
}

fn prepare(
    core: &Core,
    (new, normalised): (&NewBackup, &str),
    earlier: Option<&str>,
) -> Result<Prepared, ArchiveError> {
    let raw = archive::pack(&core.keyring, &new.raw)?;
    let info =
        (!new.info.is_empty()).then(|| archive::pack(&core.keyring, new.info.as_bytes())).transpose()?;
    let lines = count_lines(&new.raw);
    let (added, removed) = match earlier {
        Some(old) => diff::count(old, normalised),
        None => (lines, 0),
    };
    Ok(Prepared { raw, info, lines, added, removed })
}
