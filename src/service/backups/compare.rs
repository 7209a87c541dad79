//! Two texts beside each other: kept versions, or what a person pastes. Masked on both sides, and nothing pasted is kept.

use super::{mask, raw};
use crate::{
    domain::{
        access::{Grant, ViewDevices},
        backup::Backup,
        diff::{self, Diff},
    },
    service::{Core, Fault},
};

/// One of two texts.
#[derive(Debug, Clone, Copy)]
pub enum Side<'a> {
    /// A kept version.
    Version(&'a Backup),
    /// What a person pasted; the rules of the other side's platform cover its secrets.
    Pasted(&'a str),
}

impl Side<'_> {
    fn platform(&self) -> Option<&str> {
        match self {
            Self::Version(backup) => Some(&backup.platform),
            Self::Pasted(_) => None,
        }
    }
}

/// The text that is compared for people: without volatile lines, masked.
async fn comparable(core: &Core, side: Side<'_>, other: Side<'_>) -> Result<String, Fault> {
    let bytes = match side {
        Side::Version(backup) => raw(core, &backup.sha256).await?,
        Side::Pasted(text) => text.as_bytes().to_vec(),
    };
    let platform = side.platform().or(other.platform()).unwrap_or_default().to_owned();
    let core = core.clone();
    let work = move || {
        let normalised =
            core.platforms.get(&platform).map(|platform| platform.normalised(&bytes).into_bytes());
        mask(&core, &platform, &normalised.unwrap_or(bytes)).replace("\r\n", "\n")
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// How two texts differ, masked: a changed secret shows as a changed tag.
///
/// `context` equal lines are kept around each change; `None` keeps all.
pub async fn compare_any(
    core: &Core,
    _by: &Grant<ViewDevices>,
    (old, new): (Side<'_>, Side<'_>),
    context: Option<usize>,
) -> Result<Diff, Fault> {
    let (old, new) = (comparable(core, old, new).await?, comparable(core, new, old).await?);
    let work = move || diff::compare(&old, &new, context);
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// How two versions differ.
pub async fn compare(
    core: &Core,
    by: &Grant<ViewDevices>,
    (old, new): (&Backup, &Backup),
    context: Option<usize>,
) -> Result<Diff, Fault> {
    compare_any(core, by, (Side::Version(old), Side::Version(new)), context).await
}

/// The same as a patch, for the command line and for download.
pub async fn patch(
    core: &Core,
    _by: &Grant<ViewDevices>,
    (old, new): (&Backup, &Backup),
) -> Result<String, Fault> {
    let name = |backup: &Backup| {
        format!("{} version {} {}", backup.device_name, backup.id, backup.taken_at.to_rfc3339())
    };
    let names = (name(old), name(new));
    let (old, new) = (Side::Version(old), Side::Version(new));
    let (old, new) = (comparable(core, old, new).await?, comparable(core, new, old).await?);
    let work = move || diff::unified((&names.0, &old), (&names.1, &new));
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}
