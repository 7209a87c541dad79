//! The versions of all devices, filtered; also by what their masked texts say.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::mask;
use crate::{
    archive,
    domain::{
        access::{Grant, Scope, ViewDevices},
        backup::{Backup, BackupFilter},
        id::BackupId,
        page::{Page, PageRequest},
    },
    service::{Core, Fault},
    store::{self, backups::Head},
};

/// Texts that one search looks through, at most.
pub const MOST: usize = 2_000;

/// How long one search may look.
pub const TIME: Duration = Duration::from_secs(2);

/// Texts fetched at a time, and their bytes.
const CHUNK: usize = 64;
const CHUNK_BYTES: i64 = 16 << 20;

/// The longest piece of a line that is shown as a hit.
const LONGEST_HIT: usize = 200;

/// Why a search did not look everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// There were more texts than one search looks through.
    Count,
    /// It took too long.
    Time,
}

/// A line that holds the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The line, short enough to be shown.
    pub line: String,
    /// The context it stands in, where the device is divided.
    pub context: Option<String>,
}

/// A page of versions.
#[derive(Debug)]
pub struct Found {
    /// The versions.
    pub page: Page<Backup>,
    /// The first line of each that holds the words, where words were asked for.
    pub lines: BTreeMap<BackupId, Hit>,
    /// Why there may be more, and how many texts were looked through.
    pub cut: Option<(Cut, usize)>,
}

/// A page of the versions that match, the newest first. `text` is looked for in what a viewer would see, so that no
/// search can find out a secret.
pub async fn search(
    core: &Core,
    by: &Grant<ViewDevices>,
    (filter, text): (&BackupFilter, Option<&str>),
    request: PageRequest,
) -> Result<Found, Fault> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        let page = store::backups::search(&mut core.db.read().await?, by.scope(), filter, request).await?;
        return Ok(Found { page, lines: BTreeMap::new(), cut: None });
    };
    let Hits { found, cut } = hits(core, by.scope(), (filter, text), TIME).await?;
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let offset = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let size = usize::try_from(request.size).unwrap_or_default();
    let lines: BTreeMap<BackupId, Hit> = found.into_iter().skip(offset).take(size).collect();
    let ids: Vec<BackupId> = lines.keys().copied().collect();
    let rows = store::backups::chosen(&mut core.db.read().await?, by.scope(), &ids).await?;
    Ok(Found { page: Page { rows, total, request }, lines, cut })
}

pub(super) struct Hits {
    /// The versions with the first line that holds the words, the newest first.
    pub found: Vec<(BackupId, Hit)>,
    pub cut: Option<(Cut, usize)>,
}

/// Looks through the masked texts, the newest first, each text once.
pub(super) async fn hits(
    core: &Core,
    scope: Scope,
    (filter, text): (&BackupFilter, &str),
    time: Duration,
) -> Result<Hits, Fault> {
    let limit = i64::try_from(MOST).unwrap_or(i64::MAX).saturating_add(1);
    let mut heads = store::backups::heads(&mut core.db.read().await?, scope, filter, limit).await?;
    let is_more = heads.len() > MOST;
    heads.truncate(MOST);
    let (needle, end) = (text.to_lowercase(), Instant::now() + time);
    let mut known: BTreeMap<(String, String), Option<Hit>> = BTreeMap::new();
    let (mut found, mut looked, mut rest) = (Vec::new(), 0, heads.as_slice());
    while let Some((chunk, later)) =
        rest.split_at_checked(chunk_len(rest)).filter(|(chunk, _)| !chunk.is_empty())
    {
        rest = later;
        let fresh: BTreeSet<(String, String)> = chunk
            .iter()
            .map(|head| (head.sha256.clone(), head.platform.clone()))
            .filter(|text| !known.contains_key(text))
            .collect();
        known.extend(look(core, fresh, (&needle, end)).await?);
        for head in chunk {
            // A text that was not looked at is where the time ended; what comes behind it is older.
            let Some(line) = known.get(&(head.sha256.clone(), head.platform.clone())) else {
                return Ok(Hits { found, cut: Some((Cut::Time, looked)) });
            };
            looked += 1;
            found.extend(line.clone().map(|line| (head.id(), line)));
        }
    }
    Ok(Hits { found, cut: is_more.then_some((Cut::Count, looked)) })
}

/// How many of the next versions are fetched together.
fn chunk_len(heads: &[Head]) -> usize {
    let mut bytes: i64 = 0;
    let fits = heads.iter().take(CHUNK).take_while(|head| {
        let is_first = bytes == 0;
        bytes = bytes.saturating_add(head.bytes.max(1));
        is_first || bytes <= CHUNK_BYTES
    });
    fits.count()
}

type Looked = Vec<((String, String), Option<Hit>)>;

/// The first line of each of these texts that holds the words; texts behind the end of the time are left out.
async fn look(
    core: &Core,
    texts: BTreeSet<(String, String)>,
    (needle, end): (&str, Instant),
) -> Result<Looked, Fault> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let addresses: Vec<String> = texts.iter().map(|(sha256, _)| sha256.clone()).collect();
    let sealed = archive::fetch_sealed(&core.db, &core.shelf(), &addresses).await?;
    let (core, needle) = (core.clone(), needle.to_owned());
    let work = move || {
        let mut looked = Vec::with_capacity(texts.len());
        for (sha256, platform) in texts {
            if Instant::now() >= end {
                break;
            }
            let raw = sealed.get(&sha256).and_then(|it| archive::open(&core.keyring, &sha256, it).ok());
            let line = raw.and_then(|raw| hit(&core, &platform, &mask(&core, &platform, &raw), &needle));
            looked.push(((sha256, platform), line));
        }
        looked
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

/// The first line that holds the words, capitals or not, short enough to be shown.
fn hit(core: &Core, platform: &str, text: &str, needle: &str) -> Option<Hit> {
    let holds = |(_, line): &(usize, &str)| line.to_lowercase().contains(needle);
    let (at, line) = text.lines().enumerate().find(holds)?;
    let mut shown: String = line.trim().chars().take(LONGEST_HIT).collect();
    if line.trim().chars().count() > LONGEST_HIT {
        shown.push('…');
    }
    let rules = core.platforms.get(platform);
    let contexts = rules.map(|rules| rules.contexts(text.as_bytes()).by_line(text.as_bytes()));
    let context = contexts.and_then(|lines| lines.of(at + 1).map(str::to_owned));
    Some(Hit { line: shown, context })
}
