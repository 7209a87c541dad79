//! What has happened in this process since it began, for those who watch it: numbers that only grow.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::{failure::FailureClass, job::Outcome};

const CLASSES: usize = FailureClass::ALL.len();
const OUTCOMES: usize = Outcome::ALL.len();

/// The upper ends of the ranges in which durations of jobs are counted, in milliseconds.
pub const RANGES_MS: [i64; 12] =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000];

/// The numbers.
#[derive(Debug, Default)]
pub struct Counters {
    /// Jobs that were ended by force because they had not ended by themselves some time after their deadline: each is a
    /// fault of ours or of what we stand on.
    pub jobs_ended_by_force: AtomicU64,
    /// Jobs that used up all the time that they had for their device.
    pub jobs_out_of_time: AtomicU64,
    /// Jobs whose code panicked.
    pub jobs_panicked: AtomicU64,
    /// Jobs that were freed because their worker's lease had run out.
    pub lease_expiries: AtomicU64,
    /// Jobs that ended, by outcome; failed ones are counted by class.
    outcomes: [AtomicU64; OUTCOMES],
    classes: [AtomicU64; CLASSES],
    /// Jobs that took as long as their range or less, and more than the one before it.
    durations: [AtomicU64; RANGES_MS.len()],
    /// Jobs that ended, and how long they took in all, in milliseconds.
    ended: AtomicU64,
    took_ms: AtomicU64,
}

fn one_more(number: Option<&AtomicU64>) {
    if let Some(number) = number {
        Counters::add(number);
    }
}

impl Counters {
    /// One more.
    pub fn add(count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// A job has ended, unless it was lost to another worker.
    pub fn ended(&self, outcome: Option<Outcome>, class: Option<FailureClass>, duration_ms: i64) {
        let Some(outcome) = outcome else { return };
        let failed = class.and_then(|class| FailureClass::ALL.iter().position(|other| *other == class));
        if let Some(at) = failed {
            one_more(self.classes.get(at));
        } else {
            let at = Outcome::ALL.iter().position(|other| *other == outcome);
            one_more(at.and_then(|at| self.outcomes.get(at)));
        }
        let range = RANGES_MS.iter().position(|most| duration_ms <= *most);
        one_more(range.and_then(|at| self.durations.get(at)));
        self.ended.fetch_add(1, Ordering::Relaxed);
        self.took_ms.fetch_add(u64::try_from(duration_ms).unwrap_or_default(), Ordering::Relaxed);
    }

    /// How many jobs ended how: by outcome, those that failed by class.
    pub fn ends(&self) -> Vec<(Outcome, Option<FailureClass>, u64)> {
        let well = Outcome::ALL.iter().zip(&self.outcomes);
        let well = well.map(|(outcome, count)| (*outcome, None, count.load(Ordering::Relaxed)));
        let failed = FailureClass::ALL.iter().zip(&self.classes);
        let failed =
            failed.map(|(class, count)| (Outcome::Error, Some(*class), count.load(Ordering::Relaxed)));
        well.chain(failed).collect()
    }

    /// How many jobs took at most as long as each of [`RANGES_MS`]; then how many there were, and their milliseconds.
    pub fn durations(&self) -> (Vec<u64>, u64, u64) {
        let ended = self.ended.load(Ordering::Relaxed);
        let mut sum = 0_u64;
        let add = |count: &AtomicU64| {
            sum = sum.saturating_add(count.load(Ordering::Relaxed));
            sum
        };
        let counts: Vec<u64> = self.durations.iter().map(add).collect();
        // Read one after the other: no range may hold more than there are.
        (counts, ended.max(sum), self.took_ms.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_counted_once_by_outcome_or_class() {
        let counters = Counters::default();
        counters.ended(Some(Outcome::Stored), None, 900);
        counters.ended(Some(Outcome::Error), Some(FailureClass::Timeout), 700_000);
        counters.ended(None, None, 5);
        let ends: Vec<_> = counters.ends().into_iter().filter(|(.., count)| *count > 0).collect();
        let timeout = Some(FailureClass::Timeout);
        assert_eq!(ends, [(Outcome::Stored, None, 1), (Outcome::Error, timeout, 1)]);
        let (counts, ended, took_ms) = counters.durations();
        assert_eq!((counts.first(), counts.get(3), counts.last()), (Some(&0), Some(&1), Some(&1)));
        assert_eq!((ended, took_ms), (2, 700_900));
    }
}
