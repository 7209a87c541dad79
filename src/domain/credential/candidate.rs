//! Which credentials a job tries on a device, in which order, and which it leaves alone.
//!
//! A wrong password is never repeated by itself: devices and the AAA servers behind them lock accounts. What a
//! device refused is tried again only when the secret changed, or when a person starts the job.

use chrono::{DateTime, Utc};

use crate::domain::id::{CredentialId, TagId};

/// The most credentials that one job tries on one device.
pub const MOST_TRIES: usize = 3;

/// How a device answered to a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The revision of the secrets that were tried.
    pub revision: i32,
    /// Whether it let us in.
    pub is_accepted: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// A credential that may be tried on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The row.
    pub id: CredentialId,
    /// Its name; `None` for the device's own.
    pub name: Option<String>,
    /// The account.
    pub username: String,
    /// The revision of its secrets.
    pub revision: i32,
    /// The row of the secrets before the last change, while they are kept.
    pub previous: Option<CredentialId>,
    /// Whether it is stopped.
    pub is_stopped: bool,
    /// The tag through which it is tried, with its priority; `None` when it was chosen for the device.
    pub through: Option<(TagId, String, i32)>,
    /// How the device answered to it.
    pub answer: Option<Answer>,
    /// How the device answered to the secrets before.
    pub old_answer: Option<Answer>,
}

impl Candidate {
    /// The time at which the device refused the secrets as they are now.
    fn refused(&self) -> Option<DateTime<Utc>> {
        self.answer.filter(|answer| answer.revision == self.revision && !answer.is_accepted).map(|a| a.at)
    }

    fn is_accepted(&self) -> bool {
        self.answer.is_some_and(|answer| answer.revision == self.revision && answer.is_accepted)
    }
}

/// Why a candidate is not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// Three devices in a row refused it.
    Stopped,
    /// This device refused it then.
    Refused(DateTime<Utc>),
    /// So many others are tried before it.
    Enough,
}

/// What a job does with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Tries it.
    Try {
        /// The secrets before the last change.
        is_old: bool,
    },
    /// Leaves it alone.
    Skip(Skip),
}

/// What a job does with each candidate, in order; the number is the candidate's place in `candidates`, which come the
/// highest priority first. The one that the device accepted last goes first.
pub fn plan(
    candidates: &[Candidate],
    last_good: Option<CredentialId>,
    is_by_person: bool,
) -> Vec<(usize, Step)> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    let is_last_good = |index: &usize| candidates.get(*index).is_some_and(|c| Some(c.id) == last_good);
    order.sort_by_key(|index| !is_last_good(index));
    let mut tries = 0;
    let mut steps = Vec::new();
    for index in order {
        let Some(candidate) = candidates.get(index) else { continue };
        for step in steps_of(candidate, is_by_person) {
            let step = match step {
                Step::Try { .. } if tries >= MOST_TRIES => Step::Skip(Skip::Enough),
                other @ (Step::Try { .. } | Step::Skip(_)) => other,
            };
            tries += usize::from(matches!(step, Step::Try { .. }));
            steps.push((index, step));
        }
    }
    steps
}

fn steps_of(candidate: &Candidate, is_by_person: bool) -> Vec<Step> {
    if candidate.is_stopped {
        return vec![Step::Skip(Skip::Stopped)];
    }
    let (new, old) = (Step::Try { is_old: false }, Step::Try { is_old: true });
    let refused = candidate.refused();
    if candidate.previous.is_none() || candidate.is_accepted() {
        return match refused.filter(|_| !is_by_person) {
            Some(at) => vec![Step::Skip(Skip::Refused(at))],
            None => vec![new],
        };
    }
    let old_refused = candidate.old_answer.is_some_and(|answer| !answer.is_accepted);
    match (refused, old_refused) {
        // Refused both: nothing is left to learn without a person.
        (Some(at), true) if !is_by_person => vec![Step::Skip(Skip::Refused(at))],
        (None, true) => vec![new],
        // It let the old ones in when it refused the new: when it refuses the old, it has been changed since.
        (Some(_), _) => vec![old, new],
        (None, false) => vec![new, old],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: i64) -> Candidate {
        Candidate {
            id: CredentialId(id),
            name: Some(format!("c{id}")),
            username: "u".to_owned(),
            revision: 2,
            previous: None,
            is_stopped: false,
            through: None,
            answer: None,
            old_answer: None,
        }
    }

    fn answer(revision: i32, is_accepted: bool) -> Answer {
        Answer { revision, is_accepted, at: DateTime::UNIX_EPOCH }
    }

    fn told(candidates: &[Candidate], last: Option<i64>, is_by_person: bool) -> Vec<String> {
        let steps = plan(candidates, last.map(CredentialId), is_by_person);
        let told = |(index, step): (usize, Step)| {
            let id = candidates[index].id;
            match step {
                Step::Try { is_old: false } => format!("{id}"),
                Step::Try { is_old: true } => format!("{id} old"),
                Step::Skip(Skip::Stopped) => format!("{id} stopped"),
                Step::Skip(Skip::Refused(_)) => format!("{id} refused"),
                Step::Skip(Skip::Enough) => format!("{id} enough"),
            }
        };
        steps.into_iter().map(told).collect()
    }

    #[test]
    fn the_last_good_one_goes_first_and_three_are_enough() {
        let all = [candidate(1), candidate(2), candidate(3), candidate(4)];
        assert_eq!(told(&all, None, false), ["1", "2", "3", "4 enough"]);
        assert_eq!(told(&all, Some(3), false), ["3", "1", "2", "4 enough"]);
    }

    #[test]
    fn what_was_refused_is_tried_again_only_when_changed_or_asked_for() {
        let refused = Candidate { answer: Some(answer(2, false)), ..candidate(1) };
        let changed = Candidate { answer: Some(answer(1, false)), ..candidate(2) };
        let accepted = Candidate { answer: Some(answer(2, true)), ..candidate(3) };
        let all = [refused, changed, accepted];
        assert_eq!(told(&all, None, false), ["1 refused", "2", "3"]);
        assert_eq!(told(&all, None, true), ["1", "2", "3"]);
        let stopped = [Candidate { is_stopped: true, ..candidate(1) }];
        assert_eq!(told(&stopped, None, true), ["1 stopped"]);
    }

    #[test]
    fn a_rotation_finds_its_way_on_devices_before_and_after_the_change() {
        let pair = |answer, old_answer| {
            [Candidate { previous: Some(CredentialId(9)), answer, old_answer, ..candidate(1) }]
        };
        // Nobody knows yet which of the two the device has.
        assert_eq!(told(&pair(Some(answer(1, true)), None), None, false), ["1", "1 old"]);
        assert_eq!(told(&pair(Some(answer(2, true)), None), None, false), ["1"]);
        assert_eq!(told(&pair(Some(answer(2, false)), None), None, false), ["1 old", "1"]);
        assert_eq!(told(&pair(Some(answer(2, false)), Some(answer(1, true))), None, false), ["1 old", "1"]);
        assert_eq!(told(&pair(Some(answer(2, false)), Some(answer(1, false))), None, false), ["1 refused"]);
        assert_eq!(told(&pair(Some(answer(2, false)), Some(answer(1, false))), None, true), ["1 old", "1"]);
        assert_eq!(told(&pair(None, Some(answer(1, false))), None, false), ["1"]);
    }
}
