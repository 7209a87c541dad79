//! Schedules: when backups start by themselves.

use std::str::FromStr;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::id::ScheduleId;

/// When a schedule falls due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Recurrence {
    /// Every so many minutes, counted from midnight UTC of 1 January 1970: 1 to 10,080 (a week).
    #[serde(rename = "interval")]
    Every {
        /// The distance.
        minutes: i32,
    },
    /// Once a local day.
    Daily {
        /// The wall clock's time.
        #[serde(with = "hour_and_minute")]
        at: NaiveTime,
        /// Whose wall clock.
        zone: Tz,
    },
}

/// A time of day as `HH:MM`.
mod hour_and_minute {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&at.format("%H:%M"))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        NaiveTime::parse_from_str(&text, "%H:%M").map_err(D::Error::custom)
    }
}

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
}

impl Recurrence {
    /// Every `minutes` minutes.
    pub fn every(minutes: &str) -> Result<Self, InvalidRecurrence> {
        match minutes.trim().parse() {
            Ok(minutes @ 1..=10_080) => Ok(Self::Every { minutes }),
            _ => Err(InvalidRecurrence::Minutes),
        }
    }

    /// Daily at `time` (`HH:MM`) of `zone`'s wall clock.
    pub fn daily(time: &str, zone: &str) -> Result<Self, InvalidRecurrence> {
        let at = NaiveTime::parse_from_str(time.trim(), "%H:%M").map_err(|_| InvalidRecurrence::Time)?;
        let zone = Tz::from_str(zone.trim()).map_err(|_| InvalidRecurrence::Zone(zone.trim().to_owned()))?;
        Ok(Self::Daily { at, zone })
    }

    /// The first moment after `now` at which it falls due; `None` past the calendar's end.
    ///
    /// Daily: exactly once a local day. A time that a clock change skips falls due at the first moment after
    /// the gap; one that comes twice falls due the first time.
    pub fn next_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Every { minutes } => {
                let step = i64::from(*minutes) * 60;
                let due = now.timestamp().div_euclid(step).checked_add(1)?.checked_mul(step)?;
                DateTime::from_timestamp(due, 0)
            }
            Self::Daily { at, zone } => {
                let today = now.with_timezone(zone).date_naive();
                // Yesterday's slot can still lie ahead: a gap at midnight moves it into today.
                [today.pred_opt(), Some(today), today.succ_opt(), today.succ_opt().and_then(|d| d.succ_opt())]
                    .into_iter()
                    .flatten()
                    .filter_map(|day| slot(*zone, day, *at))
                    .find(|due| *due > now)
            }
        }
    }

    /// The next `count` moments after `now`.
    pub fn upcoming(&self, now: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        std::iter::successors(self.next_after(now), |due| self.next_after(*due)).take(count).collect()
    }

    /// In words.
    pub fn in_words(&self) -> String {
        match self {
            Self::Every { minutes: 1 } => "every minute".to_owned(),
            Self::Every { minutes } if minutes % 1440 == 0 && *minutes > 1440 => {
                format!("every {} days", minutes / 1440)
            }
            Self::Every { minutes } if minutes % 60 == 0 && *minutes > 60 => {
                format!("every {} hours", minutes / 60)
            }
            Self::Every { minutes } => format!("every {minutes} minutes"),
            Self::Daily { at, zone } => format!("daily at {} {zone}", at.format("%H:%M")),
        }
    }
}

/// The moment at which `zone`'s wall clock shows `at` on `day`.
fn slot(zone: Tz, day: NaiveDate, at: NaiveTime) -> Option<DateTime<Utc>> {
    let local = day.and_time(at);
    if let Some(due) = zone.from_local_datetime(&local).earliest() {
        return Some(due.with_timezone(&Utc));
    }
    // In a gap: the nearest minute of the same day, later ones first. A gap lasts a day at most (Samoa, 2011);
    // a day that does not exist at all has no slot.
    let minutes = (1..1_440).chain((1..1_440).map(|m| -m)).map(Duration::minutes);
    minutes
        .map(|shift| local + shift)
        .filter(|moved| moved.date() == day)
        .find_map(|moved| zone.from_local_datetime(&moved).earliest())
        .map(|due| due.with_timezone(&Utc))
}

/// A schedule to be added, or the full new state of one that is edited.
#[derive(Debug, Clone)]
pub struct NewSchedule {
    /// For people.
    pub name: String,
    /// When.
    pub recurrence: Recurrence,
    /// Whether it fires.
    pub is_enabled: bool,
}

/// A schedule: backs up all enabled devices when it falls due.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The row.
    pub id: ScheduleId,
    /// For people.
    pub name: String,
    /// When.
    pub recurrence: Recurrence,
    /// Whether it fires.
    pub is_enabled: bool,
    /// The next slot: the truth that the planner goes by. `None` while disabled.
    pub next_run_at: Option<DateTime<Utc>>,
    /// The last slot that fired.
    pub last_run_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Datelike;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_daily_slot_survives_clock_changes() {
        let berlin = Recurrence::daily("02:30", "Europe/Berlin").unwrap();
        // 29 March 2026: 02:00 jumps to 03:00, so the first moment after the gap.
        assert_eq!(berlin.next_after(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T01:00:00Z")));
        // 25 October 2026: 02:30 comes twice; the first one counts, and only that one.
        let autumn = berlin.upcoming(at("2026-10-24T12:00:00Z"), 2);
        assert_eq!(autumn, [at("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z")]);
    }

    #[test]
    fn intervals_are_counted_from_fixed_points() {
        let quarter = Recurrence::every("15").unwrap();
        assert_eq!(quarter.next_after(at("2026-03-01T12:00:00Z")), Some(at("2026-03-01T12:15:00Z")));
        assert_eq!(quarter.next_after(at("2026-03-01T12:14:59Z")), Some(at("2026-03-01T12:15:00Z")));
    }

    #[test]
    fn bad_input_is_told_with_the_way_out() {
        assert_eq!(Recurrence::every("0"), Err(InvalidRecurrence::Minutes));
        assert_eq!(Recurrence::daily("25:00", "UTC"), Err(InvalidRecurrence::Time));
        assert_eq!(
            Recurrence::daily("02:00", "Mars/Base").unwrap_err().to_string(),
            "\"Mars/Base\" is not a time zone; use an IANA name such as Europe/Berlin or UTC."
        );
    }

    proptest! {
        /// Every zone, 2024 to 2037: one slot for each local day that exists, in order, never two on one day.
        #[test]
        fn a_daily_schedule_fires_once_each_local_day(
            zone in proptest::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
            hour in 0u32..24,
            minute in 0u32..60,
            start in 1_704_067_200i64..2_145_916_800,
        ) {
            let rule = Recurrence::Daily { at: NaiveTime::from_hms_opt(hour, minute, 0).unwrap(), zone };
            let slots = rule.upcoming(DateTime::from_timestamp(start, 0).unwrap(), 400);
            for pair in slots.windows(2) {
                let days: Vec<_> = pair.iter().map(|s| s.with_timezone(&zone).date_naive().num_days_from_ce()).collect();
                prop_assert_eq!(days[1] - days[0], 1, "{:?} in {}", pair, zone);
            }
        }
    }
}
