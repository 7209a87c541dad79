//! A job that brought no capture: it ends, or waits to be tried again.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::Tail;
use crate::{
    domain::{
        failure::{Failure, FailureClass},
        id::JobId,
        job::{Claimed, JobKind, JobState, Outcome},
        retry,
        rule::Field,
    },
    service::{Core, Fault, jobs::screen_place, rules},
    store::{self, queue::End},
};

/// Ends a job that brought no capture, or puts it back to be tried again.
pub(super) async fn failed(core: &Core, tail: Arc<Tail>, failure: Failure) -> Result<Option<Outcome>, Fault> {
    let now = core.now();
    if let Some(wait) = again(core, &tail.job, &failure) {
        return put_back(core, tail, (failure, wait), now).await;
    }
    let state = if failure.class == FailureClass::Canceled { JobState::Canceled } else { JobState::Failed };
    let words = failure.message.clone();
    let end = End {
        outcome: Some(Outcome::Error),
        class: Some(failure.class),
        stage: Some(failure.stage),
        message: Some(failure.message),
        credential: failure.credential.map(|(id, name)| (id.0, name)),
        ..End::default()
    };
    let screen = sealed_screen(core, tail.job.id, failure.screen.as_deref())?;
    let mut tx = core.db.begin().await?;
    if !tail.write(&mut tx, core, (state, end), now).await? {
        return Ok(None);
    }
    if tail.job.kind == JobKind::Check && state == JobState::Failed {
        store::devices::set_reachable(&mut tx, tail.job.device, (false, &words), now).await?;
        rules::after_change(&mut tx, Field::Reachable, &[tail.job.device]).await?;
    }
    if let Some(sealed) = screen {
        store::entries::set_screen(&mut tx, tail.job.id, &sealed).await?;
    }
    tx.commit().await?;
    Ok(Some(Outcome::Error))
}

/// How long the job waits to be tried again, if it is. What a person asked for is not: the person sees what failed.
fn again(core: &Core, job: &Claimed, failure: &Failure) -> Option<Duration> {
    if job.priority.is_by_person() || job.kind != JobKind::BackUp {
        return None;
    }
    retry::wait(failure, (job.id, job.attempt - job.deaths), core.settings.now().job_retries)
}

/// Puts a failed job back. It is not over, so nothing is told to anybody and the device's marks stay; its log, its last
/// lines and its transcript are kept.
async fn put_back(
    core: &Core,
    tail: Arc<Tail>,
    (failure, wait): (Failure, Duration),
    now: DateTime<Utc>,
) -> Result<Option<Outcome>, Fault> {
    let screen = sealed_screen(core, tail.job.id, failure.screen.as_deref())?;
    let mut tx = core.db.begin().await?;
    if !store::queue::put_back(&mut tx, &tail.job, &failure, (now + wait, tail.duration_ms)).await? {
        return Ok(None);
    }
    if let Some(accepted) = &tail.accepted {
        store::credentials::answers::accepted(&mut tx, tail.job.device, accepted, now).await?;
    }
    tail.keep_log(&mut tx).await?;
    if let Some(sealed) = screen {
        store::entries::set_screen(&mut tx, tail.job.id, &sealed).await?;
    }
    tx.commit().await?;
    Ok(Some(Outcome::Error))
}

/// The last lines that the device sent, ready for their row.
fn sealed_screen(core: &Core, job: JobId, screen: Option<&str>) -> Result<Option<Vec<u8>>, Fault> {
    let row = job.to_string();
    Ok(screen.map(|screen| core.keyring.seal(screen_place(&row), screen.as_bytes())).transpose()?)
}
