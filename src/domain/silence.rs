//! What should have happened and has not: silence is told like a failure.

use chrono::{DateTime, Duration, Utc};

use super::{
    id::{DeviceId, ScheduleId},
    schedule::{Recurrence, Schedule},
    text_enum,
};

text_enum! {
    /// The ways of being silent.
    pub enum SilenceKind {
        /// Devices have had no good backup for two of their intervals.
        Overdue = "overdue",
        /// Schedules mean no device.
        Unmatched = "unmatched",
        /// Nothing has been planned for minutes.
        NotPlanned = "not_planned",
        /// A node fell silent at work.
        Vanished = "vanished",
        /// Lines of the audit trail wait for the log server.
        Unsent = "unsent",
    }
}

/// Something that should have happened and has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// Enabled devices without a good backup for more than two of their intervals.
    Overdue {
        /// How many.
        count: i64,
        /// Some of them, by name.
        some: Vec<(DeviceId, String)>,
    },
    /// Enabled schedules that mean no enabled device.
    Unmatched {
        /// How many.
        count: i64,
        /// Some of them, by name.
        some: Vec<(ScheduleId, String)>,
    },
    /// No node has planned anything since.
    NotPlanned {
        /// By the database's clock.
        since: DateTime<Utc>,
    },
    /// A node that had jobs in hand says nothing any more.
    Vanished {
        /// Its machine.
        host: String,
        /// Its process.
        pid: i64,
        /// How many jobs it had.
        jobs: i32,
        /// Since when, by the database's clock.
        since: DateTime<Utc>,
    },
    /// Lines of the audit trail that the log server does not take.
    Unsent {
        /// How many.
        count: i64,
        /// When the first of them was written.
        since: DateTime<Utc>,
    },
}

/// Lines that have waited for the log server for so long are told.
pub const UNSENT_AFTER: Duration = Duration::minutes(15);

/// How many are named.
pub const NAMED: i64 = 5;

fn number(count: i64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

fn named<T>(some: &[(T, String)], count: i64) -> String {
    let names: Vec<&str> = some.iter().map(|(_, name)| name.as_str()).collect();
    let more = usize::try_from(count).unwrap_or_default().saturating_sub(names.len());
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

impl Silence {
    /// Which way.
    pub fn kind(&self) -> SilenceKind {
        match self {
            Self::Overdue { .. } => SilenceKind::Overdue,
            Self::Unmatched { .. } => SilenceKind::Unmatched,
            Self::NotPlanned { .. } => SilenceKind::NotPlanned,
            Self::Vanished { .. } => SilenceKind::Vanished,
            Self::Unsent { .. } => SilenceKind::Unsent,
        }
    }

    /// What is silent.
    pub fn title(&self) -> String {
        match self {
            Self::Overdue { count, .. } => format!("{} overdue", number(*count, "device")),
            Self::Unmatched { count: 1, .. } => "1 schedule means no device".to_owned(),
            Self::Unmatched { count, .. } => format!("{count} schedules mean no device"),
            Self::NotPlanned { .. } => "Nothing is planned any more".to_owned(),
            Self::Vanished { host, pid, .. } => format!("A node on {host} (process {pid}) has vanished"),
            Self::Unsent { count, .. } => {
                format!("{} of the audit trail not at the log server", number(*count, "line"))
            }
        }
    }

    /// Since when or which, and the way out.
    pub fn text(&self) -> String {
        let at = |since: &DateTime<Utc>| since.format("%-d %b %Y, %H:%M UTC").to_string();
        match self {
            Self::Overdue { count, some } => format!(
                "No good backup for more than two intervals of their schedule: {}. Look at their last jobs, at black-outs, \
                 and whether automatic backups are on.",
                named(some, *count)
            ),
            Self::Unmatched { count, some } => format!(
                "{}: no enabled device is meant, or whoever saved it may not start backups any more. Change whom it means, \
                 or switch it off.",
                named(some, *count)
            ),
            Self::NotPlanned { since } => format!(
                "No schedule has been looked at since {}. See whether the database takes writes, and the log of the \
                 program; a restart helps when the planner hangs.",
                at(since)
            ),
            Self::Vanished { jobs, since, .. } => format!(
                "It has said nothing since {} and had {} in hand, which other nodes take over. See why it ended; this \
                 note goes an hour after its last word.",
                at(since),
                number((*jobs).into(), "job")
            ),
            Self::Unsent { since, .. } => format!(
                "The first was written at {}. See whether the log server runs and takes the way that the settings name; the \
                 log of the program says what went wrong. Nothing is lost: the lines are sent when it answers.",
                at(since)
            ),
        }
    }
}

impl Recurrence {
    /// So many slots ahead tell how far apart they lie at most.
    const LOOKED_AT: usize = 8;

    /// The longest time between two slots to come; `None` where there are not two.
    pub fn interval(&self, now: DateTime<Utc>) -> Option<Duration> {
        let slots = self.upcoming(now, Self::LOOKED_AT);
        slots.iter().zip(slots.iter().skip(1)).map(|(one, next)| *next - *one).max()
    }
}

/// Schedules that have the same interval, and the time before which a device's last good backup is overdue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Two intervals ago.
    pub before: DateTime<Utc>,
    /// The schedules.
    pub schedules: Vec<ScheduleId>,
}

/// What each of these schedules allows: one entry for each length of interval, so that one query asks about all.
pub fn allowed(schedules: &[Schedule], now: DateTime<Utc>) -> Vec<Allowed> {
    let mut all: Vec<Allowed> = Vec::new();
    for schedule in schedules {
        let Some(interval) = schedule.recurrence.interval(now) else { continue };
        let before = now.checked_sub_signed(interval * 2).unwrap_or(DateTime::<Utc>::MIN_UTC);
        match all.iter_mut().find(|one| one.before == before) {
            Some(one) => one.schedules.push(schedule.id),
            None => all.push(Allowed { before, schedules: vec![schedule.id] }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_counts() {
        let now: DateTime<Utc> = "2026-03-06T12:00:00Z".parse().unwrap();
        let hours = |recurrence: Recurrence| recurrence.interval(now).map(|gap| gap.num_hours());
        assert_eq!(hours(Recurrence::every("60").unwrap()), Some(1));
        assert_eq!(hours(Recurrence::weekly("0,1,2,3,4", "02:00", "UTC").unwrap()), Some(72));
        assert_eq!(hours(Recurrence::daily("02:30", "Europe/Berlin").unwrap()), Some(24));
        assert_eq!(hours(Recurrence::Immediate), None);
    }

    #[test]
    fn what_is_silent_is_told_with_names_and_the_way_out() {
        let some = vec![(DeviceId(1), "core-1".to_owned()), (DeviceId(2), "core-2".to_owned())];
        let overdue = Silence::Overdue { count: 7, some };
        assert_eq!(overdue.title(), "7 devices overdue");
        assert!(overdue.text().contains("core-1, core-2 and 5 more"), "{}", overdue.text());
    }
}
