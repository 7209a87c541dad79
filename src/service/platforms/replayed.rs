//! Recorded sessions of real jobs, heard again by changed rules.

use std::sync::Arc;

use crate::{
    archive,
    domain::{
        access::{Grant, ReadRaw},
        id::JobId,
        job::Job,
        replay::Replay,
    },
    platform::{Platform, masked_replay, replay},
    service::{Core, Fault},
    store,
};

/// How many recorded sessions are offered.
const OFFERED: i64 = 20;

/// The newest jobs of a platform's devices whose sessions are kept.
pub async fn recorded(core: &Core, by: &Grant<ReadRaw>, platform: &str) -> Result<Vec<Job>, Fault> {
    Ok(store::jobs::recorded(&mut core.db.read().await?, by.scope(), platform, OFFERED).await?)
}

/// What these rules make of the session of a job, with secrets covered; `None` where none is kept, and where the job's device
/// is of another platform: these rules do not know what is secret there.
pub async fn heard(
    core: &Core,
    by: &Grant<ReadRaw>,
    (job, platform): (JobId, &Arc<Platform>),
) -> Result<Option<Replay>, Fault> {
    let mut conn = core.db.read().await?;
    let found = store::jobs::find(&mut conn, by.scope(), job).await?;
    let Some(device) = found.and_then(|job| job.device) else { return Ok(None) };
    let device = store::devices::find(&mut conn, by.scope(), device).await?;
    if device.is_none_or(|device| device.platform != platform.key()) {
        return Ok(None);
    }
    let Some(sealed) = store::entries::transcript(&mut conn, by.scope(), job).await? else {
        return Ok(None);
    };
    drop(conn);
    let (core, platform) = (core.clone(), platform.clone());
    let work = move || -> Result<Replay, Fault> {
        let transcript = archive::transcript::open(&core.keyring, job, &sealed)?;
        let today = core.platforms.get(platform.key());
        let masks = today.iter().chain([&platform]);
        let masks: Vec<&Platform> = masks.map(|it| &**it).collect();
        Ok(masked_replay(replay(&platform, &transcript), &masks, &core.mask))
    };
    tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?.map(Some)
}
