//! What a person sees first.

use chrono::{DateTime, Duration, Utc};

use super::{Core, Fault, self_backup, silence};
use crate::{
    domain::{
        access::{Grant, ViewCredentials, ViewDevices},
        backup::Backup,
        device::{Device, DeviceFilter, DeviceOrder, Standing},
        id::CredentialId,
        job::{Job, JobFilter, JobState},
        page::PageRequest,
        schedule::Schedule,
        silence::Silence,
    },
    store,
};

/// The state of the house.
#[derive(Debug)]
pub struct Overview {
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// How many enabled devices stand how, in the order of [`Standing::ALL`].
    pub standings: Vec<(Standing, i64)>,
    /// Devices whose newest job failed or brought a doubtful capture, at most ten.
    pub attention: Vec<Device>,
    /// What should have happened and has not.
    pub silent: Vec<Silence>,
    /// Versions of the last day, at most ten.
    pub changes: Vec<Backup>,
    /// The newest jobs, at most ten.
    pub jobs: Vec<Job>,
    /// Jobs that wait and jobs that run.
    pub queue: (i64, i64),
    /// Enabled schedules, the next one first, at most ten.
    pub schedules: Vec<Schedule>,
    /// Every how many hours devices are backed up that no schedule means; `None` where that is switched off.
    pub every_hours: Option<i64>,
    /// Shared credentials that no job tries, because three devices in a row refused them; for those who see credentials.
    pub stopped: Vec<(CredentialId, String)>,
    /// Versions that do not read back.
    pub damaged: i64,
    /// How NetRaven stands with copies of itself.
    pub self_backup: self_backup::Standing,
    /// Why NetRaven is sealed; `None` when it is not.
    pub why_sealed: Option<String>,
}

/// Looks around.
pub async fn overview(core: &Core, by: &Grant<ViewDevices>) -> Result<Overview, Fault> {
    let (now, settings) = (core.now(), core.settings.now());
    let self_backup = self_backup::standing(core).await?;
    let mut conn = core.db.read().await?;
    let mut attention = Vec::new();
    for standing in [Standing::Suspect, Standing::Failing] {
        let filter = DeviceFilter {
            standing: Some(standing),
            is_enabled: Some(true),
            order: Some(DeviceOrder::Stalest),
            ..DeviceFilter::default()
        };
        attention
            .extend(store::devices::list(&mut conn, by.scope(), &filter, PageRequest::first(10)).await?.rows);
    }
    attention.truncate(10);
    let counts = store::jobs::counts(&mut conn, by.scope(), None).await?;
    let in_state =
        |wanted: &[JobState]| counts.iter().filter(|(s, _)| wanted.contains(s)).map(|(_, n)| n).sum();
    let stopped = if by.actor().may::<ViewCredentials>() {
        store::credentials::shared::stopped(&mut conn).await?
    } else {
        Vec::new()
    };
    let schedules = store::schedules::coming(&mut conn, 10).await?;
    Ok(Overview {
        at: now,
        standings: store::devices::standings(&mut conn, by.scope()).await?,
        attention,
        silent: silence::look(core, &mut conn, by.scope()).await?,
        changes: store::backups::recent(&mut conn, by.scope(), now - Duration::days(1), 10).await?,
        jobs: store::jobs::list(&mut conn, by.scope(), &JobFilter::default(), PageRequest::first(10))
            .await?
            .rows,
        queue: (in_state(&[JobState::Queued, JobState::Retrying]), in_state(&[JobState::Running])),
        schedules,
        every_hours: settings.backups_enabled.then_some(settings.backup_hours),
        stopped,
        damaged: store::backups::damaged(&mut conn, by.scope()).await?,
        self_backup,
        why_sealed: core.keyring.why_sealed().map(str::to_owned),
    })
}
