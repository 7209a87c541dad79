//! How the jobs of a time ended, in words.

use crate::{service::jobs::logs::Ends, web::words};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_numbers() {
        let ends = Ends { stored: 1, unchanged: 1_998, failed: 1, stopped: 5, ..Ends::default() };
        let told = Lately::of("Last 24 hours", ends);
        assert_eq!(told.told, "1 stored · 1,998 unchanged · 1 failed · 5 stopped");
        assert_eq!((told.total.as_str(), told.rate.as_deref()), ("2,005 jobs", Some("99.9 %")));
        assert_eq!(Lately::of("Last 7 days", Ends::default()).rate, None);
    }
}
