//! Batches: the jobs of one firing of a schedule, or of one click, and how far they have come.

use chrono::{DateTime, Duration, Utc};

use super::{
    failure::FailureClass,
    id::{BatchId, ScheduleId},
    job::{JobKind, JobState, Outcome},
    text_enum,
};

/// Jobs that must have ended before anything is said of the end.
const ENOUGH: i64 = 5;

/// How long a batch must have run before anything is said of its end.
const LONG_ENOUGH: Duration = Duration::seconds(5);

/// A batch, without its jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The row.
    pub id: BatchId,
    /// The schedule that it belongs to, while there is one.
    pub schedule: Option<(ScheduleId, String)>,
    /// The slot that fired; `None` when a person started it.
    pub slot: Option<DateTime<Utc>>,
    /// By whom or what.
    pub started_by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why the slot brought no jobs.
    pub note: Option<String>,
}

text_enum! {
    /// How far a batch has come.
    pub enum BatchState {
        /// It has no jobs.
        Empty = "empty",
        /// None of its jobs was taken yet.
        Waiting = "waiting",
        /// Some of its jobs are not over.
        Running = "running",
        /// All are over, and some failed or are doubtful.
        Failed = "failed",
        /// All are over, none failed, and people stopped all of them.
        Canceled = "canceled",
        /// All are over and none failed.
        Done = "done",
    }
}

/// How many of a batch's jobs are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New versions.
    pub stored: i64,
    /// Configurations that were known already.
    pub unchanged: i64,
    /// Checks and tests that went well.
    pub answered: i64,
    /// Captures that are not believed.
    pub suspect: i64,
    /// Failures.
    pub failed: i64,
    /// Given up, because they took their process down each time.
    pub discarded: i64,
    /// Stopped by people.
    pub canceled: i64,
    /// Not done, for a reason that is told.
    pub skipped: i64,
    /// In the hands of a worker.
    pub running: i64,
    /// Waiting for one.
    pub waiting: i64,
    /// Waiting to be tried again.
    pub retrying: i64,
}

impl Counts {
    /// Adds so many jobs of one kind.
    pub fn count(&mut self, state: JobState, outcome: Option<Outcome>, number: i64) {
        let place = match (state, outcome) {
            (JobState::Queued, _) => &mut self.waiting,
            (JobState::Retrying, _) => &mut self.retrying,
            (JobState::Running, _) => &mut self.running,
            (JobState::Succeeded, Some(Outcome::Stored)) => &mut self.stored,
            (JobState::Succeeded, Some(Outcome::Unchanged)) => &mut self.unchanged,
            (JobState::Succeeded, _) => &mut self.answered,
            (JobState::Failed, Some(Outcome::Suspect)) => &mut self.suspect,
            (JobState::Failed, _) => &mut self.failed,
            (JobState::Discarded, _) => &mut self.discarded,
            (JobState::Canceled, _) => &mut self.canceled,
            (JobState::Skipped, _) => &mut self.skipped,
        };
        *place += number;
    }

    /// Those that did what they should.
    pub fn done(&self) -> i64 {
        self.stored + self.unchanged + self.answered
    }

    /// Those that somebody should look at.
    pub fn bad(&self) -> i64 {
        self.suspect + self.failed + self.discarded
    }

    /// Those to which nothing more will happen.
    pub fn over(&self) -> i64 {
        self.done() + self.bad() + self.canceled + self.skipped
    }

    /// Those that are not over.
    pub fn left(&self) -> i64 {
        self.running + self.waiting + self.retrying
    }

    /// All of them.
    pub fn total(&self) -> i64 {
        self.over() + self.left()
    }

    /// How far the batch has come.
    pub fn state(&self) -> BatchState {
        match (self.left(), self.total()) {
            (_, 0) => BatchState::Empty,
            (0, _) if self.bad() > 0 => BatchState::Failed,
            (0, total) if self.canceled == total => BatchState::Canceled,
            (0, _) => BatchState::Done,
            (left, total) if left == total && self.running == 0 => BatchState::Waiting,
            _ => BatchState::Running,
        }
    }
}

/// Jobs of a batch that failed for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Failed, or discarded.
    pub state: JobState,
    /// Why.
    pub class: FailureClass,
    /// With which credential, by what the log calls it; `None` when they did not come so far.
    pub credential: Option<String>,
}

/// How far a batch has come, as one look at the database saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// What its jobs do; `None` when it has none.
    pub kind: Option<JobKind>,
    /// How many jobs are where.
    pub counts: Counts,
    /// When its first job was taken.
    pub started_at: Option<DateTime<Utc>>,
    /// When its last job so far ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// How many jobs were worked on to their end.
    pub worked: i64,
    /// When the last of those that wait may start.
    pub due_at: Option<DateTime<Utc>>,
    /// Why jobs failed and how many, the most frequent first.
    pub causes: Vec<(Cause, i64)>,
}

impl Progress {
    /// How long it will take from now on, at the pace so far; `None` while too little is known, and at the end.
    pub fn estimate(&self, now: DateTime<Utc>) -> Option<Duration> {
        let left = self.counts.left();
        let elapsed = now - self.started_at?;
        if left == 0 || self.worked < ENOUGH || elapsed < LONG_ENOUGH {
            return None;
        }
        let at_this_pace = elapsed.num_milliseconds().checked_mul(left)? / self.worked;
        // What may not start before then cannot end before then.
        let not_before = self.due_at.map_or(Duration::zero(), |due| due - now);
        Some(Duration::try_milliseconds(at_this_pace)?.max(not_before))
    }
}

/// Which batches a list shows.
#[derive(Debug, Clone, Default)]
pub struct BatchFilter {
    /// Those of one schedule.
    pub schedule: Option<ScheduleId>,
    /// Those with jobs that are not over.
    pub is_under_way: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(all: &[(JobState, Option<Outcome>, i64)]) -> Counts {
        let mut counts = Counts::default();
        for (state, outcome, number) in all {
            counts.count(*state, *outcome, *number);
        }
        counts
    }

    #[test]
    fn every_job_is_counted_once() {
        for (place, state) in (0..).zip(JobState::ALL) {
            for outcome in [None, Some(Outcome::Stored), Some(Outcome::Suspect), Some(Outcome::Error)] {
                let counted = counts(&[(*state, outcome, 3)]);
                assert_eq!((counted.total(), counted.left() > 0), (3, !state.is_over()), "{place} {state}");
            }
        }
    }

    #[test]
    fn a_batch_is_as_far_as_its_jobs() {
        let state = |all: &[(JobState, Option<Outcome>, i64)]| counts(all).state();
        let well = (JobState::Succeeded, Some(Outcome::Stored), 2);
        assert_eq!(state(&[]), BatchState::Empty);
        assert_eq!(state(&[(JobState::Queued, None, 2)]), BatchState::Waiting);
        assert_eq!(state(&[(JobState::Queued, None, 2), well]), BatchState::Running);
        assert_eq!(state(&[(JobState::Running, None, 1)]), BatchState::Running);
        assert_eq!(state(&[(JobState::Retrying, None, 1), well]), BatchState::Running);
        assert_eq!(state(&[well]), BatchState::Done);
        assert_eq!(state(&[well, (JobState::Canceled, None, 1)]), BatchState::Done);
        assert_eq!(state(&[(JobState::Canceled, None, 1)]), BatchState::Canceled);
        assert_eq!(state(&[well, (JobState::Discarded, None, 1)]), BatchState::Failed);
        assert_eq!(state(&[(JobState::Failed, Some(Outcome::Suspect), 1)]), BatchState::Failed);
    }

    #[test]
    fn the_end_is_told_from_the_pace_and_only_when_it_is_known() {
        let start = DateTime::UNIX_EPOCH;
        let progress = |worked, left| Progress {
            counts: Counts { stored: worked, waiting: left, ..Counts::default() },
            started_at: Some(start),
            worked,
            ..Progress::default()
        };
        let minute = start + Duration::minutes(1);
        assert_eq!(progress(20, 40).estimate(minute), Some(Duration::minutes(2)));
        assert_eq!(progress(4, 40).estimate(minute), None, "four say nothing of the pace");
        assert_eq!(progress(20, 40).estimate(start + Duration::seconds(4)), None, "nor do four seconds");
        assert_eq!(progress(20, 0).estimate(minute), None);
        assert_eq!(Progress { started_at: None, ..progress(20, 40) }.estimate(minute), None);
        let spread = Progress { due_at: Some(minute + Duration::hours(1)), ..progress(20, 40) };
        assert_eq!(spread.estimate(minute), Some(Duration::hours(1)), "some may not start before");
    }
}
