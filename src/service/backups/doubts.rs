//! What is to be said of a version besides its text: secrets that no rule covered, and secrets that it lacks.

use super::{mask, raw};
use crate::{
    domain::{
        access::{Grant, ViewDevices},
        backup::Backup,
    },
    platform::leaks,
    service::{Core, Fault},
};

/// The text of a version for people, and what is to be said of it.
#[derive(Debug)]
pub struct Read {
    /// Secrets are replaced by tags, control characters made visible.
    pub text: String,
    /// Lines, by number and with the suspicious value covered, that may hold secrets which no rule covers.
    pub leaks: Vec<(usize, String)>,
    /// Whether the device itself left secrets out, so that it cannot be restored from this.
    pub lacks_secrets: bool,
}

/// Reads a version for people.
pub async fn read(core: &Core, _by: &Grant<ViewDevices>, backup: &Backup) -> Result<Read, Fault> {
    let raw = raw(core, &backup.sha256).await?;
    let (core, key) = (core.clone(), backup.platform.clone());
    let work = move || {
        let text = mask(&core, &key, &raw);
        let leaks = leaks(&text).into_iter().map(|leak| (leak.line, leak.shown)).collect();
        Read { leaks, lacks_secrets: hides_secrets(&core, &key, &raw), text }
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// Whether a version cannot be restored from because the device left secrets out. Its text is looked at only where devices
/// of its platform do so at all.
pub async fn lacks_secrets(core: &Core, _by: &Grant<ViewDevices>, backup: &Backup) -> Result<bool, Fault> {
    if !core.platforms.get(&backup.platform).is_some_and(|platform| platform.may_hide_secrets()) {
        return Ok(false);
    }
    let raw = raw(core, &backup.sha256).await?;
    let (core, key) = (core.clone(), backup.platform.clone());
    let work = move || hides_secrets(&core, &key, &raw);
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

pub(super) fn hides_secrets(core: &Core, platform: &str, raw: &[u8]) -> bool {
    core.platforms.get(platform).is_some_and(|platform| platform.hides_secrets(raw))
}
