//! What flaps in a device's history, and what rules against it would make of that history.

use regex::Regex;

use crate::{
    archive,
    domain::{
        access::{Grant, ViewDevices},
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
#[derive(Debug, Default)]
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
    let addresses: Vec<String> = versions.into_iter().map(|version| version.sha256).collect();
    let sealed = archive::fetch_sealed(&core.db, &core.shelf(), &addresses).await?;
    let (core, platform) = (core.clone(), core.platforms.get(&device.platform));
    let work = move || {
        let Some(rules) = platform else { return Noise::default() };
        // As the comparison sees them, masked: a rule made of them names no secret.
        let shown = |sha256: &String| {
            let raw = archive::open(&core.keyring, sha256, sealed.get(sha256)?).ok()?;
            Some(visible(&rules.masked(rules.normalised(&raw).as_bytes(), &core.mask)))
        };
        let texts: Vec<String> = addresses.iter().filter_map(shown).collect();
        let found = flapping(&texts);
        let rules: Vec<Regex> = found.iter().filter_map(|it| Regex::new(&it.pattern).ok()).collect();
        let steady = |text: &String| -> Vec<String> {
            let lines = text.lines().filter(|line| !rules.iter().any(|rule| rule.is_match(line)));
            lines.map(str::to_owned).collect()
        };
        let left: Vec<Vec<String>> = texts.iter().map(steady).collect();
        let folded = left.windows(2).filter(|pair| matches!(pair, [one, other] if one == other)).count();
        Noise { versions: texts.len(), flapping: found, folded }
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}
