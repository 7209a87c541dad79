//! The next runs of a schedule, with what clock changes do to them.

use chrono::{DateTime, FixedOffset, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::Recurrence;

/// A run to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// When.
    pub at: DateTime<Utc>,
    /// By the schedule's wall clock; empty when that is UTC.
    pub local: String,
    /// What clock changes do to it; empty when nothing.
    pub remark: String,
}

impl Recurrence {
    /// `at` by its wall clock: "Sun 29 Mar 2026, 03:00 CEST"; empty when that is UTC.
    pub fn local(&self, at: DateTime<Utc>) -> String {
        match self.clock() {
            None | Some((Tz::UTC, _)) => String::new(),
            Some((zone, _)) => at.with_timezone(&zone).format("%a %-d %b %Y, %H:%M %Z").to_string(),
        }
    }

    /// The `count` runs after `now`.
    pub fn ahead(&self, now: DateTime<Utc>, count: usize) -> Vec<Ahead> {
        let mut before = self.clock().map(|(zone, _)| offset(zone, now));
        self.upcoming(now, count)
            .into_iter()
            .map(|at| {
                let mut told = Vec::new();
                if let Some((zone, due)) = self.clock() {
                    let now = offset(zone, at);
                    if before.replace(now).is_some_and(|before| before != now) {
                        told.push(format!("The clocks have changed: UTC{now} from here on."));
                    }
                    let shown = at.with_timezone(&zone).time();
                    if let Some(due) = due.filter(|due| *due != shown) {
                        told.push(format!("{} does not exist on this day.", due.format("%H:%M")));
                    }
                    if is_first_of_two(zone, at) {
                        told.push(format!(
                            "{} comes twice on this day; this is the first.",
                            shown.format("%H:%M")
                        ));
                    }
                }
                Ahead { at, local: self.local(at), remark: told.join(" ") }
            })
            .collect()
    }
}

fn offset(zone: Tz, at: DateTime<Utc>) -> FixedOffset {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix()
}

/// Whether the wall clock shows this time again later on.
fn is_first_of_two(zone: Tz, at: DateTime<Utc>) -> bool {
    let local = at.with_timezone(&zone).naive_local();
    match zone.from_local_datetime(&local) {
        chrono::LocalResult::Ambiguous(first, _) => first == at,
        chrono::LocalResult::Single(_) | chrono::LocalResult::None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rule: &Recurrence, now: &str, count: usize) -> Vec<(String, String)> {
        let ahead = rule.ahead(now.parse().unwrap(), count);
        ahead.into_iter().map(|run| (run.local, run.remark)).collect()
    }

    fn run(local: &str, remark: &str) -> (String, String) {
        (local.to_owned(), remark.to_owned())
    }

    #[test]
    fn the_night_with_an_hour_less_is_told_once_with_what_it_does() {
        let rule = Recurrence::daily("02:30", "Europe/Berlin").unwrap();
        assert_eq!(
            told(&rule, "2026-03-27T12:00:00Z", 3),
            [
                run("Sat 28 Mar 2026, 02:30 CET", ""),
                run(
                    "Sun 29 Mar 2026, 03:00 CEST",
                    "The clocks have changed: UTC+02:00 from here on. 02:30 does not exist on this day."
                ),
                run("Mon 30 Mar 2026, 02:30 CEST", ""),
            ]
        );
    }

    #[test]
    fn the_night_with_an_hour_more_runs_the_first_time_and_says_so() {
        let rule = Recurrence::daily("02:30", "Europe/Berlin").unwrap();
        assert_eq!(
            told(&rule, "2026-10-24T12:00:00Z", 2),
            [
                run("Sun 25 Oct 2026, 02:30 CEST", "02:30 comes twice on this day; this is the first."),
                run("Mon 26 Oct 2026, 02:30 CET", "The clocks have changed: UTC+01:00 from here on."),
            ]
        );
    }

    #[test]
    fn a_change_between_two_runs_is_told_at_the_next_one_and_nothing_where_there_is_none() {
        let weekly = Recurrence::weekly("2", "12:00", "America/New_York").unwrap();
        let remarks: Vec<String> =
            told(&weekly, "2026-03-01T00:00:00Z", 3).into_iter().map(|(_, remark)| remark).collect();
        assert_eq!(remarks, ["", "The clocks have changed: UTC-04:00 from here on.", ""]);
        for still in [
            Recurrence::daily("02:30", "UTC").unwrap(),
            Recurrence::daily("02:30", "Asia/Tokyo").unwrap(),
            Recurrence::every("60").unwrap(),
        ] {
            let runs = told(&still, "2026-03-28T12:00:00Z", 10);
            assert_eq!(runs.len(), 10);
            assert!(runs.iter().all(|(_, remark)| remark.is_empty()), "{runs:?}");
        }
        let hourly = told(&Recurrence::every("60").unwrap(), "2026-03-28T12:00:00Z", 1);
        assert_eq!(hourly[0].0, "", "an interval has no wall clock");
    }
}
