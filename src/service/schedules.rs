//! Schedules: edited by people, fired by the planner.

use chrono::{DateTime, Utc};

use super::{Core, Fault, audit, jobs::BY_SCHEDULE};
use crate::{
    domain::{
        access::{Actor, Grant, ManageSchedules, ViewDevices},
        audit::{Act, AuditEvent},
        id::ScheduleId,
        job::JobKind,
        schedule::{NewSchedule, Schedule},
    },
    store::{self, StoreError, jobs::Order},
};

/// Why a schedule was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveScheduleError {
    /// Another schedule has this name.
    #[error("there is a schedule with this name already")]
    NameTaken,
    /// It is gone.
    #[error("this schedule has been deleted")]
    Gone,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveScheduleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::NameTaken,
            other @ (StoreError::Unavailable(_) | StoreError::Query(_) | StoreError::Unreadable { .. }) => {
                Self::Fault(other.into())
            }
        }
    }
}

/// All schedules, by name.
pub async fn list(core: &Core, _by: &Grant<ViewDevices>) -> Result<Vec<Schedule>, Fault> {
    Ok(store::schedules::list(&mut core.db.read().await?).await?)
}

/// The schedule with this id, if there is one.
pub async fn find(core: &Core, _by: &Grant<ViewDevices>, id: ScheduleId) -> Result<Option<Schedule>, Fault> {
    Ok(store::schedules::find(&mut core.db.read().await?, id).await?)
}

fn next_slot(new: &NewSchedule, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    new.is_enabled.then(|| new.recurrence.next_after(now)).flatten()
}

/// Adds a schedule.
pub async fn create(
    core: &Core,
    by: &Grant<ManageSchedules>,
    new: &NewSchedule,
) -> Result<ScheduleId, SaveScheduleError> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let id = store::schedules::insert(&mut tx, new, next_slot(new, now), now).await?;
    let words = new.recurrence.in_words();
    let about = (new.name.as_str(), Some(words.as_str()));
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::ScheduleCreated, about)).await?;
    tx.commit().await?;
    core.wake.notify_one();
    Ok(id)
}

/// Writes an edit; the next slot is computed anew.
pub async fn update(
    core: &Core,
    by: &Grant<ManageSchedules>,
    id: ScheduleId,
    new: &NewSchedule,
) -> Result<(), SaveScheduleError> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    if !store::schedules::update(&mut tx, id, new, next_slot(new, now), now).await? {
        return Err(SaveScheduleError::Gone);
    }
    let words = format!("{}{}", new.recurrence.in_words(), if new.is_enabled { "" } else { ", off" });
    let about = (new.name.as_str(), Some(words.as_str()));
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::ScheduleChanged, about)).await?;
    tx.commit().await?;
    core.wake.notify_one();
    Ok(())
}

/// Deletes a schedule; its batches and jobs stay. `false` when there is none.
pub async fn delete(core: &Core, by: &Grant<ManageSchedules>, id: ScheduleId) -> Result<bool, Fault> {
    let mut tx = core.db.begin().await?;
    let Some(schedule) = store::schedules::find(&mut tx, id).await? else {
        return Ok(false);
    };
    store::schedules::delete(&mut tx, id).await?;
    let about = (schedule.name.as_str(), None);
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::ScheduleDeleted, about)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Fires every schedule whose slot has come; gives how many jobs that queued.
///
/// Takes nothing but the clock and may be called at any time, by any number of nodes: a slot is moved on and
/// its batch added in one transaction, and only one of two planners can move it. After a time of standstill the
/// newest missed slot fires once. A schedule whose last batch is still at work lets its slot pass.
pub async fn plan(core: &Core, by: &Actor) -> Result<usize, Fault> {
    let now = core.now();
    let due = store::schedules::due(&mut core.db.read().await?, now).await?;
    let mut queued = 0;
    for schedule in due {
        queued += fire(core, by, &schedule, now).await?;
    }
    if queued > 0 {
        core.wake.notify_one();
    }
    Ok(queued)
}

async fn fire(core: &Core, by: &Actor, schedule: &Schedule, now: DateTime<Utc>) -> Result<usize, Fault> {
    let Some(slot) = schedule.next_run_at else {
        return Ok(0);
    };
    let mut tx = core.db.begin().await?;
    if !store::schedules::advance(&mut tx, schedule.id, (slot, schedule.recurrence.next_after(now))).await? {
        return Ok(0);
    }
    if store::jobs::is_schedule_busy(&mut tx, schedule.id).await? {
        tx.commit().await?;
        tracing::warn!(schedule.id = %schedule.id, slot = %slot, "slot passed: the schedule's last batch is still at work");
        return Ok(0);
    }
    let devices = store::devices::enabled(&mut tx).await?;
    let batch = store::jobs::insert_batch(&mut tx, Some((schedule.id, slot)), &schedule.name, now).await?;
    let order = Order { batch, kind: JobKind::BackUp, started_by: &schedule.name, priority: BY_SCHEDULE };
    store::jobs::enqueue(&mut tx, &order, &devices, now).await?;
    tx.commit().await?;
    tracing::info!(schedule.id = %schedule.id, by = by.name, jobs = devices.len(), "schedule fired");
    Ok(devices.len())
}
