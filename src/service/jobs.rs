//! Jobs, as people start, watch and stop them.

pub mod logs;
pub mod retention;
pub mod transcript;

use std::collections::BTreeMap;

use super::{Core, Fault, audit};
use crate::{
    crypt::Place,
    domain::{
        access::{Grant, RunBackups, Scope, ViewDevices},
        audit::{Act, AuditEvent},
        device::DeviceFilter,
        entry::{Cut, Entry},
        id::{BatchId, DeviceId, JobId},
        job::{Job, JobFilter, JobKind, JobState, Priority},
        page::{Page, PageRequest},
    },
    store::{self, batches::NewBatch, jobs::Order},
};

/// Which devices are meant.
#[derive(Debug, Clone)]
pub enum Which {
    /// All enabled ones.
    All,
    /// The enabled ones with this tag.
    Tag(String),
    /// These, enabled or not.
    These(Vec<DeviceId>),
}

/// What came of starting jobs.
#[derive(Debug, Clone)]
pub struct Started {
    /// The new batch.
    pub batch: BatchId,
    /// The job of each device: a new one, or the one that was waiting or running already.
    pub jobs: Vec<(JobId, DeviceId)>,
    /// How many of them were there already.
    pub joined: usize,
}

/// Queues a backup of each device. `None` when no device is meant.
pub async fn back_up(core: &Core, by: &Grant<RunBackups>, which: Which) -> Result<Option<Started>, Fault> {
    start(core, by, which, (JobKind::BackUp, AuditEvent::BackupsStarted)).await
}

/// Queues a look at whether each device can be reached. `None` when no device is meant.
pub async fn check(core: &Core, by: &Grant<RunBackups>, which: Which) -> Result<Option<Started>, Fault> {
    start(core, by, which, (JobKind::Check, AuditEvent::ReachabilityChecked)).await
}

async fn start(
    core: &Core,
    by: &Grant<RunBackups>,
    which: Which,
    (kind, event): (JobKind, AuditEvent),
) -> Result<Option<Started>, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let devices = meant(&mut tx, by.scope(), &which).await?;
    if devices.is_empty() {
        return Ok(None);
    }
    let started_by = by.actor().name.as_str();
    // The jobs have the rights of whoever asked, as far as they still hold when they start (S-39).
    let new = NewBatch { started_by, user: by.actor().user, ..NewBatch::default() };
    let Some(batch) = store::batches::insert(&mut tx, &new, now).await? else {
        return Ok(None);
    };
    let priority = Priority::by_person(devices.len());
    let order = Order { batch, kind, started_by, priority, payload: None };
    store::jobs::enqueue(&mut tx, &order, &devices, now).await?;
    let ids: Vec<DeviceId> = devices.iter().map(|(id, _)| *id).collect();
    let active = store::jobs::active(&mut tx, by.scope(), &ids).await?;
    let what = match devices.as_slice() {
        [(_, name)] => name.clone(),
        many => format!("{} devices", many.len()),
    };
    audit::append(core, &mut tx, by.actor(), Act::new(event, &what)).await?;
    tx.commit().await?;
    core.wake.notify_one();
    let joined = active.iter().filter(|(.., of)| *of != batch).count();
    Ok(Some(Started {
        batch,
        jobs: active.into_iter().map(|(job, device, _)| (job, device)).collect(),
        joined,
    }))
}

async fn meant(
    conn: &mut store::Conn,
    scope: Scope,
    which: &Which,
) -> Result<Vec<(DeviceId, String)>, Fault> {
    match which {
        Which::All | Which::Tag(_) => {
            let tag = if let Which::Tag(tag) = which { Some(tag.clone()) } else { None };
            let filter = DeviceFilter { tag, is_enabled: Some(true), ..DeviceFilter::default() };
            let everything = PageRequest::all();
            let page = store::devices::list(conn, scope, &filter, everything).await?;
            Ok(page.rows.into_iter().map(|device| (device.id, device.name)).collect())
        }
        Which::These(ids) => {
            let mut found = store::devices::named(conn, scope, ids).await?;
            found.sort_by_key(|(id, _)| ids.iter().position(|asked| asked == id));
            Ok(found)
        }
    }
}

/// A page of the jobs that match, the newest first.
pub async fn list(
    core: &Core,
    by: &Grant<ViewDevices>,
    filter: &JobFilter,
    request: PageRequest,
) -> Result<Page<Job>, Fault> {
    Ok(store::jobs::list(&mut core.db.read().await?, by.scope(), filter, request).await?)
}

/// The job with this id, if there is one.
pub async fn find(core: &Core, by: &Grant<ViewDevices>, id: JobId) -> Result<Option<Job>, Fault> {
    Ok(store::jobs::find(&mut core.db.read().await?, by.scope(), id).await?)
}

/// The job of each of these devices that waits or runs.
pub async fn under_way(
    core: &Core,
    by: &Grant<ViewDevices>,
    devices: &[DeviceId],
) -> Result<BTreeMap<DeviceId, JobId>, Fault> {
    let active = store::jobs::active(&mut core.db.read().await?, by.scope(), devices).await?;
    Ok(active.into_iter().map(|(job, device, _)| (device, job)).collect())
}

/// Those of these jobs that are over.
pub async fn over(core: &Core, by: &Grant<ViewDevices>, ids: &[JobId]) -> Result<Vec<Job>, Fault> {
    Ok(store::jobs::over(&mut core.db.read().await?, by.scope(), ids).await?)
}

/// A job's lines after `seq`, in order and without gaps: where one is still on its way, nothing behind it comes.
pub async fn entries(
    core: &Core,
    by: &Grant<ViewDevices>,
    job: JobId,
    (seq, limit): (i64, i64),
) -> Result<Vec<Entry>, Fault> {
    let found = store::entries::after(&mut core.db.read().await?, by.scope(), job, (seq, limit)).await?;
    Ok(found
        .into_iter()
        .zip(seq.saturating_add(1)..)
        .take_while(|(entry, due)| entry.seq == *due)
        .map(|(entry, _)| entry)
        .collect())
}

pub(super) fn screen_place(job: &str) -> Place<'_> {
    Place { table: "screens", column: "sealed", row: job }
}

/// The last lines the device sent before the job failed: masked, control characters made visible.
pub async fn screen(core: &Core, by: &Grant<ViewDevices>, job: JobId) -> Result<Option<String>, Fault> {
    let Some(sealed) = store::entries::screen(&mut core.db.read().await?, by.scope(), job).await? else {
        return Ok(None);
    };
    let plain = core.keyring.unseal(screen_place(&job.to_string()), &sealed)?;
    Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
}

/// What was cut of a job's log, its recording or its last screen, each once.
pub async fn cuts(core: &Core, by: &Grant<ViewDevices>, job: JobId) -> Result<Vec<Cut>, Fault> {
    Ok(store::entries::cuts(&mut core.db.read().await?, by.scope(), job).await?)
}

/// Stops a job; tells the state it is in now, `None` when it was over before or is unknown.
pub async fn cancel(core: &Core, by: &Grant<RunBackups>, id: JobId) -> Result<Option<JobState>, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let Some(job) = store::jobs::find(&mut tx, by.scope(), id).await? else {
        return Ok(None);
    };
    let was = store::jobs::cancel(&mut tx, id, now).await?;
    if was.is_some() {
        let detail = format!("job {id}");
        let about = (job.device_name.as_str(), Some(detail.as_str()));
        audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::JobCanceled, about)).await?;
        tx.commit().await?;
    }
    Ok(was)
}
