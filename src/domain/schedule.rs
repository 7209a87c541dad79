//! Schedules: when backups start by themselves, of which devices, and when they may not.

mod ahead;
mod blackout;
mod cron;
mod next;
mod parse;
mod recurrence;
mod words;

pub use ahead::Ahead;
pub use blackout::{Blackout, InvalidWindow, NewBlackout, Window};
pub use cron::CronLine;
pub use parse::{
    InvalidRecurrence, Weekdays, day_of_month, parse_date, parse_time, parse_zone, weekday_name,
};
pub use recurrence::{Kind, Recurrence};

use chrono::{DateTime, Duration, Utc};

use super::{
    access::Actor,
    id::{BatchId, DeviceId, ScheduleId, TagId, UserId},
    job::{JobState, Outcome},
    text_enum,
};

text_enum! {
    /// How a schedule says which devices it means.
    pub enum Aim {
        /// All enabled ones.
        All = "all",
        /// The enabled ones with one of its tags.
        Tags = "tags",
        /// The enabled ones among those it names.
        Devices = "devices",
    }
}

/// Which devices a schedule means; disabled and deleted ones never count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets {
    /// All.
    All,
    /// Those with at least one of these tags.
    Tags(Vec<TagId>),
    /// These.
    Devices(Vec<DeviceId>),
}

impl Targets {
    /// Which of the three ways it is.
    pub fn aim(&self) -> Aim {
        match self {
            Self::All => Aim::All,
            Self::Tags(_) => Aim::Tags,
            Self::Devices(_) => Aim::Devices,
        }
    }
}

/// A schedule to be added, or the full new state of one that is edited.
#[derive(Debug, Clone)]
pub struct NewSchedule {
    /// For people.
    pub name: String,
    /// Free words.
    pub description: String,
    /// When.
    pub recurrence: Recurrence,
    /// Of which devices.
    pub targets: Targets,
    /// Whether it fires.
    pub is_enabled: bool,
    /// A slot missed for longer than this is not made up for.
    pub grace_minutes: i32,
    /// How long its job logs stay; `None` = as the setting says.
    pub retention_days: Option<i32>,
    /// Over how many minutes the starts of a slot's jobs are spread; 0 = all at once.
    pub spread_minutes: i32,
}

impl NewSchedule {
    /// An enabled schedule of all devices that makes up for an hour.
    pub fn new(name: impl Into<String>, recurrence: Recurrence) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            recurrence,
            targets: Targets::All,
            is_enabled: true,
            grace_minutes: 60,
            retention_days: None,
            spread_minutes: 0,
        }
    }
}

/// Who answers for a schedule: its jobs have that person's rights (S-39).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The person; `None` for the console, and for a person who has been deleted.
    pub user: Option<UserId>,
    /// The name.
    pub name: String,
}

impl From<&Actor> for Owner {
    fn from(actor: &Actor) -> Self {
        Self { user: actor.user, name: actor.name.clone() }
    }
}

/// A schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The row.
    pub id: ScheduleId,
    /// For people.
    pub name: String,
    /// Free words.
    pub description: String,
    /// When.
    pub recurrence: Recurrence,
    /// How it says which devices it means.
    pub aim: Aim,
    /// Whether it fires.
    pub is_enabled: bool,
    /// A slot missed for longer than this is not made up for.
    pub grace_minutes: i32,
    /// How long its job logs stay; `None` = as the setting says.
    pub retention_days: Option<i32>,
    /// Over how many minutes the starts of a slot's jobs are spread; 0 = all at once.
    pub spread_minutes: i32,
    /// Who saved it last: its jobs have that person's rights.
    pub owner: Owner,
    /// Counts edits.
    pub version: i32,
    /// The next slot: the truth that the planner goes by. `None` while disabled.
    pub next_run_at: Option<DateTime<Utc>>,
    /// The last slot that brought jobs.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When it was last saved.
    pub updated_at: DateTime<Utc>,
}

/// The slots of a schedule that have passed since one that was found due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// The newest of them.
    pub newest: DateTime<Utc>,
    /// How many came before it; at least so many where `is_more`.
    pub older: usize,
    /// Whether counting was given up.
    pub is_more: bool,
    /// Whether even the newest is past its grace time.
    pub is_late: bool,
}

impl Schedule {
    /// Over which time the starts of a slot's jobs are spread.
    pub fn spread(&self) -> Duration {
        Duration::minutes(i64::from(self.spread_minutes))
    }

    /// So many passed slots are counted, then there are "more".
    const COUNTED: usize = 1_000;

    /// Looks at what has passed from `slot` up to `now`. The work is bounded, however long the standstill.
    pub fn passed(&self, slot: DateTime<Utc>, now: DateTime<Utc>) -> Passed {
        let grace = Duration::minutes(i64::from(self.grace_minutes));
        let step = |from: DateTime<Utc>| self.recurrence.next_after(from).filter(|next| *next <= now);
        let (mut newest, mut older) = (slot, 0);
        while older < Self::COUNTED
            && let Some(next) = step(newest)
        {
            (newest, older) = (next, older + 1);
        }
        let is_more = step(newest).is_some();
        if is_more {
            // What the grace time still allows is found from its beginning.
            let mut from = newest.max(now - grace);
            while let Some(next) = step(from) {
                (newest, from) = (next, next);
            }
        }
        Passed { newest, older, is_more, is_late: now - newest > grace }
    }
}

text_enum! {
    /// The columns by which schedules can be ordered.
    pub enum ScheduleOrder {
        /// By name.
        Name = "name",
        /// The one that falls due next first.
        Next = "next",
        /// The one that ran last first.
        Last = "last",
        /// The one added last first.
        Newest = "newest",
    }
}

/// Which schedules a list shows.
#[derive(Debug, Clone, Default)]
pub struct ScheduleFilter {
    /// A piece of the name or the description.
    pub text: Option<String>,
    /// One kind of times.
    pub kind: Option<Kind>,
    /// Enabled or disabled ones only.
    pub is_enabled: Option<bool>,
    /// Those that mean this device.
    pub device: Option<DeviceId>,
    /// Those that name this tag.
    pub tag: Option<String>,
    /// Those that this person answers for, by name.
    pub owner: Option<String>,
    /// The order; by name when `None`.
    pub order: Option<ScheduleOrder>,
}

/// What came of one slot, or of one start out of turn.
#[derive(Debug, Clone)]
pub struct Firing {
    /// The batch.
    pub batch: BatchId,
    /// The slot; `None` when a person started it.
    pub slot: Option<DateTime<Utc>>,
    /// When that happened.
    pub at: DateTime<Utc>,
    /// By whom or what.
    pub started_by: String,
    /// Why it brought no jobs.
    pub note: Option<String>,
    /// How many jobs stand how.
    pub jobs: Vec<(JobState, Option<Outcome>, i64)>,
}

#[cfg(test)]
mod tests;
