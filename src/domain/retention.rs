//! How long job logs stay.

use chrono::{DateTime, Duration, Utc};

/// Which jobs a term is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// All jobs.
    Any,
    /// Those of batches with a term of their own, of so many days.
    Own(i32),
    /// Those that the setting is about.
    Setting,
}

/// A rule with its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Which jobs.
    pub rule: Rule,
    /// So many days after their end they may go.
    pub days: i64,
}

impl Term {
    /// Jobs that ended before this may go.
    pub fn before(self, now: DateTime<Utc>) -> DateTime<Utc> {
        Duration::try_days(self.days)
            .and_then(|term| now.checked_sub_signed(term))
            .unwrap_or(DateTime::UNIX_EPOCH)
    }
}

/// A number of days for a person's own clean-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(i64);

/// A number of days that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The number of days is \"{0}\"; use a whole number from 1 to 3650.")]
pub struct InvalidDays(String);

impl Days {
    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl std::str::FromStr for Days {
    type Err = InvalidDays;

    fn from_str(raw: &str) -> Result<Self, InvalidDays> {
        match raw.trim().parse() {
            Ok(days @ 1..=3_650) => Ok(Self(days)),
            _ => Err(InvalidDays(raw.trim().chars().take(20).collect())),
        }
    }
}

/// What retention would delete, or has deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Jobs of batches with a term of their own, by term.
    pub own: Vec<(i32, i64)>,
    /// Jobs that the setting is about.
    pub by_setting: i64,
    /// The oldest ones, because all logs together took more than they may.
    pub by_size: i64,
}

impl Swept {
    /// Jobs of batches with a term of their own.
    pub fn policy_count(&self) -> i64 {
        self.own.iter().map(|(_, count)| count).sum()
    }

    /// All of them.
    pub fn total(&self) -> i64 {
        self.policy_count().saturating_add(self.by_setting).saturating_add(self.by_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_numbers_in_bounds() {
        assert_eq!(" 30 ".parse::<Days>().map(Days::get), Ok(30));
        for wrong in ["", "0", "-1", "3651", "1.5", "many", "99999999999999999999"] {
            assert!(wrong.parse::<Days>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_term_is_measured_back_from_now() {
        let now = DateTime::UNIX_EPOCH + Duration::days(100);
        assert_eq!(
            Term { rule: Rule::Setting, days: 30 }.before(now),
            DateTime::UNIX_EPOCH + Duration::days(70)
        );
        assert_eq!(Term { rule: Rule::Any, days: i64::MAX }.before(now), DateTime::UNIX_EPOCH);
    }
}
