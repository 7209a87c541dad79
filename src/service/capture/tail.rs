//! What every end of a job has in common, and how it is written.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        credential::Accepted,
        entry::Entry,
        fact::Learned,
        failure::FailureClass,
        id::JobId,
        job::{Claimed, JobKind, JobState, Outcome},
        rule::Field,
    },
    service::{
        Core, Fault,
        notices::{self, Ending},
        rules,
    },
    store::{self, Conn, devices::JobMark, entries::SealedTranscript, queue::End},
};

/// What every end has in common.
pub(super) struct Tail {
    pub(super) job: Claimed,
    pub(super) lines: Vec<(JobId, Entry)>,
    pub(super) duration_ms: i64,
    pub(super) transcript: Option<SealedTranscript>,
    pub(super) accepted: Option<Accepted>,
    /// Whether there is a version before, so that another is a change.
    pub(super) is_change: bool,
    /// What the device told of itself, where it told something.
    pub(super) learned: Option<Learned>,
}

impl Tail {
    /// Writes the job's end, its device's marks and its last lines; `false` when the job is not ours any more.
    pub(super) async fn write(
        &self,
        tx: &mut Conn,
        core: &Core,
        (state, end): (JobState, End),
        now: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        let outcome = end.outcome.unwrap_or(Outcome::Error);
        let class = end.class;
        let mark = JobMark {
            job: self.job.id,
            state,
            outcome,
            class: class.map(FailureClass::as_str),
            backup: end.backup,
        };
        let credential = self.accepted.as_ref().map(|by| (by.credential.0, by.name.clone()));
        let message = end.message.clone().unwrap_or_default();
        let end =
            End { duration_ms: self.duration_ms, credential: credential.or(end.credential.clone()), ..end };
        if !store::queue::finish(tx, &self.job, state, end, now).await? {
            return Ok(false);
        }
        if let Some(accepted) = &self.accepted {
            store::credentials::answers::accepted(tx, self.job.device, accepted, now).await?;
        }
        let is_tried = !matches!(state, JobState::Canceled | JobState::Skipped);
        if is_tried && self.job.kind == JobKind::BackUp {
            store::devices::mark(tx, self.job.device, &mark, now).await?;
            if let Some(learned) = &self.learned {
                store::facts::keep(tx, self.job.device, learned, now).await?;
            }
            rules::after_change(tx, Field::Standing, &[self.job.device]).await?;
            let ending = match outcome {
                Outcome::Stored => Ending::Well { is_changed: self.is_change },
                Outcome::Unchanged => Ending::Well { is_changed: false },
                Outcome::Suspect | Outcome::Error => Ending::Failed { class, message: &message },
            };
            notices::after_backup(core, tx, (self.job.device, self.job.id), &ending).await?;
        }
        self.keep_log(tx).await?;
        Ok(true)
    }

    pub(super) async fn keep_log(&self, tx: &mut Conn) -> Result<(), Fault> {
        store::entries::append(tx, &self.lines).await?;
        if let Some(transcript) = &self.transcript {
            store::entries::set_transcript(tx, self.job.id, transcript).await?;
        }
        Ok(())
    }
}
