//! Two texts beside each other: kept versions, or what a person pastes. Masked on both sides, and nothing pasted is kept.

use super::{mask, raw};
use crate::{
    domain::{
        access::{Grant, ViewDevices},
        backup::Backup,
        context::ByLine,
        diff::{self, Diff},
    },
    service::{Core, Fault},
};

/// One of two texts.
#[derive(Debug, Clone, Copy)]
pub enum Side<'a> {
    /// A kept version.
    Version(&'a Backup),
    /// One context of a kept version; nothing where it has none of that name.
    Context(&'a Backup, &'a str),
    /// What a person pasted; the rules of the other side's platform cover its secrets.
    Pasted(&'a str),
}

impl Side<'_> {
    fn platform(&self) -> Option<&str> {
        match self {
            Self::Version(backup) | Self::Context(backup, _) => Some(&backup.platform),
            Self::Pasted(_) => None,
        }
    }

    /// What a patch calls it.
    fn name(&self) -> String {
        match self {
            Self::Version(backup) => {
                format!("{} version {} {}", backup.device_name, backup.id, backup.taken_at.to_rfc3339())
            }
            Self::Context(backup, name) => format!("{} context {name}", Self::Version(backup).name()),
            Self::Pasted(_) => "pasted".to_owned(),
        }
    }
}

/// The text that is compared for people, without volatile lines and masked, and in which context each line stands.
async fn comparable(core: &Core, side: Side<'_>, other: Side<'_>) -> Result<(String, ByLine), Fault> {
    let (bytes, name) = match side {
        Side::Version(backup) => (raw(core, &backup.sha256).await?, None),
        Side::Context(backup, name) => (raw(core, &backup.sha256).await?, Some(name.to_owned())),
        Side::Pasted(text) => (text.as_bytes().to_vec(), None),
    };
    let platform = side.platform().or(other.platform()).unwrap_or_default().to_owned();
    let core = core.clone();
    let work = move || {
        let rules = core.platforms.get(&platform);
        let normalised = rules.as_ref().map(|rules| rules.normalised(&bytes).into_bytes());
        let text = mask(&core, &platform, &normalised.unwrap_or(bytes)).replace("\r\n", "\n");
        let contexts = rules.map(|rules| rules.contexts(text.as_bytes())).unwrap_or_default();
        if let Some(name) = name {
            return (contexts.text_of(&text, &name).unwrap_or_default(), ByLine::default());
        }
        let lines = contexts.by_line(text.as_bytes());
        (text, lines)
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
    let ((old, olds), (new, news)) = (comparable(core, old, new).await?, comparable(core, new, old).await?);
    let work = move || Diff { contexts: (olds, news), ..diff::compare(&old, &new, context) };
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
    by: &Grant<ViewDevices>,
    (old, new): (&Backup, &Backup),
) -> Result<String, Fault> {
    patch_any(core, by, (Side::Version(old), Side::Version(new))).await
}

/// How two texts differ, as a patch.
pub async fn patch_any(
    core: &Core,
    _by: &Grant<ViewDevices>,
    (old, new): (Side<'_>, Side<'_>),
) -> Result<String, Fault> {
    let names = (old.name(), new.name());
    let ((old, _), (new, _)) = (comparable(core, old, new).await?, comparable(core, new, old).await?);
    let work = move || diff::unified((&names.0, &old), (&names.1, &new));
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}
