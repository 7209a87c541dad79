//! What is told of a device that fails, goes well again, and fails again.

use chrono::{DateTime, Duration, Utc};

use super::{NoticeEvent, TOLD_AGAIN_AFTER};

/// A device that failed anew within a day of its last mail flaps: it is told of when it has been failing for so long.
const SURELY_AFTER: Duration = Duration::hours(4);

/// Since when a device fails, and when people were last told that it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failing {
    /// The first failure after the last success; `None` while it goes well.
    pub since: Option<DateTime<Utc>>,
    /// When people were last told of a failure; it stays after a recovery.
    pub told_at: Option<DateTime<Utc>>,
}

impl Failing {
    /// What it is after one more failure, and what is told of that.
    pub fn failed(self, now: DateTime<Utc>) -> (Self, Option<NoticeEvent>) {
        let since = self.since.unwrap_or(now);
        let is_day_over = self.told_at.is_none_or(|told| now - told >= TOLD_AGAIN_AFTER);
        let event = if self.is_told() {
            is_day_over.then_some(NoticeEvent::StillFailing)
        } else {
            (is_day_over || now - since >= SURELY_AFTER).then_some(NoticeEvent::FirstFailure)
        };
        let told_at = if event.is_some() { Some(now) } else { self.told_at };
        (Self { since: Some(since), told_at }, event)
    }

    /// What it is after a success, and whether that is told: where people know that it failed.
    pub fn went_well(self) -> (Self, Option<NoticeEvent>) {
        (Self { since: None, ..self }, self.is_told().then_some(NoticeEvent::Recovered))
    }

    /// Whether people know that it fails.
    fn is_told(self) -> bool {
        self.since.is_some_and(|since| self.told_at.is_some_and(|told| told >= since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays hours at which a device fails or goes well; gives the hours at which something is told.
    fn told(story: &[(i64, bool)]) -> Vec<(i64, NoticeEvent)> {
        let mut device = Failing::default();
        let mut told = Vec::new();
        for (hour, is_well) in story {
            let now = DateTime::UNIX_EPOCH + Duration::hours(*hour);
            let event;
            (device, event) = if *is_well { device.went_well() } else { device.failed(now) };
            told.extend(event.map(|event| (*hour, event)));
        }
        told
    }

    #[test]
    fn a_failure_is_told_once_and_again_each_day_and_the_recovery_once() {
        let story = [
            (0, true),
            (1, false),
            (2, false),
            (24, false),
            (25, false),
            (49, false),
            (50, true),
            (51, true),
        ];
        assert_eq!(
            told(&story),
            [
                (1, NoticeEvent::FirstFailure),
                (25, NoticeEvent::StillFailing),
                (49, NoticeEvent::StillFailing),
                (50, NoticeEvent::Recovered),
            ]
        );
    }

    // a device that flaps every hour is two mails a day.
    #[test]
    fn a_device_that_flaps_is_told_of_once_a_day() {
        let story: Vec<(i64, bool)> = (0..48).map(|hour| (hour, hour % 2 == 1)).collect();
        assert_eq!(
            told(&story),
            [
                (0, NoticeEvent::FirstFailure),
                (1, NoticeEvent::Recovered),
                (24, NoticeEvent::FirstFailure),
                (25, NoticeEvent::Recovered),
            ]
        );
    }

    #[test]
    fn one_that_fails_anew_and_goes_on_is_told_of_after_four_hours() {
        let story = [(0, false), (1, true), (2, false), (3, false), (6, false), (7, false), (8, true)];
        assert_eq!(
            told(&story),
            [
                (0, NoticeEvent::FirstFailure),
                (1, NoticeEvent::Recovered),
                (6, NoticeEvent::FirstFailure),
                (8, NoticeEvent::Recovered),
            ]
        );
    }
}
