//! Black-outs: times in which no schedule, or one, starts anything.

use super::{
    Core, Fault, audit,
    schedules::{self, SaveScheduleError},
};
use crate::{
    domain::{
        access::{Grant, ManageSchedules, Scope},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::{BlackoutId, ScheduleId},
        schedule::{Blackout, NewBlackout, Schedule},
    },
    store::{self, Conn, StoreError},
};

/// Why a black-out was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveBlackoutError {
    /// The schedule it is to stop is gone.
    #[error("the schedule that this black-out is for has been deleted")]
    NoSchedule,
    /// It is gone.
    #[error("this black-out has been deleted")]
    Gone,
    /// It stops schedules of others, and this account sees only some devices.
    #[error("an account that sees only some devices may stop only the schedules that it answers for")]
    Scope,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveBlackoutError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// All black-outs, those of all schedules first.
pub async fn list(core: &Core, _by: &Grant<ManageSchedules>) -> Result<Vec<Blackout>, Fault> {
    Ok(store::blackouts::list(&mut core.db.read().await?).await?)
}

/// The black-out with this id, if there is one.
pub async fn find(
    core: &Core,
    _by: &Grant<ManageSchedules>,
    id: BlackoutId,
) -> Result<Option<Blackout>, Fault> {
    Ok(store::blackouts::find(&mut core.db.read().await?, id).await?)
}

/// The schedule that a black-out stops, if it is one's: it must be there, and this person must be allowed to change it.
/// All schedules are stopped only by those who see every device (S-37).
async fn schedule(
    tx: &mut Conn,
    by: &Grant<ManageSchedules>,
    id: Option<ScheduleId>,
) -> Result<Option<Schedule>, SaveBlackoutError> {
    match id {
        None if by.scope() == Scope::All => Ok(None),
        None => Err(SaveBlackoutError::Scope),
        Some(id) => match schedules::to_change(tx, by, id).await {
            Ok(schedule) => Ok(Some(schedule)),
            Err(SaveScheduleError::Fault(fault)) => Err(fault.into()),
            Err(SaveScheduleError::Scope) => Err(SaveBlackoutError::Scope),
            Err(_) => Err(SaveBlackoutError::NoSchedule),
        },
    }
}

/// What a person's black-outs may stop.
#[derive(Debug)]
pub struct Stoppable {
    /// All schedules at once.
    pub all: bool,
    /// One of these, by name.
    pub schedules: Vec<(ScheduleId, String)>,
}

impl Stoppable {
    /// Whether the person may change this black-out.
    pub fn has(&self, blackout: &Blackout) -> bool {
        match &blackout.schedule {
            None => self.all,
            Some((id, _)) => self.schedules.iter().any(|(own, _)| own == id),
        }
    }
}

/// What this person's black-outs may stop.
pub async fn stoppable(core: &Core, by: &Grant<ManageSchedules>) -> Result<Stoppable, Fault> {
    let (all, owner) = match by.scope() {
        Scope::All => (true, None),
        Scope::TagsOf(user) => (false, Some(user)),
    };
    let schedules = store::schedules::names(&mut core.db.read().await?, (None, owner)).await?;
    Ok(Stoppable { all, schedules })
}

const EVERY: &str = "all schedules";

/// The target of its line in the trail: the schedule, where it is one's.
fn act<'a>(name: &'a str, schedule: Option<&Schedule>, detail: &'a str, changes: Changes) -> Act<'a> {
    let act = Act::new(AuditEvent::BlackoutChanged, name).detail(detail).changes(changes);
    match schedule {
        Some(schedule) => act.on(ObjectKind::Schedule, schedule.id.0),
        None => act,
    }
}

/// Adds a black-out.
pub async fn create(
    core: &Core,
    by: &Grant<ManageSchedules>,
    new: &NewBlackout,
) -> Result<BlackoutId, SaveBlackoutError> {
    let mut tx = core.db.begin().await?;
    let schedule = schedule(&mut tx, by, new.schedule).await?;
    let id = store::blackouts::insert(&mut tx, new, core.now()).await?;
    let changes = Changes::default()
        .field("name", "", &new.name)
        .field("schedule", "", schedule.as_ref().map_or(EVERY, |one| &one.name))
        .field("window", "", new.window.in_words());
    audit::append(core, &mut tx, by.actor(), act(&new.name, schedule.as_ref(), "added", changes)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Writes an edit.
pub async fn update(
    core: &Core,
    by: &Grant<ManageSchedules>,
    id: BlackoutId,
    new: &NewBlackout,
) -> Result<(), SaveBlackoutError> {
    let mut tx = core.db.begin().await?;
    let Some(kept) = store::blackouts::find(&mut tx, id).await? else {
        return Err(SaveBlackoutError::Gone);
    };
    schedule(&mut tx, by, kept.schedule.as_ref().map(|(id, _)| *id)).await?;
    let schedule = schedule(&mut tx, by, new.schedule).await?;
    store::blackouts::update(&mut tx, id, new).await?;
    let before = kept.schedule.as_ref().map_or(EVERY, |(_, name)| name);
    let changes = Changes::default()
        .field("name", &kept.name, &new.name)
        .field("schedule", before, schedule.as_ref().map_or(EVERY, |one| &one.name))
        .field("window", kept.window.in_words(), new.window.in_words());
    audit::append(core, &mut tx, by.actor(), act(&new.name, schedule.as_ref(), "changed", changes)).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes a black-out; `false` when there is none.
pub async fn delete(
    core: &Core,
    by: &Grant<ManageSchedules>,
    id: BlackoutId,
) -> Result<bool, SaveBlackoutError> {
    let mut tx = core.db.begin().await?;
    let Some(kept) = store::blackouts::find(&mut tx, id).await? else {
        return Ok(false);
    };
    schedule(&mut tx, by, kept.schedule.as_ref().map(|(id, _)| *id)).await?;
    store::blackouts::delete(&mut tx, id).await?;
    let words = format!("deleted; it was {}", kept.window.in_words());
    audit::append(core, &mut tx, by.actor(), act(&kept.name, None, &words, Changes::default())).await?;
    tx.commit().await?;
    Ok(true)
}
