//! The next runs of a schedule, with what clock changes do to them.

use chrono::{DateTime, FixedOffset, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use crate::{domain::schedule::Recurrence, web::parts::Moment};

/// How many runs are shown ahead.
const AHEAD: usize = 10;

/// A run to come.
#[derive(Debug)]
pub struct Run {
    /// In UTC.
    pub utc: Moment,
    /// By the schedule's wall clock; empty when that is UTC.
    pub local: String,
    /// What is unusual about it; empty when nothing is.
    pub remark: String,
}

/// The wall clock that a recurrence goes by, and the time it is to show.
fn clock(recurrence: &Recurrence) -> Option<(Tz, NaiveTime)> {
    match recurrence {
        Recurrence::Every { .. } | Recurrence::Daily { zone: Tz::UTC, .. } => None,
        Recurrence::Daily { at, zone } => Some((*zone, *at)),
    }
}

/// `at` by the recurrence's wall clock: "Sun 29 Mar 2026, 03:00 CEST"; empty when that is UTC.
pub fn local(recurrence: &Recurrence, at: DateTime<Utc>) -> String {
    clock(recurrence).map_or_else(String::new, |(zone, _)| {
        at.with_timezone(&zone).format("%a %-d %b %Y, %H:%M %Z").to_string()
    })
}

/// The runs after `now`.
pub fn next(recurrence: &Recurrence, now: DateTime<Utc>) -> Vec<Run> {
    let mut before = clock(recurrence).map(|(zone, _)| offset(zone, now));
    recurrence
        .upcoming(now, AHEAD)
        .into_iter()
        .map(|at| {
            let mut remark = String::new();
            if let Some((zone, due)) = clock(recurrence) {
                let shown = at.with_timezone(&zone);
                let now = offset(zone, at);
                let mut told = Vec::new();
                if before.replace(now).is_some_and(|before| before != now) {
                    told.push(format!("The clocks have changed: UTC{now} from here on."));
                }
                if shown.time() != due {
                    told.push(format!("{} does not exist on this day.", due.format("%H:%M")));
                }
                remark = told.join(" ");
            }
            Run { utc: Moment::exact(at), local: local(recurrence, at), remark }
        })
        .collect()
}

fn offset(zone: Tz, at: DateTime<Utc>) -> FixedOffset {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn remarks(time: &str, zone: &str, now: &str) -> Vec<String> {
        let recurrence = Recurrence::daily(time, zone).unwrap();
        next(&recurrence, at(now)).into_iter().map(|run| run.remark).collect()
    }

    #[test]
    fn a_clock_change_is_remarked_once() {
        let told = remarks("12:00", "Europe/Berlin", "2026-03-27T00:00:00Z");
        assert_eq!(told.len(), AHEAD);
        let loud: Vec<_> = told.iter().enumerate().filter(|(_, text)| !text.is_empty()).collect();
        assert_eq!(loud, [(2, &"The clocks have changed: UTC+02:00 from here on.".to_owned())]);
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_remarked() {
        let told = remarks("02:30", "Europe/Berlin", "2026-03-28T12:00:00Z");
        assert_eq!(
            told.first().map(String::as_str),
            Some("The clocks have changed: UTC+02:00 from here on. 02:30 does not exist on this day.")
        );
        assert!(told.iter().skip(1).all(String::is_empty));
    }

    #[test]
    fn utc_needs_no_second_clock() {
        for recurrence in [Recurrence::every("30").unwrap(), Recurrence::daily("02:00", "UTC").unwrap()] {
            let runs = next(&recurrence, at("2026-03-28T12:00:00Z"));
            assert!(runs.iter().all(|run| run.local.is_empty() && run.remark.is_empty()));
        }
        let berlin = Recurrence::daily("02:00", "Europe/Berlin").unwrap();
        assert_eq!(local(&berlin, at("2026-11-22T01:00:00Z")), "Sun 22 Nov 2026, 02:00 CET");
    }
}
