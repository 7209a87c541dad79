//! How far a batch is, and how the jobs of a time ended, in words.

use std::collections::BTreeMap;

use crate::{domain::job::JobState, service::jobs::logs::Ends, web::words};

/// How the jobs of a time ended, in words.
#[derive(Debug)]
pub struct Lately {
    /// Which time.
    pub title: &'static str,
    /// How many ended.
    pub total: String,
    /// How many of a hundred did what they should.
    pub rate: Option<String>,
    /// The numbers in words.
    pub told: String,
}

impl Lately {
    /// The numbers of one time.
    pub fn of(title: &'static str, ends: Ends) -> Self {
        let mut told = Vec::new();
        for (count, word) in [
            (ends.stored, "stored"),
            (ends.unchanged, "unchanged"),
            (ends.done, "done"),
            (ends.suspect, "suspect"),
            (ends.failed, "failed"),
            (ends.stopped, "stopped"),
        ] {
            if count > 0 {
                told.push(format!("{} {word}", words::grouped(count)));
            }
        }
        Self {
            title,
            total: words::count(ends.total(), "job"),
            rate: ends.per_mille().map(|rate| format!("{}.{} %", rate / 10, rate % 10)),
            told: told.join(" · "),
        }
    }
}

/// How far a batch is.
#[derive(Debug, PartialEq, Eq)]
pub struct Progress {
    /// All its jobs.
    pub total: i64,
    /// Those that are over.
    pub over: i64,
    /// The numbers in words.
    pub told: String,
    /// How many failed, in words; empty when none did.
    pub failed: String,
}

impl From<&BTreeMap<JobState, i64>> for Progress {
    fn from(counts: &BTreeMap<JobState, i64>) -> Self {
        let sum = |states: &[JobState]| -> i64 { states.iter().filter_map(|state| counts.get(state)).sum() };
        let total = counts.values().sum();
        let failed = sum(&[JobState::Failed, JobState::Discarded]);
        let mut told = vec![format!("{} done", sum(&[JobState::Succeeded]))];
        for (states, word) in [
            (&[JobState::Running][..], "running"),
            (&[JobState::Queued, JobState::Retrying], "left"),
            (&[JobState::Canceled], "canceled"),
            (&[JobState::Skipped], "skipped"),
        ] {
            let count = sum(states);
            if count > 0 {
                told.push(format!("{count} {word}"));
            }
        }
        Self {
            total,
            over: counts.iter().filter(|(state, _)| state.is_over()).map(|(_, count)| count).sum(),
            told: told.join(" · "),
            failed: if failed > 0 { format!("{failed} failed") } else { String::new() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_told_in_numbers() {
        let counts = BTreeMap::from([
            (JobState::Succeeded, 9),
            (JobState::Failed, 2),
            (JobState::Discarded, 1),
            (JobState::Running, 3),
            (JobState::Retrying, 1),
            (JobState::Queued, 4),
        ]);
        let progress = Progress::from(&counts);
        assert_eq!((progress.total, progress.over), (20, 12));
        assert_eq!(progress.told, "9 done · 3 running · 5 left");
        assert_eq!(progress.failed, "3 failed");
    }

    #[test]
    fn a_time_is_told_in_numbers() {
        let ends = Ends { stored: 1, unchanged: 1_998, failed: 1, stopped: 5, ..Ends::default() };
        let told = Lately::of("Last 24 hours", ends);
        assert_eq!(told.told, "1 stored · 1,998 unchanged · 1 failed · 5 stopped");
        assert_eq!((told.total.as_str(), told.rate.as_deref()), ("2,005 jobs", Some("99.9 %")));
        assert_eq!(Lately::of("Last 7 days", Ends::default()).rate, None);
    }
}
