//! Times in which no schedule starts anything.

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{InvalidRecurrence, Weekdays, parse_time, parse_zone};
use crate::domain::id::{BlackoutId, ScheduleId};

/// A time of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The days on which it begins.
    pub days: Weekdays,
    /// When it begins.
    pub starts: NaiveTime,
    /// When it ends; not after the beginning means on the next day.
    pub ends: NaiveTime,
    /// Whose wall clock.
    pub zone: Tz,
}

/// What is wrong with a window, and in which field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct InvalidWindow {
    /// `days`, `starts`, `ends` or `zone`.
    pub field: &'static str,
    /// What.
    pub why: InvalidRecurrence,
}

impl Window {
    /// From what people type; all that is wrong at once.
    pub fn parse(
        days: &[String],
        (starts, ends): (&str, &str),
        zone: &str,
    ) -> Result<Self, Vec<InvalidWindow>> {
        let days = Weekdays::of(days.iter().map(String::as_str));
        let (starts, ends, zone) = (parse_time(starts), parse_time(ends), parse_zone(zone));
        match (days, starts, ends, zone) {
            (Ok(days), Ok(starts), Ok(ends), Ok(zone)) => Ok(Self { days, starts, ends, zone }),
            (days, starts, ends, zone) => {
                let wrong = [
                    ("days", days.err()),
                    ("starts", starts.err()),
                    ("ends", ends.err()),
                    ("zone", zone.err()),
                ];
                let told =
                    wrong.into_iter().filter_map(|(field, why)| Some(InvalidWindow { field, why: why? }));
                Err(told.collect())
            }
        }
    }

    /// Whether it is on at `at`: from its first minute, up to its last.
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        let local = at.with_timezone(&self.zone).naive_local();
        let (today, time) = (local.date(), local.time());
        if self.starts < self.ends {
            return self.days.has(today) && (self.starts..self.ends).contains(&time);
        }
        let since_yesterday = today.pred_opt().is_some_and(|day| self.days.has(day)) && time < self.ends;
        since_yesterday || (self.days.has(today) && time >= self.starts)
    }

    /// "every Monday from 22:00 to 04:00 of the next day, Europe/Berlin".
    pub fn in_words(&self) -> String {
        let next = if self.starts < self.ends { "" } else { " of the next day" };
        let (starts, ends) = (self.starts.format("%H:%M"), self.ends.format("%H:%M"));
        format!("every {} from {starts} to {ends}{next}, {}", self.days.in_words(), self.zone)
    }
}

/// A black-out to be added, or the full new state of one that is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlackout {
    /// For people.
    pub name: String,
    /// The schedule that it stops; `None` = all.
    pub schedule: Option<ScheduleId>,
    /// When.
    pub window: Window,
}

/// A time in which no schedule, or one, starts anything.
#[derive(Debug, Clone)]
pub struct Blackout {
    /// The row.
    pub id: BlackoutId,
    /// For people.
    pub name: String,
    /// The schedule that it stops, with its name; `None` = all.
    pub schedule: Option<(ScheduleId, String)>,
    /// When.
    pub window: Window,
}
