//! Whether the disks have room for what a job may bring: asked before jobs are taken, told on every page.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::service::Core;

/// How long an answer of the disks holds.
const HOLDS: Duration = Duration::from_secs(1);

const MEGABYTE: u64 = 1_000_000;

/// A disk that is nearly full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Low {
    /// What lies on it.
    pub folder: PathBuf,
    /// What is free, in megabytes.
    pub free: u64,
    /// What should be, in megabytes.
    pub least: u64,
}

/// How the disks stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is room, or nobody has asked yet.
    Well,
    /// NetRaven is degraded: pages work, no job is taken until there is room again.
    Low(Low),
}

impl Standing {
    /// Why NetRaven is degraded, and what to do, in words; `None` when it is not.
    pub fn why(&self) -> Option<String> {
        let Self::Low(Low { folder, free, least }) = self else { return None };
        Some(format!(
            "The disk of {} has {free} MB left, and {least} MB are wanted. No job is taken until there is room again; \
             free some space.",
            folder.display()
        ))
    }
}

struct Seen {
    at: Option<Instant>,
    standing: Standing,
}

/// The folders that are written to, and what was last seen of their disks.
#[derive(Clone)]
pub struct Disks {
    folders: Arc<[PathBuf]>,
    seen: Arc<Mutex<Seen>>,
}

impl Disks {
    /// The disks of the data folder and of the database, where that is a file.
    pub fn new(data_dir: &Path, database_url: &str) -> Self {
        let file = database_url.strip_prefix("sqlite://").map(Path::new);
        let database = file.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
        let mut folders = vec![data_dir.to_owned()];
        folders.extend(database.filter(|folder| *folder != data_dir).map(Path::to_owned));
        let seen = Seen { at: None, standing: Standing::Well };
        Self { folders: Arc::from(folders), seen: Arc::new(Mutex::new(seen)) }
    }

    /// The first of the disks that has less room than `least` megabytes, or than a tenth of it where that is less.
    fn low(&self, least: u64) -> Option<Low> {
        self.folders.iter().find_map(|folder| {
            let disk = rustix::fs::statvfs(folder)
                .inspect_err(
                    |error| tracing::warn!(folder = %folder.display(), %error, "a disk cannot be asked"),
                )
                .ok()?;
            let free = disk.f_bavail.saturating_mul(disk.f_frsize) / MEGABYTE;
            let all = disk.f_blocks.saturating_mul(disk.f_frsize) / MEGABYTE;
            let least = least.min(all / 10);
            (free < least).then(|| Low { folder: folder.clone(), free, least })
        })
    }
}

/// How the disks stood when jobs were last looked for, no longer ago than a second or two in a process that works.
pub fn standing(core: &Core) -> Standing {
    core.disks.seen.lock().unwrap_or_else(PoisonError::into_inner).standing.clone()
}

/// Whether there is room for another job. Told in the log when that changes.
pub async fn has_room(core: &Core) -> bool {
    {
        let mut seen = core.disks.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.at.is_some_and(|at| at.elapsed() < HOLDS) {
            return seen.standing == Standing::Well;
        }
        // Whoever comes meanwhile need not ask as well.
        seen.at = Some(Instant::now());
    }
    let least = u64::try_from(core.settings.now().least_free_megabytes).unwrap_or_default();
    let disks = core.disks.clone();
    let Ok(low) = tokio::task::spawn_blocking(move || disks.low(least)).await else { return true };
    let now = low.map_or(Standing::Well, Standing::Low);
    let mut seen = core.disks.seen.lock().unwrap_or_else(PoisonError::into_inner);
    match (&seen.standing, &now) {
        (Standing::Well, Standing::Low(low)) => {
            let folder = low.folder.display();
            tracing::error!(%folder, free = low.free, least = low.least, "no jobs are taken: the disk is nearly full");
        }
        (Standing::Low(_), Standing::Well) => {
            tracing::info!("there is room on the disk again; jobs are taken");
        }
        (Standing::Well, Standing::Well) | (Standing::Low(_), Standing::Low(_)) => {}
    }
    seen.standing = now;
    seen.standing == Standing::Well
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_disks_are_asked_and_none_that_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let of = |url: &str| Disks::new(folder.path(), url).folders.to_vec();
        assert_eq!(of("postgres://db.example/netraven"), [folder.path()]);
        let beside = format!("sqlite://{}/netraven.db", folder.path().display());
        assert_eq!(of(&beside), [folder.path()]);
        assert_eq!(of("sqlite:///elsewhere/netraven.db"), [folder.path(), Path::new("/elsewhere")]);
        assert_eq!(Disks::new(folder.path(), &beside).low(0), None);
        let gone = Disks::new(Path::new("/not/there"), "postgres://db.example/netraven");
        assert_eq!(gone.low(u64::MAX), None);
    }

    #[test]
    fn a_degraded_house_says_why_and_what_to_do() {
        let low = Low { folder: PathBuf::from("/data"), free: 3, least: 200 };
        let why = Standing::Low(low).why().unwrap();
        assert!(why.contains("/data") && why.contains("3 MB") && why.contains("200 MB"), "{why}");
        assert_eq!(Standing::Well.why(), None);
    }
}
