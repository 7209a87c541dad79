//! Versions, as people list, read, compare and download them.

pub mod care;
pub mod compare;
pub mod contexts;
mod doubts;
pub mod export;
pub mod noise;
pub mod search;

pub use compare::{compare, patch};
pub use doubts::{Read, lacks_secrets, read};

use super::{Core, Fault, audit};
use crate::{
    archive,
    domain::{
        access::{Grant, ReadRaw, ViewDevices},
        audit::{Act, AuditEvent},
        backup::{Backup, Suspect},
        id::{BackupId, DeviceId, SuspectId},
        page::{Page, PageRequest},
    },
    platform::{mask_generic, visible},
    store,
};

/// A page of a device's versions, the newest first.
pub async fn list(
    core: &Core,
    by: &Grant<ViewDevices>,
    device: DeviceId,
    request: PageRequest,
) -> Result<Page<Backup>, Fault> {
    Ok(store::backups::list(&mut core.db.read().await?, by.scope(), device, request).await?)
}

/// A device's newest doubtful captures.
pub async fn suspects(core: &Core, by: &Grant<ViewDevices>, device: DeviceId) -> Result<Vec<Suspect>, Fault> {
    Ok(store::suspects::newest(&mut core.db.read().await?, by.scope(), device, 5).await?)
}

/// The version with this id, if there is one.
pub async fn find(core: &Core, by: &Grant<ViewDevices>, id: BackupId) -> Result<Option<Backup>, Fault> {
    Ok(store::backups::find(&mut core.db.read().await?, by.scope(), id).await?)
}

/// The doubtful capture with this id, if there is one.
pub async fn find_suspect(
    core: &Core,
    by: &Grant<ViewDevices>,
    id: SuspectId,
) -> Result<Option<Suspect>, Fault> {
    Ok(store::suspects::find(&mut core.db.read().await?, by.scope(), id).await?)
}

/// A device's newest version, if there is one.
pub async fn newest(core: &Core, by: &Grant<ViewDevices>, device: DeviceId) -> Result<Option<Backup>, Fault> {
    Ok(store::backups::newest(&mut core.db.read().await?, by.scope(), device).await?)
}

/// The version before this one, to compare it with.
pub async fn before(
    core: &Core,
    _by: &Grant<ViewDevices>,
    backup: &Backup,
) -> Result<Option<BackupId>, Fault> {
    Ok(store::backups::before(&mut core.db.read().await?, backup.device, backup.id).await?)
}

async fn raw(core: &Core, sha256: &str) -> Result<Vec<u8>, Fault> {
    Ok(archive::fetch(&core.db, &core.shelf(), sha256).await?)
}

/// The text for people: secrets replaced by tags, control characters made visible.
pub async fn masked(core: &Core, _by: &Grant<ViewDevices>, backup: &Backup) -> Result<String, Fault> {
    let raw = raw(core, &backup.sha256).await?;
    masked_aside(core, &backup.platform, raw).await
}

/// The text of a doubtful capture, for people.
pub async fn masked_suspect(
    core: &Core,
    _by: &Grant<ViewDevices>,
    suspect: &Suspect,
) -> Result<String, Fault> {
    let raw = raw(core, &suspect.sha256).await?;
    masked_aside(core, &suspect.platform, raw).await
}

/// Masks on a thread where a long text may take its time.
async fn masked_aside(core: &Core, platform: &str, raw: Vec<u8>) -> Result<String, Fault> {
    let (core, platform) = (core.clone(), platform.to_owned());
    let work = move || mask(&core, &platform, &raw);
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

fn mask(core: &Core, platform: &str, raw: &[u8]) -> String {
    match core.platforms.get(platform) {
        Some(platform) => visible(&platform.masked(raw, &core.mask)),
        // A platform that has been taken away leaves the rules that hold for all.
        None => visible(&mask_generic(&String::from_utf8_lossy(raw), &core.mask)),
    }
}

/// The output of the information commands beside a version, for people.
pub async fn info(core: &Core, _by: &Grant<ViewDevices>, backup: &Backup) -> Result<Option<String>, Fault> {
    let Some(sha256) = store::backups::info(&mut core.db.read().await?, backup.id).await? else {
        return Ok(None);
    };
    let raw = raw(core, &sha256).await?;
    Ok(Some(mask(core, &backup.platform, &raw)))
}

/// The text that decides whether something changed, with its secrets.
pub async fn normalised(core: &Core, by: &Grant<ReadRaw>, backup: &Backup) -> Result<String, Fault> {
    let raw = read_raw(core, by, backup, "normalised text").await?;
    let platform = core.platforms.get(&backup.platform);
    Ok(platform.map_or_else(|| String::from_utf8_lossy(&raw).into_owned(), |p| p.normalised(&raw)))
}

/// The bytes for restoring, with their secrets; written down before they are handed out (S-77).
pub async fn download(core: &Core, by: &Grant<ReadRaw>, backup: &Backup) -> Result<Vec<u8>, Fault> {
    read_raw(core, by, backup, "raw text").await
}

async fn read_raw(core: &Core, by: &Grant<ReadRaw>, backup: &Backup, what: &str) -> Result<Vec<u8>, Fault> {
    let mut tx = core.db.begin().await?;
    let detail = format!("{what} of version {}", backup.id);
    let about = (backup.device_name.as_str(), Some(detail.as_str()));
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::RawRead, about)).await?;
    tx.commit().await?;
    raw(core, &backup.sha256).await
}
