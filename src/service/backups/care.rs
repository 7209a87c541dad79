//! What people do with kept versions: pin, annotate, check, delete.

use super::super::{Core, Fault, audit, storage};
use crate::{
    archive,
    domain::{
        access::{DeleteBackups, Grant, NoteBackups, Scope},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        backup::{Backup, BackupNote},
        id::{BackupId, SuspectId},
    },
    store::{self, StoreError, Tx},
};

fn act<'a>(event: AuditEvent, backup: &'a Backup, detail: &'a str) -> Act<'a> {
    Act::new(event, &backup.device_name).on(ObjectKind::Backup, backup.id.0).detail(detail)
}

async fn held(core: &Core, scope: Scope, id: BackupId) -> Result<Option<(Tx, Backup)>, Fault> {
    let mut tx = core.db.begin().await?;
    let found = store::backups::find(&mut tx, scope, id).await?;
    Ok(found.map(|backup| (tx, backup)))
}

/// Pins a version, so that it stays whatever retention says, or lets it go. `false` when there is none.
pub async fn pin(core: &Core, by: &Grant<NoteBackups>, id: BackupId, is_pinned: bool) -> Result<bool, Fault> {
    let Some((mut tx, backup)) = held(core, by.scope(), id).await? else { return Ok(false) };
    let changes = Changes::default().field("pinned", backup.is_pinned, is_pinned);
    if changes.is_empty() {
        return Ok(true);
    }
    store::backups::pin(&mut tx, id, is_pinned).await?;
    let detail = format!("version {id}");
    let act = act(AuditEvent::BackupNoted, &backup, &detail).changes(changes);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(true)
}

/// What came of accepting a doubtful capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// The device's next configuration may be as short.
    Done,
    /// A good backup has come since: there is nothing to accept.
    Overtaken,
    /// There is no such capture, or its device has no version.
    Gone,
}

/// Says of a doubtful capture that it is right: the next backup that is no shorter becomes the current version, unless the
/// device has its old configuration again by then. The capture itself stays apart, since nothing has proven it.
pub async fn accept(core: &Core, by: &Grant<NoteBackups>, id: SuspectId) -> Result<Accepted, Fault> {
    let mut tx = core.db.begin().await?;
    let Some(suspect) = store::suspects::find(&mut tx, by.scope(), id).await? else {
        return Ok(Accepted::Gone);
    };
    store::backups::lock_device(&mut tx, suspect.device).await?;
    let Some(current) = store::backups::newest(&mut tx, by.scope(), suspect.device).await? else {
        return Ok(Accepted::Gone);
    };
    if current.verified_at > suspect.taken_at {
        return Ok(Accepted::Overtaken);
    }
    let before = current.accepted_lines.map(|lines| lines.to_string()).unwrap_or_default();
    let changes = Changes::default().field("accepted_lines", before, suspect.lines);
    if changes.is_empty() {
        return Ok(Accepted::Done);
    }
    store::backups::accept_lines(&mut tx, current.id, suspect.lines).await?;
    let detail = format!("doubtful capture {id} is right");
    let act = act(AuditEvent::BackupNoted, &current, &detail).changes(changes);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(Accepted::Done)
}

/// Writes a note on a version in place of the one before; an empty one takes it away. `false` when there is none.
pub async fn note(
    core: &Core,
    by: &Grant<NoteBackups>,
    id: BackupId,
    note: &BackupNote,
) -> Result<bool, Fault> {
    let Some((mut tx, backup)) = held(core, by.scope(), id).await? else { return Ok(false) };
    let changes = Changes::default().field("note", &backup.note, note.as_str());
    if changes.is_empty() {
        return Ok(true);
    }
    store::backups::keep_note(&mut tx, id, note.as_str()).await?;
    let detail = format!("version {id}");
    let act = act(AuditEvent::BackupNoted, &backup, &detail).changes(changes);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(true)
}

/// Reads a version's bytes back and compares them with their hash; writes down what came of it. Gives whether they are
/// what they should be, `None` when there is no such version.
pub async fn verify(core: &Core, by: &Grant<NoteBackups>, id: BackupId) -> Result<Option<bool>, Fault> {
    let mut conn = core.db.read().await?;
    let Some(backup) = store::backups::find(&mut conn, by.scope(), id).await? else { return Ok(None) };
    let info = store::backups::info(&mut conn, id).await?;
    drop(conn);
    let mut broken = None;
    for sha256 in std::iter::once(&backup.sha256).chain(&info) {
        let wrong = match archive::fetch(&core.db, &core.shelf(), sha256).await {
            Ok(_) => None,
            Err(error) if error.is_damage() => Some(error),
            Err(error) => return Err(error.into()),
        };
        storage::verify::verdict(core, by.actor(), sha256, wrong.as_ref()).await?;
        broken = wrong.map(|error| error.to_string()).or(broken);
    }
    let Some((mut tx, backup)) = held(core, by.scope(), id).await? else { return Ok(None) };
    let detail = match &broken {
        Some(why) => format!("version {id} is damaged: {why}"),
        None => format!("version {id} reads back as it was kept"),
    };
    audit::append(core, &mut tx, by.actor(), act(AuditEvent::BackupChecked, &backup, &detail)).await?;
    tx.commit().await?;
    Ok(Some(broken.is_none()))
}

/// Why a version was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteBackupError {
    /// There is none.
    #[error("this version has been deleted")]
    Gone,
    /// It is pinned.
    #[error("This version is pinned. Unpin it first.")]
    Pinned,
    /// It is the newest good one of its device.
    #[error("This is the newest good version of its device. Tick the box if it is to go all the same.")]
    Newest,
    /// A job may be about to confirm it.
    #[error("A backup of this device is under way and may need this version. Wait until it has ended.")]
    Busy,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for DeleteBackupError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Whether this is the newest good version of its device, which stays unless deleting it is forced.
pub async fn is_newest_good(core: &Core, _by: &Grant<DeleteBackups>, backup: &Backup) -> Result<bool, Fault> {
    let newest = store::backups::newest_good(&mut core.db.read().await?, backup.device).await?;
    Ok(newest == Some(backup.id))
}

/// Deletes a version, and its texts where nothing else refers to them.
///
/// A pinned one stays in any case, the newest good one unless `is_forced`.
pub async fn delete(
    core: &Core,
    by: &Grant<DeleteBackups>,
    id: BackupId,
    is_forced: bool,
) -> Result<Backup, DeleteBackupError> {
    let mut tx = core.db.begin().await?;
    let found = store::backups::find(&mut tx, by.scope(), id).await?;
    let device = found.ok_or(DeleteBackupError::Gone)?.device;
    store::backups::lock_device(&mut tx, device).await?;
    // Read again: whoever held the device may have changed it.
    let backup = store::backups::find(&mut tx, by.scope(), id).await?.ok_or(DeleteBackupError::Gone)?;
    if backup.is_pinned {
        return Err(DeleteBackupError::Pinned);
    }
    if !is_forced && store::backups::newest_good(&mut tx, device).await? == Some(id) {
        return Err(DeleteBackupError::Newest);
    }
    let newest = store::backups::newest(&mut tx, Scope::All, device).await?;
    let is_current = newest.is_some_and(|newest| newest.id == id);
    if is_current && !store::jobs::active(&mut tx, Scope::All, &[device]).await?.is_empty() {
        return Err(DeleteBackupError::Busy);
    }
    let texts = store::backups::delete(&mut tx, id).await?;
    if is_current {
        store::backups::remark(&mut tx, device).await?;
    }
    store::contents::delete_unused(&mut tx, &texts).await?;
    let detail = format!(
        "version {id} of {}, {} bytes, SHA-256 {}{}",
        backup.taken_at.to_rfc3339(),
        backup.bytes,
        backup.sha256,
        if is_current { "; it was the newest" } else { "" }
    );
    audit::append(core, &mut tx, by.actor(), act(AuditEvent::BackupDeleted, &backup, &detail)).await?;
    tx.commit().await?;
    Ok(backup)
}
