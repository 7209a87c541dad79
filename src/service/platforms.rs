//! The kinds of devices that NetRaven knows.

pub mod effects;
pub mod looked;
pub mod replayed;
pub mod revisions;

use std::{collections::BTreeMap, sync::Arc};

use regex::Regex;

use super::{Core, Fault};
use crate::{
    domain::access::{Grant, ViewDevices},
    platform::{self, AUTO, Head, NoProposal, Platform, Proposal},
    store,
};

/// What may be chosen for a device: to find the platform out, and the known platforms by title; each with its key and its
/// name for people, which says where nothing has proven it yet.
pub fn by_title(core: &Core) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = core
        .platforms
        .heads()
        .into_iter()
        .map(|head| {
            let untested = if head.proof == "untested" { " (untested)" } else { "" };
            (head.key, format!("{}{untested}", head.title))
        })
        .collect();
    all.sort_by(|(_, one), (_, other)| one.cmp(other));
    if let Some(auto) = core.platforms.head(AUTO) {
        all.insert(0, (auto.key, auto.title));
    }
    all
}

/// The platform with this key, if people may change it: not the one that stands for a platform yet to be found out.
pub fn changeable(core: &Core, key: &str) -> Option<Arc<Platform>> {
    core.platforms.get(key).filter(|platform| !platform.is_auto())
}

/// Makes a platform's file from a terminal session, which is not kept.
///
/// # Errors
/// The session holds no prompt, or nothing that can be a configuration.
pub async fn propose(core: &Core, session: String) -> Result<Result<Proposal, NoProposal>, Fault> {
    let platforms = core.platforms.clone();
    let work = move || {
        let rules = platforms.rules_for_secrets();
        let secrets = rules.keys().filter_map(|rule| Regex::new(&format!("(?m){rule}")).ok()).collect();
        platform::propose(&session, &platform::Known { secrets, verbs: platforms.verbs() })
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// A platform's file with further patterns of lines that change by themselves; as it is where they cannot be added.
pub async fn with_volatile(source: String, patterns: Vec<String>) -> Result<String, Fault> {
    let work = move || platform::with_volatile(&source, &patterns).unwrap_or(source);
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// A platform's name for people; its key where it is known no more.
pub fn title(core: &Core, key: &str) -> String {
    core.platforms.head(key).map_or_else(|| key.to_owned(), |head| head.title)
}

/// A kind of device that NetRaven knows.
#[derive(Debug)]
pub struct Known {
    /// What is told of it.
    pub head: Head,
    /// How many devices of this kind the person sees.
    pub devices: i64,
}

/// The kinds whose key, name, maker or name in another program contains `text`, by name, with the devices of each that the person sees.
pub async fn list(core: &Core, by: &Grant<ViewDevices>, text: &str) -> Result<Vec<Known>, Fault> {
    let counts = store::devices::by_platform(&mut core.db.read().await?, by.scope()).await?;
    let text = text.trim().to_lowercase();
    let is_meant = |head: &Head| {
        let own = [&head.key, &head.title, &head.vendor].into_iter();
        own.chain(&head.known_as).any(|of| of.to_lowercase().contains(&text))
    };
    let heads = core.platforms.heads().into_iter().filter(is_meant);
    let mut all: Vec<Known> = heads.map(|head| known(head, &counts)).collect();
    all.sort_by(|one, other| one.head.title.cmp(&other.head.title));
    Ok(all)
}

fn known(head: Head, counts: &BTreeMap<String, i64>) -> Known {
    let devices = counts.get(&head.key).copied().unwrap_or_default();
    Known { head, devices }
}

/// Everything that NetRaven knows of a kind of device.
#[derive(Debug)]
pub struct Detail {
    /// What the list says.
    pub known: Known,
    /// The capture or the manual that proves the rules.
    pub proof_by: Option<String>,
    /// What is asked for the configuration, and what besides.
    pub commands: (Vec<String>, Vec<String>),
    /// The file.
    pub source: String,
}

/// The kind with this key; `None` where there is none.
pub async fn find(core: &Core, by: &Grant<ViewDevices>, key: &str) -> Result<Option<Detail>, Fault> {
    let Some(platform) = core.platforms.get(key) else { return Ok(None) };
    let counts = store::devices::by_platform(&mut core.db.read().await?, by.scope()).await?;
    let words = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect();
    let info = platform.commands().info.iter().map(String::as_str).collect();
    Ok(Some(Detail {
        known: known(Head::from(&*platform), &counts),
        proof_by: platform.proof_by().map(str::to_owned),
        commands: (words(platform.config_commands()), words(info)),
        source: platform.source().to_owned(),
    }))
}
