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
