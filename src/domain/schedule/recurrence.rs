//! All kinds of times.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{CronLine, InvalidRecurrence, Weekdays, day_of_month, parse_date, parse_time, parse_zone};
use crate::domain::text_enum;

text_enum! {
    /// The kinds of times, as in the column `schedules.kind`.
    pub enum Kind {
        /// Right away, once.
        Immediate = "immediate",
        /// At a date and time, once.
        Once = "once",
        /// Every so many minutes.
        Interval = "interval",
        /// Once a day.
        Daily = "daily",
        /// On days of the week.
        Weekly = "weekly",
        /// On a day of the month.
        Monthly = "monthly",
        /// On a day of the year.
        Yearly = "yearly",
        /// As a cron pattern says.
        Cron = "cron",
    }
}

/// When a schedule falls due. Times are of the zone's wall clock, to the minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Recurrence {
    /// Once, when it is saved or switched on.
    Immediate,
    /// Once.
    Once {
        /// Date and time.
        #[serde(with = "minute")]
        at: NaiveDateTime,
        /// Whose wall clock.
        zone: Tz,
    },
    /// Every so many minutes, counted from midnight UTC of 1 January 1970: 1 to 10,080 (a week).
    #[serde(rename = "interval")]
    Every {
        /// The distance.
        minutes: i32,
    },
    /// Once a local day.
    Daily {
        /// The time of day.
        #[serde(with = "hour_and_minute")]
        at: NaiveTime,
        /// Whose wall clock.
        zone: Tz,
    },
    /// On each of these days of the week.
    Weekly {
        /// The days.
        days: Weekdays,
        /// The time of day.
        #[serde(with = "hour_and_minute")]
        at: NaiveTime,
        /// Whose wall clock.
        zone: Tz,
    },
    /// Once a month; where a month is too short, on its last day.
    Monthly {
        /// 1 to 31.
        day: u32,
        /// The time of day.
        #[serde(with = "hour_and_minute")]
        at: NaiveTime,
        /// Whose wall clock.
        zone: Tz,
    },
    /// Once a year; 29 February falls on the 28th in common years.
    Yearly {
        /// 1 to 12.
        month: u32,
        /// A day that the month has.
        day: u32,
        /// The time of day.
        #[serde(with = "hour_and_minute")]
        at: NaiveTime,
        /// Whose wall clock.
        zone: Tz,
    },
    /// As a cron pattern of five fields says.
    Cron {
        /// The pattern.
        line: CronLine,
        /// Whose wall clock.
        zone: Tz,
    },
}

/// A time of day as `HH:MM`.
mod hour_and_minute {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    pub(super) fn serialize<S: Serializer>(at: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&at.format("%H:%M"))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        NaiveTime::parse_from_str(&text, "%H:%M").map_err(D::Error::custom)
    }
}

/// A date and time as `YYYY-MM-DDTHH:MM`.
mod minute {
    use chrono::NaiveDateTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &NaiveDateTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&at.format("%Y-%m-%dT%H:%M"))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<NaiveDateTime, D::Error> {
        let text = String::deserialize(from)?;
        NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M").map_err(D::Error::custom)
    }
}

impl Recurrence {
    /// Once, on `date` at `time` of `zone`'s wall clock.
    pub fn once(date: &str, time: &str, zone: &str) -> Result<Self, InvalidRecurrence> {
        Ok(Self::Once { at: parse_date(date)?.and_time(parse_time(time)?), zone: parse_zone(zone)? })
    }

    /// Every `minutes` minutes.
    pub fn every(minutes: &str) -> Result<Self, InvalidRecurrence> {
        match minutes.trim().parse() {
            Ok(minutes @ 1..=10_080) => Ok(Self::Every { minutes }),
            _ => Err(InvalidRecurrence::Minutes),
        }
    }

    /// Daily at `time` (`HH:MM`) of `zone`'s wall clock.
    pub fn daily(time: &str, zone: &str) -> Result<Self, InvalidRecurrence> {
        Ok(Self::Daily { at: parse_time(time)?, zone: parse_zone(zone)? })
    }

    /// On each of `days`, numbers (0 = Monday) or names separated by commas.
    pub fn weekly(days: &str, time: &str, zone: &str) -> Result<Self, InvalidRecurrence> {
        Ok(Self::Weekly { days: days.parse()?, at: parse_time(time)?, zone: parse_zone(zone)? })
    }

    /// On `day` of each month.
    pub fn monthly(day: &str, time: &str, zone: &str) -> Result<Self, InvalidRecurrence> {
        Ok(Self::Monthly { day: day_of_month(day)?, at: parse_time(time)?, zone: parse_zone(zone)? })
    }

    /// On `day` of `month` of each year.
    pub fn yearly((month, day): (&str, &str), time: &str, zone: &str) -> Result<Self, InvalidRecurrence> {
        let month = month.trim().parse().map_err(|_| InvalidRecurrence::DayOfYear)?;
        let day = day.trim().parse().map_err(|_| InvalidRecurrence::DayOfYear)?;
        // A leap year has every day that any year has.
        NaiveDate::from_ymd_opt(2024, month, day).ok_or(InvalidRecurrence::DayOfYear)?;
        Ok(Self::Yearly { month, day, at: parse_time(time)?, zone: parse_zone(zone)? })
    }

    /// As the cron pattern `line` says.
    pub fn cron(line: &str, zone: &str) -> Result<Self, InvalidRecurrence> {
        Ok(Self::Cron { line: line.parse()?, zone: parse_zone(zone)? })
    }

    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Immediate => Kind::Immediate,
            Self::Once { .. } => Kind::Once,
            Self::Every { .. } => Kind::Interval,
            Self::Daily { .. } => Kind::Daily,
            Self::Weekly { .. } => Kind::Weekly,
            Self::Monthly { .. } => Kind::Monthly,
            Self::Yearly { .. } => Kind::Yearly,
            Self::Cron { .. } => Kind::Cron,
        }
    }

    /// The wall clock it goes by, with the time of day it is to show where there is one; `None` where only UTC counts.
    pub fn clock(&self) -> Option<(Tz, Option<NaiveTime>)> {
        match self {
            Self::Immediate | Self::Every { .. } => None,
            Self::Once { at, zone } => Some((*zone, Some(at.time()))),
            Self::Daily { at, zone }
            | Self::Weekly { at, zone, .. }
            | Self::Monthly { at, zone, .. }
            | Self::Yearly { at, zone, .. } => Some((*zone, Some(*at))),
            Self::Cron { zone, .. } => Some((*zone, None)),
        }
    }
}
