//! When a failed job is tried again by itself, and how long it waits.

use chrono::Duration;

use super::{
    failure::{Failure, FailureClass, Stage},
    id::JobId,
};

/// The first wait; each further one is four times as long.
const FIRST: i64 = 30;

/// The longest wait.
const LONGEST: i64 = 3_600;

/// How far a wait may be off its length, in parts of a thousand: jobs that failed together do not come back together.
const JITTER: i64 = 200;

/// The most times that a job which failed for this reason is tried again by itself.
///
/// What may pass is tried again. What a person has to see to is not: a wrong password that is repeated locks an account
/// and a changed host key or an unknown command does not change by waiting. Nor is a session that broke while a
/// password was on its way: nobody knows whether the device counted it.
fn most(failure: &Failure) -> i64 {
    if matches!(failure.stage, Stage::Auth | Stage::Enable) {
        return 0;
    }
    match failure.class {
        FailureClass::Unreachable
        | FailureClass::Refused
        | FailureClass::ConnectionLost
        | FailureClass::ArchiveFailed => 10,
        FailureClass::Unresolvable => 3,
        // A time-out has cost minutes of a place already, and a cut text came from a device that answers.
        FailureClass::Timeout | FailureClass::Truncated => 2,
        FailureClass::DestinationDenied
        | FailureClass::NoCommonAlgorithm
        | FailureClass::JumpHost
        | FailureClass::HostKeyChanged
        | FailureClass::AuthFailed
        | FailureClass::NoCredential
        | FailureClass::EnableFailed
        | FailureClass::PermissionDenied
        | FailureClass::ErrorOutput
        | FailureClass::OutputLimit
        | FailureClass::UnknownPlatform
        | FailureClass::Suspect
        | FailureClass::Canceled
        | FailureClass::Internal => 0,
    }
}

/// The longest that a failed job may be told to wait.
pub fn longest() -> Duration {
    Duration::seconds(LONGEST)
}

/// How long a job waits that has failed for the `tries`th time, the first being 1; `None` when it is not tried again.
/// `allowed` is how many further tries the settings allow.
pub fn wait(failure: &Failure, (job, tries): (JobId, i32), allowed: i64) -> Option<Duration> {
    let before = i64::from(tries.max(1)) - 1;
    if before >= most(failure).min(allowed) {
        return None;
    }
    let length = 4_i64
        .checked_pow(u32::try_from(before).ok()?)
        .map_or(LONGEST, |times| FIRST.saturating_mul(times).min(LONGEST));
    let off = i64::try_from(scattered(job, tries) % 2_001).unwrap_or_default() * JITTER / 1_000 - JITTER;
    Some(Duration::milliseconds((length * (1_000 + off)).min(LONGEST * 1_000)))
}

/// A number that has nothing to do with its neighbours: Sebastiano Vigna's `splitmix64` of job and try.
fn scattered(job: JobId, tries: i32) -> u64 {
    let seed = job.0.cast_unsigned().wrapping_mul(0x1_0001).wrapping_add(u64::from(tries.unsigned_abs()));
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failed(class: FailureClass) -> Failure {
        Failure::new(class, Stage::Command, "")
    }

    fn is_tried_again(class: FailureClass, tries: i32, allowed: i64) -> bool {
        wait(&failed(class), (JobId(1), tries), allowed).is_some()
    }

    #[test]
    fn what_a_person_has_to_see_to_is_not_tried_again() {
        for class in [
            FailureClass::AuthFailed,
            FailureClass::HostKeyChanged,
            FailureClass::EnableFailed,
            FailureClass::PermissionDenied,
            FailureClass::NoCredential,
            FailureClass::Suspect,
            FailureClass::Canceled,
        ] {
            assert!(!is_tried_again(class, 1, 10), "{class}");
        }
        for stage in [Stage::Auth, Stage::Enable] {
            let lost = Failure::new(FailureClass::ConnectionLost, stage, "");
            assert_eq!(wait(&lost, (JobId(1), 1), 10), None, "{stage}");
        }
    }

    #[test]
    fn the_settings_and_the_class_limit_the_tries() {
        assert!(is_tried_again(FailureClass::Refused, 2, 2));
        assert!(!is_tried_again(FailureClass::Refused, 3, 2));
        assert!(!is_tried_again(FailureClass::Refused, 1, 0));
        assert!(is_tried_again(FailureClass::Timeout, 2, 10));
        assert!(!is_tried_again(FailureClass::Timeout, 3, 10));
    }

    #[test]
    fn jobs_that_failed_together_come_back_apart() {
        let waits: Vec<i64> = (0..1_000)
            .filter_map(|job| wait(&failed(FailureClass::Refused), (JobId(job), 1), 5))
            .map(|wait| wait.num_milliseconds())
            .collect();
        let mean = waits.iter().sum::<i64>() / 1_000;
        assert!((29_000..31_000).contains(&mean), "{mean}");
        for tenth in 0..10 {
            let from = 24_000 + tenth * 1_200;
            let count = waits.iter().filter(|wait| (from..from + 1_200).contains(*wait)).count();
            assert!((60..140).contains(&count), "{count} of 1000 wait {from} to {} ms", from + 1_200);
        }
    }

    proptest! {
        #[test]
        fn waits_grow_fourfold_stay_near_their_length_and_end_at_an_hour(job in any::<i64>(), tries in 1..11_i32) {
            let wait = wait(&failed(FailureClass::Refused), (JobId(job), tries), 10).unwrap().num_milliseconds();
            let length = (30_000 * 4_i64.pow(u32::try_from(tries - 1).unwrap())).min(3_600_000);
            prop_assert!((length * 8 / 10..=(length * 12 / 10).min(3_600_000)).contains(&wait), "{wait} of {length}");
        }
    }
}
