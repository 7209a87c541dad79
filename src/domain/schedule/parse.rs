//! The pieces that times are made of, from what people type.

use std::{collections::BTreeSet, fmt, str::FromStr};

use chrono::{Datelike, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Why a text is not a recurrence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecurrence {
    /// Not a number of minutes.
    #[error("Give a number of minutes from 1 to 10080 (a week).")]
    Minutes,
    /// Not a time of day.
    #[error("Give a time of day as HH:MM, for example 02:30.")]
    Time,
    /// Not a time zone.
    #[error("\"{0}\" is not a time zone; use an IANA name such as Europe/Berlin or UTC.")]
    Zone(String),
    /// Not a date.
    #[error("Give a date as YYYY-MM-DD, for example 2026-03-29.")]
    Date,
    /// No day of the week, or something that is none.
    #[error("Choose at least one day of the week.")]
    Days,
    /// Not a day of a month.
    #[error("Give a day from 1 to 31; in shorter months the last day takes its place.")]
    DayOfMonth,
    /// Not a day of that month.
    #[error(
        "Give a month from 1 to 12 and a day that it has; 29 February falls on the 28th in common years."
    )]
    DayOfYear,
    /// Not a cron pattern.
    #[error("{0}")]
    Cron(String),
}

/// A time of day from `HH:MM`.
pub fn parse_time(raw: &str) -> Result<NaiveTime, InvalidRecurrence> {
    NaiveTime::parse_from_str(raw.trim(), "%H:%M").map_err(|_| InvalidRecurrence::Time)
}

/// A zone from its IANA name.
pub fn parse_zone(raw: &str) -> Result<Tz, InvalidRecurrence> {
    Tz::from_str(raw.trim()).map_err(|_| InvalidRecurrence::Zone(raw.trim().to_owned()))
}

/// A date from `YYYY-MM-DD`.
pub fn parse_date(raw: &str) -> Result<NaiveDate, InvalidRecurrence> {
    NaiveDate::parse_from_str(raw.trim(), "%Y-%m-%d")
        .ok()
        .filter(|date| (1970..=9999).contains(&date.year()))
        .ok_or(InvalidRecurrence::Date)
}

/// A day of the month, 1 to 31.
pub fn day_of_month(raw: &str) -> Result<u32, InvalidRecurrence> {
    raw.trim().parse().ok().filter(|day| (1..=31).contains(day)).ok_or(InvalidRecurrence::DayOfMonth)
}

const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A weekday's name, 0 = Monday.
pub fn weekday_name(day: u32) -> &'static str {
    usize::try_from(day).ok().and_then(|day| NAMES.get(day)).copied().unwrap_or_default()
}

/// At least one day of the week, 0 = Monday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u32>", into = "Vec<u32>")]
pub struct Weekdays(BTreeSet<u32>);

impl Weekdays {
    /// Every day.
    pub fn all() -> Self {
        Self((0..7).collect())
    }

    /// From numbers (0 = Monday) or English names, whole or their first three letters.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidRecurrence> {
        let day = |word: &str| {
            let word = word.trim().to_lowercase();
            (0..7).find(|day| {
                let name = weekday_name(*day).to_lowercase();
                word == day.to_string() || word == name || (word.len() == 3 && name.starts_with(&word))
            })
        };
        let days: Option<BTreeSet<u32>> = words.into_iter().map(day).collect();
        days.filter(|days| !days.is_empty()).map(Self).ok_or(InvalidRecurrence::Days)
    }

    /// Whether `date` is one of them.
    pub fn has(&self, date: NaiveDate) -> bool {
        self.0.contains(&date.weekday().num_days_from_monday())
    }

    /// The days in order, 0 = Monday.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }

    /// "Monday and Thursday".
    pub fn in_words(&self) -> String {
        let days: Vec<u32> = self.iter().collect();
        match days.as_slice() {
            [0, 1, 2, 3, 4, 5, 6] => "day".to_owned(),
            [0, 1, 2, 3, 4] => "weekday (Monday to Friday)".to_owned(),
            [first @ .., last] if !first.is_empty() => {
                let first: Vec<&str> = first.iter().map(|day| weekday_name(*day)).collect();
                format!("{} and {}", first.join(", "), weekday_name(*last))
            }
            days => days.iter().map(|day| weekday_name(*day)).collect(),
        }
    }
}

/// The form of the column: "0,3".
impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<String> = self.iter().map(|day| day.to_string()).collect();
        f.write_str(&days.join(","))
    }
}

impl FromStr for Weekdays {
    type Err = InvalidRecurrence;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        Self::of(raw.split(','))
    }
}

impl TryFrom<Vec<u32>> for Weekdays {
    type Error = InvalidRecurrence;

    fn try_from(days: Vec<u32>) -> Result<Self, Self::Error> {
        let days: Vec<String> = days.iter().map(u32::to_string).collect();
        Self::of(days.iter().map(String::as_str))
    }
}

impl From<Weekdays> for Vec<u32> {
    fn from(days: Weekdays) -> Self {
        days.iter().collect()
    }
}
