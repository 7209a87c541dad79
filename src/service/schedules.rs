//! Schedules: looked at and edited by people, fired by the planner.

mod edit;
mod members;
mod plan;
mod run;
mod standing;

pub(super) use edit::to_change;
pub use edit::{SaveScheduleError, create, delete, may_change, set_enabled, update};
pub use members::{AddDevicesError, add_devices};
pub use plan::plan;
pub use run::{Ran, run};
pub use standing::standing_order;

use std::collections::BTreeMap;

use super::{Core, Fault};
use crate::{
    domain::{
        access::{Grant, ManageSchedules, Scope, ViewDevices},
        id::{DeviceId, ScheduleId, TagId},
        page::{Page, PageRequest},
        schedule::{Ahead, Aim, Blackout, Firing, Recurrence, Schedule, ScheduleFilter, Targets},
    },
    store,
};

/// A schedule as lists have it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The schedule.
    pub schedule: Schedule,
    /// How many devices that the person sees it means.
    pub matching: i64,
}

/// A page of the schedules that match. All are seen by everybody; their devices are counted within the person's scope.
pub async fn list(
    core: &Core,
    by: &Grant<ViewDevices>,
    filter: &ScheduleFilter,
    request: PageRequest,
) -> Result<Page<Listed>, Fault> {
    let mut conn = core.db.read().await?;
    let Page { rows, total, request } =
        store::schedules::list(&mut conn, by.scope(), filter, request).await?;
    let ids: Vec<ScheduleId> = rows.iter().map(|schedule| schedule.id).collect();
    let counts = store::schedules::counts(&mut conn, by.scope(), &ids).await?;
    let listed = |schedule: Schedule| {
        let matching = counts.get(&schedule.id).copied().unwrap_or_default();
        Listed { schedule, matching }
    };
    Ok(Page { rows: rows.into_iter().map(listed).collect(), total, request })
}

/// Every schedule's name, to choose one from.
pub async fn names(core: &Core, _by: &Grant<ViewDevices>) -> Result<Vec<(ScheduleId, String)>, Fault> {
    Ok(store::schedules::names(&mut core.db.read().await?, (None, None)).await?)
}

/// The schedules that name devices and that this person may change, to add some to one.
pub async fn by_device(core: &Core, by: &Grant<ManageSchedules>) -> Result<Vec<(ScheduleId, String)>, Fault> {
    let owner = match by.scope() {
        Scope::All => None,
        Scope::TagsOf(user) => Some(user),
    };
    Ok(store::schedules::names(&mut core.db.read().await?, (Some(Aim::Devices), owner)).await?)
}

/// The schedule with this id, if there is one.
pub async fn find(core: &Core, _by: &Grant<ViewDevices>, id: ScheduleId) -> Result<Option<Schedule>, Fault> {
    Ok(store::schedules::find(&mut core.db.read().await?, id).await?)
}

/// The schedule with this name, if there is one.
pub async fn find_by_name(
    core: &Core,
    _by: &Grant<ViewDevices>,
    name: &str,
) -> Result<Option<Schedule>, Fault> {
    Ok(store::schedules::find_by_name(&mut core.db.read().await?, name).await?)
}

/// A schedule with all that belongs to it.
#[derive(Debug)]
pub struct Details {
    /// The schedule.
    pub schedule: Schedule,
    /// The tags or devices it names, where the person sees them.
    pub targets: Vec<String>,
    /// How many devices that the person sees it means.
    pub matching: i64,
    /// Whether somebody who may start backups answers for it.
    pub is_backed: bool,
    /// What came of its newest slots.
    pub firings: Vec<Firing>,
    /// The black-outs that stop it.
    pub blackouts: Vec<Blackout>,
}

/// How many firings a schedule's page shows.
const SHOWN: i64 = 20;

/// The schedule with this id and all that belongs to it, if there is one.
pub async fn details(core: &Core, by: &Grant<ViewDevices>, id: ScheduleId) -> Result<Option<Details>, Fault> {
    let mut conn = core.db.read().await?;
    let Some(schedule) = store::schedules::find(&mut conn, id).await? else {
        return Ok(None);
    };
    let counts = store::schedules::counts(&mut conn, by.scope(), &[id]).await?;
    Ok(Some(Details {
        targets: store::schedules::target_names(&mut conn, by.scope(), id, schedule.aim).await?,
        matching: counts.get(&id).copied().unwrap_or_default(),
        is_backed: store::schedules::is_backed(&mut conn, id).await?,
        firings: store::schedules::firings(&mut conn, by.scope(), id, SHOWN).await?,
        blackouts: store::blackouts::of(&mut conn, Some(id)).await?,
        schedule,
    }))
}

/// What a schedule targets, for its form: the ids, and the names of the devices that the person sees.
pub async fn targets(
    core: &Core,
    by: &Grant<ManageSchedules>,
    schedule: &Schedule,
) -> Result<(Targets, Vec<String>), Fault> {
    let mut conn = core.db.read().await?;
    let targets = store::schedules::targets(&mut conn, schedule.id, schedule.aim).await?;
    let names = store::schedules::target_names(&mut conn, by.scope(), schedule.id, schedule.aim).await?;
    Ok((targets, names))
}

/// A run to come, with the black-out that it falls into.
#[derive(Debug, Clone)]
pub struct Preview {
    /// When, and what clock changes do to it.
    pub run: Ahead,
    /// The name of the black-out that lets it pass.
    pub blackout: Option<String>,
}

/// The next `count` runs of times that are a schedule's, or may become one's.
pub async fn preview(
    core: &Core,
    _by: &Grant<ViewDevices>,
    recurrence: &Recurrence,
    (schedule, count): (Option<ScheduleId>, usize),
) -> Result<Vec<Preview>, Fault> {
    let blackouts = store::blackouts::of(&mut core.db.read().await?, schedule).await?;
    let stopped = |run: &Ahead| blackouts.iter().find(|one| one.window.contains(run.at));
    let runs = recurrence.ahead(core.now(), count).into_iter();
    Ok(runs.map(|run| Preview { blackout: stopped(&run).map(|one| one.name.clone()), run }).collect())
}

/// How many devices these targets would mean if the person saved them now.
pub async fn count(core: &Core, by: &Grant<ManageSchedules>, targets: &Targets) -> Result<i64, Fault> {
    Ok(store::schedules::count_of(&mut core.db.read().await?, by.scope(), targets).await?)
}

/// All tags, for the form.
pub async fn tags(core: &Core, _by: &Grant<ViewDevices>) -> Result<Vec<(TagId, String)>, Fault> {
    Ok(store::schedules::all_tags(&mut core.db.read().await?).await?)
}

/// Those of the devices with these names that the person sees, by their names in lower case.
pub async fn devices_named(
    core: &Core,
    by: &Grant<ManageSchedules>,
    names: &[String],
) -> Result<BTreeMap<String, DeviceId>, Fault> {
    let keys: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    Ok(store::schedules::named(&mut core.db.read().await?, by.scope(), &keys).await?)
}
