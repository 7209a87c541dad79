//! What a changed platform file would make of the versions that are kept, before it is saved.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    archive,
    crypt::token,
    domain::{
        access::{Grant, ReadRaw},
        backup::BackupFilter,
        id::BackupId,
    },
    platform::{MaskKey, Platform, masked_by},
    service::{Core, Fault},
    store::{self, backups::Head},
};

/// Versions that are looked through, at most.
const MOST: i64 = 400;

/// How long that may take.
const TIME: Duration = Duration::from_secs(4);

/// Texts fetched at a time.
const CHUNK: usize = 32;

/// Lines that are shown of those that the comparison would not see any more.
const SHOWN: usize = 20;

/// What would be different.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Versions that were looked through, of how many devices.
    pub versions: usize,
    /// Their devices.
    pub devices: usize,
    /// Whether there are more than were looked through.
    pub is_cut: bool,
    /// Versions that would not have been kept: by the new rules they are the one before.
    pub folded: Vec<BackupId>,
    /// Versions that are the one before by today's rules and would be another.
    pub parted: Vec<BackupId>,
    /// Versions that would not be believed, and why.
    pub refused: Vec<(BackupId, String)>,
    /// Versions in which fewer secrets would be covered.
    pub bared: Vec<BackupId>,
    /// Versions in which more would.
    pub covered: Vec<BackupId>,
    /// Lines that the comparison would not see any more, masked.
    pub unseen: Vec<String>,
}

/// A text by either set of rules.
struct Judged {
    fingerprints: (String, String),
    doubt: Option<String>,
    secrets: (usize, usize),
}

/// Judges, normalises and masks the newest versions of a platform by the rules of today, where there are some, and by
/// the new ones.
pub async fn effects(core: &Core, by: &Grant<ReadRaw>, new: &Arc<Platform>) -> Result<Effects, Fault> {
    let Some(old) = core.platforms.get(new.key()) else { return Ok(Effects::default()) };
    let filter = BackupFilter { platform: Some(new.key().to_owned()), ..BackupFilter::default() };
    let mut conn = core.db.read().await?;
    let mut heads = store::backups::heads(&mut conn, by.scope(), &filter, MOST + 1).await?;
    drop(conn);
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let mut found = Effects { is_cut: heads.len() > most, ..Effects::default() };
    heads.truncate(most);
    let end = Instant::now() + TIME;
    let mut judged: BTreeMap<String, Judged> = BTreeMap::new();
    for chunk in heads.chunks(CHUNK) {
        if Instant::now() >= end {
            found.is_cut = true;
            break;
        }
        let fresh: BTreeSet<&String> =
            chunk.iter().map(|head| &head.sha256).filter(|sha256| !judged.contains_key(*sha256)).collect();
        let addresses: Vec<String> = fresh.into_iter().cloned().collect();
        let sealed = archive::fetch_sealed(&core.db, &core.shelf(), &addresses).await?;
        let (own, rules, wants) = (core.clone(), (old.clone(), new.clone()), found.unseen.len() < SHOWN);
        let work = move || {
            let mut unseen = Vec::new();
            let mut judged = Vec::with_capacity(addresses.len());
            for sha256 in addresses {
                let raw = sealed.get(&sha256).and_then(|it| archive::open(&own.keyring, &sha256, it).ok());
                let Some(raw) = raw else { continue };
                judged.push((sha256, judge(&rules, &raw, &own.mask, (&mut unseen, wants))));
            }
            (judged, unseen)
        };
        let (more, unseen) = tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?;
        judged.extend(more);
        found.unseen.extend(unseen.into_iter().filter(|line| !line.trim().is_empty()));
        found.unseen.sort();
        found.unseen.dedup();
        found.unseen.truncate(SHOWN);
    }
    count(&mut found, &heads, &judged);
    Ok(found)
}

fn judge(
    (old, new): &(Arc<Platform>, Arc<Platform>),
    raw: &[u8],
    key: &MaskKey,
    (unseen, wants): (&mut Vec<String>, bool),
) -> Judged {
    let (before, after) = (old.normalised(raw), new.normalised(raw));
    let covered = |text: &str| masked_by(&[old, new], text, key);
    if wants {
        let seen: BTreeSet<&str> = after.lines().collect();
        let gone: Vec<&str> = before.lines().filter(|line| !seen.contains(line)).take(SHOWN).collect();
        unseen.extend(covered(&gone.join("\n")).lines().map(str::to_owned));
    }
    let tags = |platform: &Platform| platform.masked(raw, key).matches("<secret:").count();
    Judged {
        fingerprints: (token::sha256(before.as_bytes()), token::sha256(after.as_bytes())),
        // What would not be believed today either is not the new rules' doing.
        doubt: new
            .judge_kept(raw)
            .err()
            .filter(|_| old.judge_kept(raw).is_ok())
            .map(|doubt| new.told(&doubt, raw, covered)),
        secrets: (tags(old), tags(new)),
    }
}

fn count(found: &mut Effects, heads: &[Head], judged: &BTreeMap<String, Judged>) {
    // The newest first, so that what comes next of a device is the version before.
    let mut later: BTreeMap<i64, (BackupId, &Judged)> = BTreeMap::new();
    for head in heads {
        let Some(own) = judged.get(&head.sha256) else { continue };
        found.versions = found.versions.saturating_add(1);
        if let Some((id, next)) = later.insert(head.device, (head.id(), own)) {
            let is_same =
                (own.fingerprints.0 == next.fingerprints.0, own.fingerprints.1 == next.fingerprints.1);
            match is_same {
                (false, true) => found.folded.push(id),
                (true, false) => found.parted.push(id),
                (true, true) | (false, false) => {}
            }
        }
        if let Some(why) = &own.doubt {
            found.refused.push((head.id(), why.clone()));
        }
        if own.secrets.1 < own.secrets.0 {
            found.bared.push(head.id());
        }
        if own.secrets.1 > own.secrets.0 {
            found.covered.push(head.id());
        }
    }
    found.devices = later.len();
}
