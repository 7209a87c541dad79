//! How long a job may talk to its device in all, and why so long.

use std::{fmt, str::FromStr, time::Duration};

/// The longest limit that can be chosen, in seconds: a day.
const LONGEST: i32 = 86_400;

/// How many times the slowest good job of late a job may take.
const GENEROSITY: u32 = 5;

/// How many good jobs are looked back on.
pub const LOOKED_BACK: i64 = 10;

/// With fewer good jobs than these nothing is learned.
pub const ENOUGH: i64 = 3;

/// A limit that somebody chose for a device: whole seconds, from one to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimit(i32);

/// A text or number that is no time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A time limit is a number of seconds from 1 to 86400.")]
pub struct InvalidTimeLimit;

impl TimeLimit {
    /// In seconds.
    pub fn seconds(self) -> i32 {
        self.0
    }

    /// As a length of time.
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.0.unsigned_abs()))
    }
}

impl TryFrom<i32> for TimeLimit {
    type Error = InvalidTimeLimit;

    fn try_from(seconds: i32) -> Result<Self, InvalidTimeLimit> {
        if (1..=LONGEST).contains(&seconds) { Ok(Self(seconds)) } else { Err(InvalidTimeLimit) }
    }
}

impl FromStr for TimeLimit {
    type Err = InvalidTimeLimit;

    fn from_str(raw: &str) -> Result<Self, InvalidTimeLimit> {
        raw.trim().parse::<i32>().map_err(|_| InvalidTimeLimit)?.try_into()
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a job's limit is chosen from.
#[derive(Debug, Clone, Copy)]
pub struct Grounds {
    /// The device's own.
    pub device: Option<TimeLimit>,
    /// Its platform's.
    pub platform: Option<Duration>,
    /// The configured one.
    pub configured: Duration,
    /// The least that is ever learned.
    pub floor: Duration,
    /// How long the slowest of its last [`LOOKED_BACK`] good jobs took; `None` when there are not [`ENOUGH`] of them.
    pub slowest: Option<Duration>,
    /// Whether its newest job went well and this one is tried for the first time.
    pub is_steady: bool,
}

/// Whose limit is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The device's own.
    Device,
    /// Its platform's.
    Platform,
    /// The configured one.
    Configured,
    /// The configured one, although the device is known: its last job did not go well, perhaps for want of time.
    Cautious,
    /// What the device's last good jobs took, the slowest so long, and generously more.
    Learned(Duration),
}

/// The limit of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// How long it may talk to the device, all its sessions together.
    pub limit: Duration,
    /// Why.
    pub reason: Reason,
}

impl Chosen {
    /// The limit that `grounds` give: the device's own, else its platform's, else the configured one, which good jobs of
    /// the device may shorten and never lengthen. After a job that did not go well the whole of it is in force, so that a
    /// device which has become slow does not fail for good.
    pub fn from(grounds: &Grounds) -> Self {
        if let Some(own) = grounds.device {
            return Self { limit: own.duration(), reason: Reason::Device };
        }
        if let Some(limit) = grounds.platform {
            return Self { limit, reason: Reason::Platform };
        }
        let configured = |reason| Self { limit: grounds.configured, reason };
        let Some(slowest) = grounds.slowest else { return configured(Reason::Configured) };
        let learned = slowest.saturating_mul(GENEROSITY).max(grounds.floor);
        if learned >= grounds.configured {
            configured(Reason::Configured)
        } else if grounds.is_steady {
            Self { limit: learned, reason: Reason::Learned(slowest) }
        } else {
            configured(Reason::Cautious)
        }
    }
}

impl fmt::Display for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s, ", self.limit.as_secs_f32())?;
        match self.reason {
            Reason::Device => f.write_str("the device's own time limit"),
            Reason::Platform => f.write_str("the time limit of its platform"),
            Reason::Configured => f.write_str("as configured"),
            Reason::Cautious => f.write_str("as configured, because the last try did not go well"),
            Reason::Learned(slowest) => {
                let slowest = slowest.as_secs_f32();
                write!(f, "learned from its last good jobs, the slowest of which took {slowest:.1} s")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grounds() -> impl Strategy<Value = Grounds> {
        let length = |most: u64| (1..most).prop_map(Duration::from_millis);
        (
            proptest::option::of((1..=LONGEST).prop_map(TimeLimit)),
            proptest::option::of(length(10_000_000)),
            length(2_000_000),
            length(100_000),
            proptest::option::of(length(1_000_000)),
            any::<bool>(),
        )
            .prop_map(|(device, platform, configured, floor, slowest, is_steady)| Grounds {
                device,
                platform,
                configured,
                floor,
                slowest,
                is_steady,
            })
    }

    proptest! {
        #[test]
        fn whoever_is_nearer_to_the_device_decides(all in grounds()) {
            let chosen = Chosen::from(&all);
            match (all.device, all.platform) {
                (Some(own), _) => prop_assert_eq!(chosen, Chosen { limit: own.duration(), reason: Reason::Device }),
                (None, Some(limit)) => prop_assert_eq!(chosen, Chosen { limit, reason: Reason::Platform }),
                (None, None) => prop_assert!(chosen.limit <= all.configured, "{:?}", chosen),
            }
        }

        #[test]
        fn what_is_learned_is_generous_and_lies_between_floor_and_configured(all in grounds()) {
            let all = Grounds { device: None, platform: None, ..all };
            let chosen = Chosen::from(&all);
            match chosen.reason {
                Reason::Learned(slowest) => {
                    prop_assert_eq!(Some(slowest), all.slowest);
                    prop_assert!(chosen.limit >= all.floor && chosen.limit < all.configured);
                    prop_assert!(chosen.limit >= slowest * GENEROSITY && all.is_steady);
                }
                Reason::Configured | Reason::Cautious => prop_assert_eq!(chosen.limit, all.configured),
                Reason::Device | Reason::Platform => prop_assert!(false, "{:?}", chosen),
            }
        }

        #[test]
        fn after_a_job_that_did_not_go_well_the_whole_time_is_there(all in grounds()) {
            let all = Grounds { device: None, platform: None, is_steady: false, ..all };
            prop_assert_eq!(Chosen::from(&all).limit, all.configured);
        }

        /// A device that needs `needed` each time, however fast it was before, is not kept from its backup.
        #[test]
        fn a_device_that_becomes_slow_fails_once_at_most(all in grounds(), needed in 1u64..2_000_000) {
            let needed = Duration::from_millis(needed);
            let all = Grounds { device: None, platform: None, ..all };
            prop_assume!(needed <= all.configured);
            let (mut slowest, mut is_steady, mut failures) = (all.slowest, all.is_steady, 0);
            for _ in 0..20 {
                let limit = Chosen::from(&Grounds { slowest, is_steady, ..all }).limit;
                is_steady = needed <= limit;
                if is_steady {
                    slowest = slowest.map(|slowest| slowest.max(needed));
                } else {
                    failures += 1;
                }
            }
            prop_assert!(failures <= 1, "{} failures", failures);
        }
    }

    #[test]
    fn chosen_limits_are_seconds_up_to_a_day() {
        for bad in ["", "0", "-5", "86401", "1.5", "ten"] {
            assert_eq!(bad.parse::<TimeLimit>(), Err(InvalidTimeLimit), "{bad}");
        }
        assert_eq!(" 900 ".parse::<TimeLimit>().map(TimeLimit::duration), Ok(Duration::from_mins(15)));
    }

    #[test]
    fn people_are_told_which_limit_and_why() {
        let seconds = Duration::from_secs;
        let told = |device: Option<i32>, slowest: Option<u64>, is_steady| {
            let device = device.and_then(|it| it.try_into().ok());
            let (platform, configured, floor) = (None, seconds(600), seconds(60));
            let slowest = slowest.map(seconds);
            Chosen::from(&Grounds { device, platform, configured, floor, slowest, is_steady }).to_string()
        };
        assert_eq!(told(Some(900), Some(1), true), "900 s, the device's own time limit");
        assert_eq!(told(None, None, true), "600 s, as configured");
        assert_eq!(told(None, Some(200), true), "600 s, as configured");
        assert_eq!(told(None, Some(1), false), "600 s, as configured, because the last try did not go well");
        let learned = "60 s, learned from its last good jobs, the slowest of which took 1.0 s";
        assert_eq!(told(None, Some(1), true), learned);
    }
}
