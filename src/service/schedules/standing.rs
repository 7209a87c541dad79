//! The standing order: devices that no schedule means are backed up all the same.

use chrono::Duration;

use crate::{
    domain::{
        access::{Actor, Scope},
        job::{JobKind, Priority},
    },
    service::{Core, Fault},
    store::{self, batches::NewBatch, jobs::Order},
};

/// A device without a schedule gets its first backup so long after it was added: time to add it to one.
const FIRST_AFTER: Duration = Duration::hours(1);

/// So many devices are taken in one go; the next go comes a second later.
const AT_ONCE: i64 = 500;

/// Backs up the enabled devices that no enabled schedule means and whose last job ended `system.backup.frequency_hours`
/// ago or earlier; gives how many jobs that queued. NetRaven itself starts them, unless automatic backups are off or a
/// black-out of all schedules is on.
pub async fn standing_order(core: &Core) -> Result<usize, Fault> {
    let (settings, now) = (core.settings.now(), core.now());
    if !settings.backups_enabled {
        return Ok(0);
    }
    let before = (now - Duration::hours(settings.backup_hours), now - FIRST_AFTER);
    let mut conn = core.db.read().await?;
    // A look without a lock first: there is rarely anything to do.
    if store::schedules::uncovered(&mut conn, before, 1).await?.is_empty() {
        return Ok(0);
    }
    let blackouts = store::blackouts::of(&mut conn, None).await?;
    drop(conn);
    if blackouts.iter().any(|one| one.window.contains(now)) {
        return Ok(0);
    }
    let by = Actor::system();
    let mut tx = core.db.begin().await?;
    let devices = store::schedules::uncovered(&mut tx, before, AT_ONCE).await?;
    let new = NewBatch { started_by: &by.name, ..NewBatch::default() };
    let Some(batch) = store::batches::insert(&mut tx, &new, now).await? else {
        return Ok(0);
    };
    let order = Order {
        batch,
        kind: JobKind::BackUp,
        started_by: &by.name,
        priority: Priority::PLANNED,
        payload: None,
    };
    store::jobs::enqueue(&mut tx, &order, &devices, now).await?;
    let queued: i64 =
        store::jobs::counts(&mut tx, Scope::All, Some(batch)).await?.iter().map(|(_, count)| count).sum();
    // Another node was faster: its jobs stand, this batch would be empty.
    if queued == 0 {
        return Ok(0);
    }
    tx.commit().await?;
    core.wake.notify_one();
    tracing::info!(jobs = queued, "devices without a schedule are backed up");
    Ok(usize::try_from(queued).unwrap_or(usize::MAX))
}
