//! Starting a schedule's backups out of turn.

use crate::{
    domain::{
        access::{Grant, RunBackups, Scope},
        audit::{Act, AuditEvent, ObjectKind},
        id::{BatchId, ScheduleId},
        job::{JobKind, Priority},
    },
    service::{Core, Fault, audit},
    store::{self, batches::NewBatch, jobs::Order},
};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// So many jobs wait in this batch.
    Started(BatchId, i64),
    /// All of its devices are being backed up already.
    Busy,
    /// It means no device that the person sees.
    Nothing,
}

/// Backs up the devices that a schedule means and the person sees; its slots stay where they are. `None` when there is
/// no such schedule. Automatic backups need not be on: this is a person's wish.
pub async fn run(core: &Core, by: &Grant<RunBackups>, id: ScheduleId) -> Result<Option<Ran>, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let Some(schedule) = store::schedules::find(&mut tx, id).await? else {
        return Ok(None);
    };
    let devices = store::schedules::matching(&mut tx, by.scope(), id).await?;
    if devices.is_empty() {
        return Ok(Some(Ran::Nothing));
    }
    let started_by = by.actor().name.as_str();
    let new = NewBatch {
        schedule: Some(id),
        started_by,
        user: by.actor().user,
        retention_days: schedule.retention_days,
        ..NewBatch::default()
    };
    let Some(batch) = store::batches::insert(&mut tx, &new, now).await? else {
        return Ok(Some(Ran::Busy));
    };
    let priority = Priority::by_person(devices.len());
    let order = Order { batch, kind: JobKind::BackUp, started_by, priority, payload: None };
    store::jobs::enqueue(&mut tx, &order, &devices, now).await?;
    let queued =
        store::jobs::counts(&mut tx, Scope::All, Some(batch)).await?.iter().map(|(_, count)| count).sum();
    if queued == 0 {
        return Ok(Some(Ran::Busy));
    }
    let detail = format!("{queued} jobs");
    let act =
        Act::new(AuditEvent::ScheduleRun, &schedule.name).on(ObjectKind::Schedule, id.0).detail(&detail);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    core.wake.notify_one();
    Ok(Some(Ran::Started(batch, queued)))
}
