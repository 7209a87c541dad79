//! What keeps the house in order every hour: old versions go, what nothing refers to goes, the audit trail is anchored.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};

use super::{Core, Fault, audit, credentials, devices, import, notices, self_backup, storage};
use crate::{
    domain::{
        access::{Actor, Grant, ManageSettings},
        audit::{Act, AuditEvent},
    },
    store,
};

/// Versions that go in one transaction: few enough that nobody waits for the write lock.
const BATCH: i64 = 200;

/// Transactions of one run; what is left then goes an hour later.
const BATCHES: usize = 100;

/// A text that nothing refers to stays this long: somebody may be about to refer to it.
const GRACE: Duration = Duration::days(1);

/// What an hour's upkeep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Versions.
    pub versions: usize,
    /// Texts that nothing referred to.
    pub contents: usize,
    /// Files and objects that nothing referred to.
    pub files: usize,
}

/// Everything that is done every hour; each part is tried even when another fails.
pub async fn hourly(core: &Core) {
    match apply(core).await {
        Ok(swept) if swept == Swept::default() => {}
        Ok(Swept { versions, contents, files }) => {
            tracing::info!(versions, contents, files, "old versions and what belonged to them were removed");
        }
        Err(fault) => tracing::error!(error = %fault, "old versions could not be removed"),
    }
    match devices::purge_expired(core).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "devices deleted long ago were removed for good"),
        Err(fault) => tracing::error!(error = %fault, "devices deleted long ago could not be removed"),
    }
    if let Err(fault) = notices::forget(core).await {
        tracing::error!(error = %fault, "old notices and mails could not be removed");
    }
    if let Err(fault) = credentials::settle(core).await {
        tracing::error!(error = %fault, "secrets before the last change could not be removed");
    }
    if let Err(fault) = import::forget(core).await {
        tracing::error!(error = %fault, "old imports could not be forgotten");
    }
    if let Err(fault) = forget_failures(core).await {
        tracing::error!(error = %fault, "failed sign-ins of yesterday could not be forgotten");
    }
    if let Err(fault) = storage::verify::nightly(core).await {
        tracing::error!(error = %fault, "kept contents could not be read back");
    }
    if let Err(fault) = audit::anchor(core).await {
        tracing::error!(error = %fault, "the end of the audit trail could not be written down outside of the database");
    }
    // Last, so that what was removed above is not copied.
    match self_backup::by_schedule(core).await {
        Ok(None) => {}
        Ok(Some(made)) => {
            tracing::info!(file = %made.file.display(), bytes = made.bytes, "NetRaven itself was copied");
        }
        Err(error) => tracing::error!(%error, "NetRaven itself could not be copied"),
    }
}

/// Failed sign-ins count for as long as the longest pause.
async fn forget_failures(core: &Core) -> Result<(), Fault> {
    store::throttles::delete_old(&mut core.db.write().await?, core.now() - Duration::days(1)).await?;
    Ok(())
}

/// The versions that were followed by another before this may go.
fn before(core: &Core, days: i64) -> DateTime<Utc> {
    core.now().checked_sub_signed(Duration::days(days)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// How many versions would go if they were kept for so many days.
pub async fn preview(core: &Core, _by: &Grant<ManageSettings>, days: i64) -> Result<i64, Fault> {
    Ok(store::retention::count(&mut core.db.read().await?, before(core, days)).await?)
}

/// Removes the versions whose time is over, in batches, and what nothing refers to any more.
pub async fn apply(core: &Core) -> Result<Swept, Fault> {
    let before = before(core, core.settings.now().backup_days);
    let mut swept = Swept::default();
    for _ in 0..BATCHES {
        let (versions, contents) = batch(core, before).await?;
        swept.versions += versions;
        swept.contents += contents;
        if versions == 0 {
            break;
        }
    }
    swept.contents += orphans(core).await?;
    // A bucket that is away is no reason to say that nothing went.
    swept.files = storage::sweep(core).await.unwrap_or_else(|fault| {
        tracing::error!(error = %fault, "files and objects that nothing needs could not be removed");
        0
    });
    Ok(swept)
}

/// A batch of versions with the texts that only they had; what went is in the trail in the same transaction.
async fn batch(core: &Core, before: DateTime<Utc>) -> Result<(usize, usize), Fault> {
    let mut tx = core.db.begin().await?;
    let gone = store::retention::remove(&mut tx, before, BATCH).await?;
    if gone.is_empty() {
        return Ok((0, 0));
    }
    let versions = gone.len();
    let devices: BTreeSet<i64> = gone.iter().map(|version| version.device).collect();
    let texts: Vec<String> =
        gone.into_iter().flat_map(|version| [Some(version.sha256), version.info_sha256]).flatten().collect();
    let contents = store::contents::delete_old_orphans(&mut tx, &texts, core.now() - GRACE).await?;
    let name = format!("{} of {}", told(versions, "version"), told(devices.len(), "device"));
    let detail = format!("superseded before {}", before.format("%Y-%m-%d %H:%M UTC"));
    let act = Act::new(AuditEvent::RetentionApplied, &name).detail(&detail);
    audit::append(core, &mut tx, &Actor::system(), act).await?;
    tx.commit().await?;
    Ok((versions, contents))
}

/// Texts that lost their last version some other way. They are looked for without holding the write lock, and asked
/// again under it.
async fn orphans(core: &Core) -> Result<usize, Fault> {
    let before = core.now() - GRACE;
    let mut removed = 0;
    for _ in 0..BATCHES {
        let old = store::contents::old_orphans(&mut core.db.read().await?, before, BATCH).await?;
        if old.is_empty() {
            break;
        }
        let mut tx = core.db.begin().await?;
        removed += store::contents::delete_old_orphans(&mut tx, &old, before).await?;
        tx.commit().await?;
    }
    Ok(removed)
}

fn told(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
