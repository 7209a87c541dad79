//! Copies that are made by themselves: every so many hours, into a folder, the newest few kept; how old the last is.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Duration, Utc};

use super::{Made, SelfBackupError, into_file};
use crate::{
    domain::access::Actor,
    service::{Core, Fault},
    store::{self, StoreError, self_backups::SelfBackup},
};

/// The folder of the data folder that they go to.
pub const FOLDER: &str = "self-backups";

const END: &str = ".netraven";

/// What is new is not copied at once: there is nothing to lose yet.
const FIRST: Duration = Duration::hours(1);

/// Copies are looked after every hour; one that is due within half of that is made now.
const EARLY: Duration = Duration::minutes(30);

/// A copy that is still made after this long is not: its process died.
const LONGEST: Duration = Duration::hours(6);

/// How long rows of old copies stay.
const REMEMBERED: Duration = Duration::days(400);

/// How NetRaven stands with copies of itself.
#[derive(Debug, Clone)]
pub struct Standing {
    /// How often one is to be made; `None` when none is by itself.
    pub every: Option<Duration>,
    /// The newest that is whole.
    pub newest: Option<SelfBackup>,
    /// Why the last attempt failed, and when it began; `None` when it went well.
    pub failed: Option<(DateTime<Utc>, String)>,
    /// Whether the newest is older than it may be.
    pub is_overdue: bool,
}

/// How it stands.
pub async fn standing(core: &Core) -> Result<Standing, Fault> {
    let mut conn = core.db.read().await?;
    let newest = store::self_backups::newest(&mut conn).await?;
    let last = store::self_backups::last(&mut conn).await?;
    let every = every(core);
    let since = match &newest {
        Some(newest) => Some(newest.started_at),
        None => born_at(&mut conn).await?,
    };
    let is_overdue = every.zip(since).is_some_and(|(every, since)| since + every * 2 < core.now());
    let failed = last.and_then(|last| last.error.map(|why| (last.started_at, why)));
    Ok(Standing { every, newest, failed, is_overdue })
}

fn every(core: &Core) -> Option<Duration> {
    let hours = core.settings.now().self_backup_hours;
    (hours > 0).then(|| Duration::hours(hours))
}

/// When this NetRaven was begun: its first key is as old as itself.
async fn born_at(conn: &mut store::Conn) -> Result<Option<DateTime<Utc>>, StoreError> {
    Ok(store::keys::list(conn).await?.first().map(|key| key.created_at))
}

/// Makes a copy if one is due, and removes those beyond the number that is kept. On any number of nodes, one makes it.
pub async fn by_schedule(core: &Core) -> Result<Option<Made>, SelfBackupError> {
    let Some((file, row)) = begun(core).await? else { return Ok(None) };
    let folder = file.parent().unwrap_or(&file).to_owned();
    let place = folder.clone();
    let there =
        tokio::task::spawn_blocking(move || fs::DirBuilder::new().recursive(true).mode(0o700).create(place));
    if let Err(error) = there.await.map_err(|e| Fault::Broken(e.into()))? {
        store::self_backups::fail(&mut core.db.write().await?, row, &error.to_string()).await?;
        return Err(SelfBackupError::File(folder, error));
    }
    let made = into_file(core, &Actor::system(), &file, row).await?;
    let keep = usize::try_from(core.settings.now().self_backup_keep).unwrap_or(1);
    let place = folder.clone();
    let thinned = tokio::task::spawn_blocking(move || thin(&place, keep)).await;
    thinned.map_err(|e| Fault::Broken(e.into()))?.map_err(|e| SelfBackupError::File(folder, e))?;
    Ok(Some(made))
}

/// Whether one is due, and then where and as which row; `None` when not, or when another node has begun it.
async fn begun(core: &Core) -> Result<Option<(PathBuf, i64)>, Fault> {
    let Some(every) = every(core).filter(|_| core.keyring.master().is_some()) else { return Ok(None) };
    let now = core.now();
    let mut tx = core.db.begin().await?;
    store::self_backups::give_up(&mut tx, now - LONGEST).await?;
    store::self_backups::forget(&mut tx, now - REMEMBERED).await?;
    let newest = store::self_backups::newest(&mut tx).await?;
    let due_at = match &newest {
        Some(newest) => Some(newest.started_at + every - EARLY),
        None => born_at(&mut tx).await?.map(|born| born + FIRST),
    };
    let file = core.data_dir.join(FOLDER).join(format!("netraven-{}{END}", now.format("%Y-%m-%d-%H%M%S")));
    let row = if due_at.is_some_and(|due| due <= now) {
        let follows = Some(newest.map_or(0, |newest| newest.id));
        match store::self_backups::begin(&mut tx, (&file.display().to_string(), follows), now).await {
            Ok(row) => Some(row),
            Err(StoreError::Conflict) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    } else {
        None
    };
    tx.commit().await?;
    Ok(row.map(|row| (file, row)))
}

/// Removes the oldest copies of the folder but `keep`; their names sort as their times.
fn thin(folder: &Path, keep: usize) -> io::Result<()> {
    let mut copies = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("netraven-") && name.ends_with(END) {
            copies.push(path);
        }
    }
    copies.sort();
    let old = copies.len().saturating_sub(keep.max(1));
    copies.iter().take(old).try_for_each(fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_few_stay_and_nothing_else_goes() {
        let folder = tempfile::tempdir().unwrap();
        let names =
            ["netraven-2026-03-01-120000.netraven", "netraven-2026-03-02-120000.netraven", "mine.txt"];
        for name in names {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        thin(folder.path(), 1).unwrap();
        let left = names.map(|name| folder.path().join(name).exists());
        assert_eq!(left, [false, true, true]);
    }
}
