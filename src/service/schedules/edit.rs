//! Adding, changing, switching and deleting schedules.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        access::{Grant, ManageSchedules, Scope},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::ScheduleId,
        schedule::{NewSchedule, Owner, Schedule},
    },
    service::{Core, Fault, audit},
    store::{self, StoreError},
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
    /// Somebody else saved it in the meantime; this is what is kept now.
    #[error("this schedule was changed in the meantime")]
    Stale(Box<Schedule>),
    /// It is to be on and would never fire.
    #[error("this time has passed; choose a later one or leave the schedule off")]
    Over,
    /// It starts jobs with somebody else's rights, and this account sees only some devices.
    #[error("an account that sees only some devices may change only the schedules that it answers for")]
    Scope,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Whether this person may change the schedule, also switch or delete it (S-37): whoever sees every device may change
/// all; others only what they answer for, which cannot reach beyond their own devices.
pub fn may_change(by: &Grant<ManageSchedules>, schedule: &Schedule) -> bool {
    by.scope() == Scope::All || (by.actor().user.is_some() && schedule.owner.user == by.actor().user)
}

/// The schedule that this person is about to change.
pub(in crate::service) async fn to_change(
    tx: &mut store::Conn,
    by: &Grant<ManageSchedules>,
    id: ScheduleId,
) -> Result<Schedule, SaveScheduleError> {
    let kept = store::schedules::find(tx, id).await?.ok_or(SaveScheduleError::Gone)?;
    if may_change(by, &kept) { Ok(kept) } else { Err(SaveScheduleError::Scope) }
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

fn first_slot(new: &NewSchedule, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, SaveScheduleError> {
    if !new.is_enabled {
        return Ok(None);
    }
    new.recurrence.first_slot(now).map(Some).ok_or(SaveScheduleError::Over)
}

/// The fields of a schedule as the audit trail tells them.
struct Told {
    fields: [(&'static str, String); 9],
}

impl Told {
    fn new(new: &NewSchedule, targets: &[String], owner: &Owner) -> Self {
        let said = |days: Option<i32>| days.map(|days| days.to_string()).unwrap_or_default();
        let on = if new.is_enabled { "on" } else { "off" };
        let targets = if targets.is_empty() { String::new() } else { format!(": {}", targets.join(", ")) };
        Self {
            fields: [
                ("name", new.name.clone()),
                ("description", new.description.clone()),
                ("runs", new.recurrence.in_words()),
                ("targets", format!("{}{targets}", new.targets.aim())),
                ("enabled", on.to_owned()),
                ("grace_minutes", new.grace_minutes.to_string()),
                ("retention_days", said(new.retention_days)),
                ("spread_minutes", new.spread_minutes.to_string()),
                ("answers", owner.name.clone()),
            ],
        }
    }

    /// What is there already.
    async fn of(tx: &mut store::Conn, schedule: &Schedule) -> Result<Self, StoreError> {
        let kept = NewSchedule {
            name: schedule.name.clone(),
            description: schedule.description.clone(),
            recurrence: schedule.recurrence.clone(),
            targets: store::schedules::targets(tx, schedule.id, schedule.aim).await?,
            is_enabled: schedule.is_enabled,
            grace_minutes: schedule.grace_minutes,
            retention_days: schedule.retention_days,
            spread_minutes: schedule.spread_minutes,
        };
        Ok(Self::new(&kept, &names(tx, schedule.id, &kept).await?, &schedule.owner))
    }

    fn since(&self, before: Option<&Self>) -> Changes {
        let mut changes = Changes::default();
        for (place, (field, after)) in self.fields.iter().enumerate() {
            let before = before.and_then(|told| told.fields.get(place)).map_or("", |(_, text)| text.as_str());
            changes = changes.field(field, before, after);
        }
        changes
    }
}

async fn names(tx: &mut store::Conn, id: ScheduleId, new: &NewSchedule) -> Result<Vec<String>, StoreError> {
    // The trail keeps the whole change; it is read within the reader's own scope.
    store::schedules::target_names(tx, Scope::All, id, new.targets.aim()).await
}

/// Adds a schedule; whoever adds it answers for it.
pub async fn create(
    core: &Core,
    by: &Grant<ManageSchedules>,
    new: &NewSchedule,
) -> Result<ScheduleId, SaveScheduleError> {
    let now = core.now();
    let next = first_slot(new, now)?;
    let owner = Owner::from(by.actor());
    let mut tx = core.db.begin().await?;
    let id = store::schedules::insert(&mut tx, new, &owner, next, now).await?;
    store::schedules::set_targets(&mut tx, id, &new.targets).await?;
    let told = Told::new(new, &names(&mut tx, id, new).await?, &owner);
    let words = new.recurrence.in_words();
    let act = Act::new(AuditEvent::ScheduleCreated, &new.name)
        .on(ObjectKind::Schedule, id.0)
        .detail(&words)
        .changes(told.since(None));
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    core.wake.notify_one();
    Ok(id)
}

/// Writes an edit that started from `version`; the next slot is computed anew, and whoever saves it answers for it.
pub async fn update(
    core: &Core,
    by: &Grant<ManageSchedules>,
    (id, version): (ScheduleId, i32),
    new: &NewSchedule,
) -> Result<(), SaveScheduleError> {
    let now = core.now();
    let owner = Owner::from(by.actor());
    let mut tx = core.db.begin().await?;
    let kept = to_change(&mut tx, by, id).await?;
    if kept.version != version {
        return Err(SaveScheduleError::Stale(Box::new(kept)));
    }
    let next = first_slot(new, now)?;
    let before = Told::of(&mut tx, &kept).await?;
    if !store::schedules::update(&mut tx, (id, version), (new, &owner), next, now).await? {
        return Err(SaveScheduleError::Stale(Box::new(kept)));
    }
    store::schedules::set_targets(&mut tx, id, &new.targets).await?;
    let after = Told::new(new, &names(&mut tx, id, new).await?, &owner);
    let words = format!("{}{}", new.recurrence.in_words(), if new.is_enabled { "" } else { ", off" });
    let act = Act::new(AuditEvent::ScheduleChanged, &new.name)
        .on(ObjectKind::Schedule, id.0)
        .detail(&words)
        .changes(after.since(Some(&before)));
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    core.wake.notify_one();
    Ok(())
}

/// Switches a schedule on, from its next slot, or off; gives it as it is now. Who answers for it stays.
pub async fn set_enabled(
    core: &Core,
    by: &Grant<ManageSchedules>,
    id: ScheduleId,
    is: bool,
) -> Result<Schedule, SaveScheduleError> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let kept = to_change(&mut tx, by, id).await?;
    if kept.is_enabled == is {
        return Ok(kept);
    }
    let next = if is { Some(kept.recurrence.first_slot(now).ok_or(SaveScheduleError::Over)?) } else { None };
    store::schedules::set_enabled(&mut tx, id, (is, next), now).await?;
    let word = |is: bool| if is { "on" } else { "off" };
    let act = Act::new(AuditEvent::ScheduleChanged, &kept.name)
        .on(ObjectKind::Schedule, id.0)
        .detail(word(is))
        .changes(Changes::default().field("enabled", word(!is), word(is)));
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    core.wake.notify_one();
    Ok(Schedule { is_enabled: is, next_run_at: next, version: kept.version.wrapping_add(1), ..kept })
}

/// Deletes a schedule; its batches and jobs stay. `false` when there is none.
pub async fn delete(
    core: &Core,
    by: &Grant<ManageSchedules>,
    id: ScheduleId,
) -> Result<bool, SaveScheduleError> {
    let mut tx = core.db.begin().await?;
    let schedule = match to_change(&mut tx, by, id).await {
        Ok(schedule) => schedule,
        Err(SaveScheduleError::Gone) => return Ok(false),
        Err(other) => return Err(other),
    };
    store::schedules::delete(&mut tx, id).await?;
    let words = schedule.recurrence.in_words();
    let act =
        Act::new(AuditEvent::ScheduleDeleted, &schedule.name).on(ObjectKind::Schedule, id.0).detail(&words);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(true)
}
