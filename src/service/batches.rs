//! Batches: how far they have come, their end before its time, and another try of what failed.

use super::{
    Core, Fault, audit,
    jobs::{self, Started, Which},
};
use crate::{
    domain::{
        access::{Grant, RunBackups, ViewDevices},
        audit::{Act, AuditEvent},
        batch::{Batch, BatchFilter, Cause, Progress},
        id::BatchId,
        job::JobKind,
        page::{Page, PageRequest},
    },
    store,
};

/// A page of the batches that match with how far each has come, the newest first; numbers count what the person sees.
pub async fn list(
    core: &Core,
    by: &Grant<ViewDevices>,
    filter: &BatchFilter,
    request: PageRequest,
) -> Result<Page<(Batch, Progress)>, Fault> {
    let mut conn = core.db.read().await?;
    let Page { rows, total, request } = store::batches::list(&mut conn, by.scope(), filter, request).await?;
    let ids: Vec<BatchId> = rows.iter().map(|batch| batch.id).collect();
    let mut known = store::batches::progress(&mut conn, by.scope(), &ids).await?;
    let with_progress = |batch: Batch| {
        let progress = known.remove(&batch.id).unwrap_or_default();
        (batch, progress)
    };
    Ok(Page { rows: rows.into_iter().map(with_progress).collect(), total, request })
}

/// The batch with this id and how far it has come, if the person sees one of its jobs.
pub async fn find(
    core: &Core,
    by: &Grant<ViewDevices>,
    id: BatchId,
) -> Result<Option<(Batch, Progress)>, Fault> {
    let mut conn = core.db.read().await?;
    let Some(batch) = store::batches::find(&mut conn, by.scope(), id).await? else { return Ok(None) };
    let progress = store::batches::progress(&mut conn, by.scope(), &[id]).await?.remove(&id);
    Ok(Some((batch, progress.unwrap_or_default())))
}

/// Stops what is left of a batch: what waits at once, what runs by asking its workers. Gives how many of each;
/// `None` when there is no such batch. What the person does not see goes on.
pub async fn cancel(
    core: &Core,
    by: &Grant<RunBackups>,
    id: BatchId,
) -> Result<Option<(usize, usize)>, Fault> {
    let mut tx = core.db.begin().await?;
    if store::batches::find(&mut tx, by.scope(), id).await?.is_none() {
        return Ok(None);
    }
    let (ended, asked) = store::batches::cancel(&mut tx, by.scope(), id, core.now()).await?;
    if ended + asked > 0 {
        let (name, detail) = (format!("batch {id}"), format!("{ended} jobs that waited, {asked} that ran"));
        let act = Act::about(AuditEvent::BatchCanceled, (&name, Some(&detail)));
        audit::append(core, &mut tx, by.actor(), act).await?;
        tx.commit().await?;
    }
    Ok(Some((ended, asked)))
}

/// Queues those jobs of a batch that failed for this reason again, as a batch of their own. `None` when there are
/// none, or when they tested a credential, which is done again on its page.
pub async fn again(
    core: &Core,
    by: &Grant<RunBackups>,
    id: BatchId,
    cause: &Cause,
) -> Result<Option<Started>, Fault> {
    let mut conn = core.db.read().await?;
    let devices = store::batches::failed(&mut conn, by.scope(), id, cause).await?;
    let kind =
        store::batches::progress(&mut conn, by.scope(), &[id]).await?.remove(&id).and_then(|it| it.kind);
    drop(conn);
    if devices.is_empty() {
        return Ok(None);
    }
    match kind {
        Some(JobKind::BackUp) => jobs::back_up(core, by, Which::These(devices)).await,
        Some(JobKind::Check) => jobs::check(core, by, Which::These(devices)).await,
        Some(JobKind::TestLogin) | None => Ok(None),
    }
}
