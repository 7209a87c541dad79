//! What flaps in a device's history, and what rules against it would make of that history.

use super::raw;
use crate::{
    domain::{
        access::{Grant, ViewDevices},
        backup::Backup,
        device::Device,
        page::PageRequest,
    },
    platform::{Flapping, flapping, visible},
    service::{Core, Fault},
    store,
};

/// The newest versions that are looked through.
pub const VERSIONS: i64 = 30;

/// What was found.
#[derive(Debug)]
pub struct Noise {
    /// How many versions were looked through.
    pub versions: usize,
    /// Lines that flap, masked, with the rule against each.
    pub flapping: Vec<Flapping>,
    /// How many of those versions would not be there by all of these rules.
    pub folded: usize,
}

/// Looks through the newest versions of a device.
pub async fn find(core: &Core, by: &Grant<ViewDevices>, device: &Device) -> Result<Noise, Fault> {
    let mut conn = core.db.read().await?;
    let versions =
        store::backups::list(&mut conn, by.scope(), device.id, PageRequest::first(VERSIONS)).await?.rows;
    drop(conn);
    let mut texts = Vec::with_capacity(versions.len());
    for version in &versions {
        texts.push(shown(core, device, version).await?);
    }
    let work = move || {
        let found = flapping(&texts);
        let rules: Vec<regex::Regex> =
            found.iter().filter_map(|it| regex::Regex::new(&it.pattern).ok()).collect();
        let steady = |text: &String| -> String {
            text.lines()
                .filter(|line| !rules.iter().any(|rule| rule.is_match(line)))
                .collect::<Vec<_>>()
                .join("\n")
        };
        let left: Vec<String> = texts.iter().map(steady).collect();
        let folded = left.windows(2).filter(|pair| matches!(pair, [one, other] if one == other)).count();
        Noise { versions: texts.len(), flapping: found, folded }
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// A version as the comparison sees it, masked: a rule made of it names no secret.
async fn shown(core: &Core, device: &Device, version: &Backup) -> Result<String, Fault> {
    let bytes = raw(core, &version.sha256).await?;
    let (core, platform) = (core.clone(), device.platform.clone());
    let work = move || match core.platforms.get(&platform) {
        Some(rules) => {
            let normalised = rules.normalised(&bytes);
            visible(&rules.masked(normalised.as_bytes(), &core.mask))
        }
        None => String::new(),
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}
