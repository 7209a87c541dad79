//! A batch in words and numbers.

use chrono::Duration;

use crate::{
    domain::{
        batch::{Batch, BatchState, Counts, Progress},
        id::BatchId,
        job::JobKind,
    },
    web::{
        href,
        parts::{Badge, Tone},
        words,
    },
};

/// What the jobs of a batch are, in one word.
pub fn kind(kind: Option<JobKind>) -> &'static str {
    match kind {
        Some(JobKind::BackUp) => "Backups",
        Some(JobKind::Check) => "Reachability",
        Some(JobKind::TestLogin) => "Test of a credential",
        None => "Nothing to do",
    }
}

/// How far a batch has come, as one badge.
pub fn badge(counts: &Counts) -> Badge {
    match counts.state() {
        BatchState::Empty => Badge::new(Tone::Idle, "circle-minus", "Empty"),
        BatchState::Waiting => Badge::of_word("queued"),
        BatchState::Running => Badge::of_word("running"),
        BatchState::Canceled => Badge::of_word("canceled"),
        BatchState::Done => Badge::new(Tone::Ok, "circle-check", "Done"),
        BatchState::Failed if counts.done() == 0 => Badge::of_word("failed"),
        BatchState::Failed => {
            let told = match (counts.failed + counts.discarded, counts.suspect) {
                (0, suspect) => format!("{} doubtful", words::grouped(suspect)),
                (failed, _) => format!("{} failed", words::grouped(failed)),
            };
            Badge::new(Tone::Warn, "alert-triangle", told)
        }
    }
}

/// Who started it: a person, a schedule by the clock, or one out of turn.
pub fn origin(batch: &Batch) -> String {
    match (&batch.schedule, batch.slot) {
        (Some((_, name)), None) if *name != batch.started_by => format!("{name}, by {}", batch.started_by),
        (Some((_, name)), _) => name.clone(),
        (None, _) => batch.started_by.clone(),
    }
}

/// One number of a batch, with the jobs it counts.
#[derive(Debug)]
pub struct Tile {
    /// Its name in the page.
    pub name: &'static str,
    /// How many.
    pub number: String,
    /// What they are.
    pub badge: Badge,
    /// The list of them.
    pub href: String,
}

/// The numbers of a batch: those that every batch has, and those that it happens to have.
pub fn tiles(id: BatchId, progress: &Progress) -> Vec<Tile> {
    let counts = &progress.counts;
    let is_backup = progress.kind.is_none_or(|kind| kind == JobKind::BackUp);
    let is_under_way = counts.left() > 0;
    let of = |field: &'static str, word: &'static str| href::batch_jobs(id, &[(field, word)]);
    let failed = href::batch_jobs(id, &[("state", "failed"), ("outcome", "error")]);
    let well = Badge::new(Tone::Ok, "circle-check", "Went well");
    let all = [
        (is_backup, "stored", counts.stored, Badge::of_word("stored"), of("outcome", "stored")),
        (is_backup, "unchanged", counts.unchanged, Badge::of_word("unchanged"), of("outcome", "unchanged")),
        (!is_backup, "answered", counts.answered, well, of("state", "succeeded")),
        (true, "failed", counts.failed, Badge::of_word("failed"), failed),
        (false, "suspect", counts.suspect, Badge::of_word("suspect"), of("outcome", "suspect")),
        (false, "discarded", counts.discarded, Badge::of_word("discarded"), of("state", "discarded")),
        (is_under_way, "running", counts.running, Badge::of_word("running"), of("state", "running")),
        (is_under_way, "waiting", counts.waiting, Badge::of_word("queued"), of("state", "queued")),
        (false, "retrying", counts.retrying, Badge::of_word("retrying"), of("state", "retrying")),
        (false, "canceled", counts.canceled, Badge::of_word("canceled"), of("state", "canceled")),
        (false, "skipped", counts.skipped, Badge::of_word("skipped"), of("state", "skipped")),
    ];
    let shown = all.into_iter().filter(|(always, _, number, ..)| *always || *number > 0);
    shown
        .map(|(_, name, number, badge, href)| Tile { name, number: words::grouped(number), badge, href })
        .collect()
}

/// What is left, in words; `None` at the end.
pub fn left(counts: &Counts) -> Option<String> {
    let number = words::grouped;
    match (counts.running, counts.waiting + counts.retrying) {
        (0, 0) => None,
        (running, 0) => Some(format!("{} left, all running", number(running))),
        (0, waiting) => Some(format!("{} left, all waiting", number(waiting))),
        (running, waiting) => Some(format!(
            "{} left: {} running, {} waiting",
            number(running + waiting),
            number(running),
            number(waiting)
        )),
    }
}

/// A time that is only guessed.
pub fn about(time: Duration) -> String {
    let minutes = (time.num_seconds() + 30) / 60;
    match (time.num_seconds(), minutes) {
        (..20, _) => "a few seconds".to_owned(),
        (20..50, _) => "half a minute".to_owned(),
        (_, ..60) => words::count(minutes.max(1), "minute"),
        (_, 60..2_880) => format!("{} h {:02} min", minutes / 60, minutes % 60),
        _ => words::count(minutes / 1_440, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::job::{JobState, Outcome};

    fn progress(all: &[(JobState, Option<Outcome>, i64)]) -> Progress {
        let mut progress = Progress { kind: Some(JobKind::BackUp), ..Progress::default() };
        for (state, outcome, number) in all {
            progress.counts.count(*state, *outcome, *number);
        }
        progress
    }

    #[test]
    fn every_job_is_in_a_tile() {
        let all: Vec<_> = JobState::ALL
            .iter()
            .flat_map(|state| {
                [None, Some(Outcome::Stored), Some(Outcome::Suspect)].map(|out| (*state, out, 2))
            })
            .collect();
        let known = progress(&all);
        let mut tiles = tiles(BatchId(4), &known);
        assert_eq!(
            tiles.iter().map(|tile| tile.number.parse::<i64>().unwrap()).sum::<i64>(),
            known.counts.total()
        );
        tiles.retain(|tile| tile.name == "failed");
        assert_eq!(tiles[0].href, "/jobs?batch=4&state=failed&outcome=error");
    }

    #[test]
    fn what_is_left_is_told() {
        let left = |running, waiting| {
            left(&progress(&[(JobState::Running, None, running), (JobState::Queued, None, waiting)]).counts)
        };
        assert_eq!(left(0, 0), None);
        assert_eq!(left(3, 1_200).as_deref(), Some("1,203 left: 3 running, 1,200 waiting"));
        assert_eq!(left(3, 0).as_deref(), Some("3 left, all running"));
    }

    #[test]
    fn guesses_are_not_exact() {
        let told = |seconds| about(Duration::seconds(seconds));
        let all = [5, 30, 55, 100, 600, 5_400, 500_000].map(told);
        let wanted =
            ["a few seconds", "half a minute", "1 minute", "2 minutes", "10 minutes", "1 h 30 min", "5 days"];
        assert_eq!(all, wanted);
    }
}
