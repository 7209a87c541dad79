//! The next slot: one pure function for all kinds.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::Recurrence;

impl Recurrence {
    /// The first moment after `now` at which it falls due; `None` when there is none any more.
    ///
    /// What goes by days fires once in each local day, week, month or year that it names. A time that a clock change
    /// skips falls due at the first moment after the gap, or at the last before it where the gap takes the rest of the day; one that comes twice falls due the first time.
    /// Cron patterns: see [`CronLine`](super::CronLine). Moments have no seconds, and a later `now` never gives an
    /// earlier moment.
    pub fn next_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Immediate => None,
            Self::Once { at, zone } => slot(*zone, at.date(), at.time()).filter(|due| *due > now),
            Self::Every { minutes } => {
                let step = i64::from(*minutes).checked_mul(60)?;
                let due = now.timestamp().div_euclid(step).checked_add(1)?.checked_mul(step)?;
                DateTime::from_timestamp(due, 0)
            }
            Self::Daily { at, zone } => first(*zone, *at, now, days(*zone, now, 4)),
            Self::Weekly { days: on, at, zone } => {
                first(*zone, *at, now, days(*zone, now, 16).filter(|day| on.has(*day)))
            }
            Self::Monthly { day, at, zone } => {
                let month = now.with_timezone(zone).date_naive().with_day(1)?;
                let months = (0..4).filter_map(|ahead| month.checked_add_months(Months::new(ahead)));
                let days = months.filter_map(|month| clamped(month.year(), month.month(), *day));
                first(*zone, *at, now, days)
            }
            Self::Yearly { month, day, at, zone } => {
                let year = now.with_timezone(zone).year();
                let days = (year..=year.checked_add(3)?).filter_map(|year| clamped(year, *month, *day));
                first(*zone, *at, now, days)
            }
            Self::Cron { line, zone } => line.next_after(*zone, now),
        }
    }

    /// Where a schedule begins that is saved or switched on at `now`.
    pub fn first_slot(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if *self == Self::Immediate { Some(now) } else { self.next_after(now) }
    }

    /// The next `count` moments after `now`.
    pub fn upcoming(&self, now: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        std::iter::successors(self.next_after(now), |due| self.next_after(*due)).take(count).collect()
    }
}

/// So many local days from yesterday on.
fn days(zone: Tz, now: DateTime<Utc>, count: usize) -> impl Iterator<Item = NaiveDate> {
    let today = now.with_timezone(&zone).date_naive();
    today.pred_opt().unwrap_or(today).iter_days().take(count)
}

/// The first of these days' slots that lies ahead.
fn first(
    zone: Tz,
    at: NaiveTime,
    now: DateTime<Utc>,
    mut days: impl Iterator<Item = NaiveDate>,
) -> Option<DateTime<Utc>> {
    days.find_map(|day| slot(zone, day, at).filter(|due| *due > now))
}

/// The day of that month, or the month's last one where it is shorter.
fn clamped(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    (1..=day).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day))
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
        .filter_map(|shift| local.checked_add_signed(shift))
        .filter(|moved| moved.date() == day)
        .find_map(|moved| zone.from_local_datetime(&moved).earliest())
        .map(|due| due.with_timezone(&Utc))
}
