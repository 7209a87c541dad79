//! Cron patterns.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use serde::{Deserialize, Serialize};

use super::InvalidRecurrence;

/// A cron pattern of five fields that fires at least once: minute, hour, day of the month, month, day of the week.
///
/// Where both days are given, either one will do, as in Vixie cron. When clocks change: a pattern with one minute and
/// one hour ("30 2 * * *") goes by the same rule as all other kinds, at the first moment after a gap, and at the first
/// of two equal times. One with several minutes or hours ("*/30 * * * *", "30 2,14 * * *") differs on purpose: times in
/// a gap are left out and times that come twice fire twice, so that what is to run every half hour does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CronLine {
    text: String,
    cron: Box<Cron>,
}

impl CronLine {
    /// A pattern is longer than this by mistake only.
    const LONGEST: usize = 200;

    /// The pattern, its fields separated by single spaces.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first moment after `now` that matches on `zone`'s wall clock.
    pub(super) fn next_after(&self, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let found = self.cron.find_next_occurrence(&now.with_timezone(&zone), false).ok()?;
        Some(found.with_timezone(&Utc)).filter(|due| *due > now)
    }
}

impl FromStr for CronLine {
    type Err = InvalidRecurrence;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let wrong = |why: &str| InvalidRecurrence::Cron(why.to_owned());
        let fields: Vec<&str> = raw.split_whitespace().collect();
        if fields.len() != 5 || raw.len() > Self::LONGEST {
            return Err(wrong(
                "Give five fields: minute, hour, day of the month, month, day of the week, for example 30 2 * * 1-5.",
            ));
        }
        let text = fields.join(" ");
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(&text).map_err(|error| {
            InvalidRecurrence::Cron(format!("This is not a cron pattern. {error} An example: 30 2 * * 1-5."))
        })?;
        let line = Self { text, cron: Box::new(cron) };
        // From any moment on: what does not match within centuries never does.
        let matches = line.next_after(Tz::UTC, DateTime::UNIX_EPOCH);
        matches.ok_or_else(|| wrong("This pattern never falls due: no year has such a day."))?;
        Ok(line)
    }
}

impl fmt::Display for CronLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for CronLine {
    type Error = InvalidRecurrence;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CronLine> for String {
    fn from(line: CronLine) -> Self {
        line.text
    }
}
