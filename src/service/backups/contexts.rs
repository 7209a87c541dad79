//! The contexts of a version: which there are, how each stands beside the version before, and the text of one.

use std::sync::Arc;

use super::{mask, raw};
use crate::{
    domain::{
        access::{Grant, ReadRaw, ViewDevices},
        audit::{Act, AuditEvent},
        backup::{Backup, count_lines},
        context::{Listed, Standing},
    },
    platform::Platform,
    service::{Core, Fault, audit},
};

/// The rules of a version's platform, where its devices can be divided: the texts of others are not looked at.
fn rules(core: &Core, backup: &Backup) -> Option<Arc<Platform>> {
    core.platforms.get(&backup.platform).filter(|platform| platform.context_rules().is_some())
}

/// The names of the contexts of a version; none where its device is not divided.
pub async fn names(core: &Core, _by: &Grant<ViewDevices>, backup: &Backup) -> Result<Vec<String>, Fault> {
    let Some(rules) = rules(core, backup) else { return Ok(Vec::new()) };
    let raw = raw(core, &backup.sha256).await?;
    let work = move || rules.contexts(&raw).names().into_iter().map(str::to_owned).collect();
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// A context of a version and what decides whether it changed.
struct Known {
    name: String,
    lines: usize,
    normalised: String,
}

fn known(rules: &Platform, raw: &[u8]) -> Vec<Known> {
    let contexts = rules.contexts(raw);
    if contexts.is_empty() {
        // Most are: nothing needs to be normalised for them.
        return Vec::new();
    }
    let normalised = rules.normalised(raw);
    let compared = rules.contexts(normalised.as_bytes());
    let known = |name: &str| Known {
        name: name.to_owned(),
        lines: contexts.bytes_of(raw, name).map_or(0, |text| count_lines(&text)),
        normalised: compared.text_of(&normalised, name).unwrap_or_default(),
    };
    contexts.names().into_iter().map(known).collect()
}

/// The contexts of a version, in the order of its text, and behind them those that went since the version before.
pub async fn list(core: &Core, by: &Grant<ViewDevices>, backup: &Backup) -> Result<Vec<Listed>, Fault> {
    let Some(own) = rules(core, backup) else { return Ok(Vec::new()) };
    let new = raw(core, &backup.sha256).await?;
    let before = earlier(core, by, backup).await?;
    let work = move || {
        let old = before.map(|(rules, raw)| rules.map_or_else(Vec::new, |rules| known(&rules, &raw)));
        beside(known(&own, &new), old.as_deref())
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

type Earlier = (Option<Arc<Platform>>, Vec<u8>);

/// The version before, where there is one that reads back.
async fn earlier(core: &Core, by: &Grant<ViewDevices>, backup: &Backup) -> Result<Option<Earlier>, Fault> {
    let Some(before) = super::before(core, by, backup).await? else { return Ok(None) };
    let Some(old) = super::find(core, by, before).await? else { return Ok(None) };
    match raw(core, &old.sha256).await {
        Ok(text) => Ok(Some((rules(core, &old), text))),
        Err(error) => {
            tracing::warn!(backup.id = %old.id, %error, "a version cannot be looked at for its contexts");
            Ok(None)
        }
    }
}

fn beside(new: Vec<Known>, old: Option<&[Known]>) -> Vec<Listed> {
    let mut gone = Vec::new();
    for other in old.unwrap_or_default().iter().filter(|other| new.iter().all(|own| own.name != other.name)) {
        gone.push(Listed { name: other.name.clone(), lines: 0, standing: Standing::Removed });
    }
    let standing = |own: &Known| match old {
        None => Standing::First,
        Some(old) => match old.iter().find(|other| other.name == own.name) {
            None => Standing::Added,
            Some(other) if other.normalised == own.normalised => Standing::Same,
            Some(_) => Standing::Changed,
        },
    };
    let listed = |own: Known| Listed { standing: standing(&own), lines: own.lines, name: own.name };
    new.into_iter().map(listed).chain(gone).collect()
}

/// The text of one context for people; `None` where the version has none of that name.
pub async fn masked(
    core: &Core,
    _by: &Grant<ViewDevices>,
    backup: &Backup,
    name: &str,
) -> Result<Option<String>, Fault> {
    let Some(rules) = rules(core, backup) else { return Ok(None) };
    let raw = raw(core, &backup.sha256).await?;
    let (core, key, name) = (core.clone(), backup.platform.clone(), name.to_owned());
    // As a whole first: a secret is covered by the rules for all that stands around it.
    let work = move || {
        let text = mask(&core, &key, &raw);
        rules.contexts(text.as_bytes()).text_of(&text, &name)
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// The bytes of one context, exactly as the device sent them, with their secrets; `None` where the version has none of that
/// name. Written down before they are handed out (S-77).
pub async fn download(
    core: &Core,
    by: &Grant<ReadRaw>,
    backup: &Backup,
    name: &str,
) -> Result<Option<Vec<u8>>, Fault> {
    let cut = |rules: &Platform, raw: Vec<u8>, name: &str| rules.contexts(&raw).bytes_of(&raw, name);
    read(core, by, backup, (name, "raw text"), cut).await
}

/// The text of one context that decides whether something changed, with its secrets; as [`download`].
pub async fn normalised(
    core: &Core,
    by: &Grant<ReadRaw>,
    backup: &Backup,
    name: &str,
) -> Result<Option<Vec<u8>>, Fault> {
    let cut = |rules: &Platform, raw: Vec<u8>, name: &str| {
        let text = rules.normalised(&raw).into_bytes();
        rules.contexts(&text).bytes_of(&text, name)
    };
    read(core, by, backup, (name, "normalised text"), cut).await
}

async fn read(
    core: &Core,
    by: &Grant<ReadRaw>,
    backup: &Backup,
    (name, what): (&str, &str),
    cut: impl FnOnce(&Platform, Vec<u8>, &str) -> Option<Vec<u8>> + Send + 'static,
) -> Result<Option<Vec<u8>>, Fault> {
    let Some(rules) = rules(core, backup) else { return Ok(None) };
    let raw = raw(core, &backup.sha256).await?;
    let wanted = name.to_owned();
    let work = move || cut(&rules, raw, &wanted);
    let text = tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?;
    let Some(text) = text else { return Ok(None) };
    let mut tx = core.db.begin().await?;
    let detail = format!("{what} of the context {name} of version {}", backup.id);
    let about = (backup.device_name.as_str(), Some(detail.as_str()));
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::RawRead, about)).await?;
    tx.commit().await?;
    Ok(Some(text))
}
