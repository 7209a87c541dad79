//! Job logs: what surrounds a job, its lines filtered, how jobs ended lately, and the deletion of one.

use chrono::Duration;

use crate::{
    domain::{
        access::{DeleteJobs, Grant, ViewDevices},
        audit::{Act, AuditEvent, ObjectKind},
        entry::{Entry, EntryFilter},
        id::JobId,
        job::{Job, JobDetails, JobState, Outcome, Tally},
        page::{Page, PageRequest},
    },
    service::{Core, Fault, audit},
    store,
};

/// A job with everything around it that is still there; `None` when there is none.
pub async fn with_details(
    core: &Core,
    by: &Grant<ViewDevices>,
    id: JobId,
) -> Result<Option<(Job, JobDetails)>, Fault> {
    let mut conn = core.db.read().await?;
    let Some(job) = store::jobs::find(&mut conn, by.scope(), id).await? else { return Ok(None) };
    let details = store::jobs::details(&mut conn, id).await?;
    Ok(Some((job, details)))
}

/// A page of those of a job's lines that match, the oldest first.
pub async fn entries(
    core: &Core,
    by: &Grant<ViewDevices>,
    job: JobId,
    (filter, request): (&EntryFilter, PageRequest),
) -> Result<Page<Entry>, Fault> {
    Ok(store::entries::list(&mut core.db.read().await?, by.scope(), job, (filter, request)).await?)
}

/// How the jobs of a time ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ends {
    /// New versions.
    pub stored: i64,
    /// Configurations that were known already.
    pub unchanged: i64,
    /// Other jobs that did what they should.
    pub done: i64,
    /// Captures that are not believed.
    pub suspect: i64,
    /// Failures.
    pub failed: i64,
    /// Stopped by a person, or skipped.
    pub stopped: i64,
}

impl Ends {
    fn count(&mut self, state: JobState, outcome: Option<Outcome>, number: i64) {
        let place = match (state, outcome) {
            (JobState::Succeeded, Some(Outcome::Stored)) => &mut self.stored,
            (JobState::Succeeded, Some(Outcome::Unchanged)) => &mut self.unchanged,
            (JobState::Succeeded, _) => &mut self.done,
            (JobState::Canceled | JobState::Skipped, _) => &mut self.stopped,
            (_, Some(Outcome::Suspect)) => &mut self.suspect,
            (
                JobState::Failed
                | JobState::Discarded
                | JobState::Queued
                | JobState::Running
                | JobState::Retrying,
                _,
            ) => &mut self.failed,
        };
        *place += number;
    }

    /// All of them.
    pub fn total(&self) -> i64 {
        self.good() + self.suspect + self.failed + self.stopped
    }

    fn good(&self) -> i64 {
        self.stored + self.unchanged + self.done
    }

    /// How many in a thousand of those that nobody stopped did what they should; `None` when there were none.
    pub fn per_mille(&self) -> Option<i64> {
        let tried = self.good() + self.suspect + self.failed;
        (tried > 0).then(|| self.good() * 1_000 / tried)
    }
}

/// How the jobs of the last day and of the last week ended.
pub async fn ends(core: &Core, by: &Grant<ViewDevices>) -> Result<(Ends, Ends), Fault> {
    let now = core.now();
    let since = (now - Duration::days(7), now - Duration::days(1));
    let tallies: Vec<Tally> = store::jobs::tally(&mut core.db.read().await?, by.scope(), since).await?;
    let (mut day, mut week) = (Ends::default(), Ends::default());
    // A job that waits to be tried again has not ended yet.
    for tally in tallies.into_iter().filter(|tally| tally.state.is_over()) {
        day.count(tally.state, tally.outcome, tally.since_second);
        week.count(tally.state, tally.outcome, tally.since_first);
    }
    Ok((day, week))
}

/// Why a job was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteJobError {
    /// There is none.
    #[error("this job has been deleted")]
    Gone,
    /// It may still change.
    #[error("This job is not over. Cancel it first, or wait until it has ended.")]
    NotOver,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Deletes a job with its log; a version it brought stays.
pub async fn delete(core: &Core, by: &Grant<DeleteJobs>, id: JobId) -> Result<(), DeleteJobError> {
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    let found = store::jobs::find(&mut tx, by.scope(), id).await.map_err(Fault::from)?;
    let job = found.ok_or(DeleteJobError::Gone)?;
    if !store::jobs::delete(&mut tx, by.scope(), id).await.map_err(Fault::from)? {
        return Err(DeleteJobError::NotOver);
    }
    let detail = format!("job {id}, {}", job.state);
    let act = Act::new(AuditEvent::JobsDeleted, &job.device_name).on(ObjectKind::Job, id.0).detail(&detail);
    audit::append(core, &mut tx, by.actor(), act).await.map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(())
}
