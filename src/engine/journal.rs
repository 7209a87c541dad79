//! The log lines of running jobs, on their way into the database.
//!
//! A line costs a running job nothing but a push; one task writes the lines of all jobs together, ten times a
//! second. The live log reads the database only, so that a line is stored before anybody sees it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::{
    domain::{
        entry::{Cut, Entry, Level},
        failure::Stage,
        id::JobId,
        job::Hold,
        secret::Secret,
        transcript::Transcript,
    },
    engine::transport::{Log, Tape},
    platform::visible,
    service::{Clock, Core, queue},
};

/// How often lines are written while jobs run: what a person who watches notices least.
const BEAT: Duration = Duration::from_millis(100);

/// A job's lines, at most; of more, the last ones are kept and those before them counted.
const MOST_LINES: i64 = 10_000;

/// How many of them are kept free for the end.
const LAST_LINES: i64 = 200;

/// The longest line, in bytes.
const LONGEST: usize = 4 * 1024;

#[derive(Default)]
struct Pending {
    lines: BTreeMap<Hold, Vec<Entry>>,
    /// The last lines of jobs that say too much, until they end.
    ends: BTreeMap<Hold, End>,
}

/// The last lines of a job that says too much.
#[derive(Default)]
struct End {
    /// The number of the first of them.
    from: i64,
    lines: VecDeque<Entry>,
    missing: usize,
}

impl End {
    fn push(&mut self, entry: Entry) {
        self.lines.push_back(entry);
        // One number is for the line that says how many are missing.
        if i64::try_from(self.lines.len()).is_ok_and(|kept| kept >= LAST_LINES) {
            self.lines.pop_front();
            self.missing += 1;
        }
    }

    fn into_lines(self) -> impl Iterator<Item = Entry> {
        let gap = self.lines.front().filter(|_| self.missing > 0).map(|first| Entry {
            seq: 0,
            at: first.at,
            level: Level::Warning,
            stage: None,
            text: format!("{} lines are missing here: the job said more than a log keeps.", self.missing),
            was_truncated: Some(Cut::Lines),
        });
        let lines = gap.into_iter().chain(self.lines);
        lines.zip(self.from..).map(|(entry, seq)| Entry { seq, ..entry })
    }
}

/// The lines of all running jobs of this process that are not stored yet.
#[derive(Clone, Default)]
pub struct Journal {
    pending: Arc<Mutex<Pending>>,
    /// Held while lines are written, so that a job's end never overtakes its own lines.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl Journal {
    /// The log of one job, which continues after line `last` of an earlier attempt.
    pub fn open(&self, hold: Hold, last: i64, clock: Clock) -> JobLog {
        JobLog {
            hold,
            journal: self.clone(),
            clock,
            next: Mutex::new(last + 1),
            hidden: Vec::new(),
            tape: Arc::default(),
        }
    }

    fn push(&self, hold: Hold, entry: Entry) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.lines.entry(hold).or_default().push(entry);
    }

    fn push_to_end(&self, hold: Hold, entry: Entry) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.ends.entry(hold).or_insert_with(|| End { from: entry.seq, ..End::default() }).push(entry);
    }

    /// Takes a job's lines away, to be written with its end. Everything before them is in the database by then.
    pub async fn close(&self, hold: Hold) -> Vec<(JobId, Entry)> {
        let _written = self.writing.lock().await;
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = pending.lines.remove(&hold).unwrap_or_default();
        let end = pending.ends.remove(&hold).unwrap_or_default();
        lines.into_iter().chain(end.into_lines()).map(|entry| (hold.job, entry)).collect()
    }

    /// Writes lines until it is told to stop. Lines that cannot be written are tried again.
    pub async fn run(self, core: Core, stop: CancellationToken) {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = beat.tick() => self.flush(&core).await,
            }
        }
    }

    async fn flush(&self, core: &Core) {
        let _writing = self.writing.lock().await;
        let taken = {
            let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut pending.lines)
        };
        if taken.is_empty() {
            return;
        }
        let lines: Vec<(Hold, Entry)> = taken
            .into_iter()
            .flat_map(|(hold, entries)| entries.into_iter().map(move |entry| (hold, entry)))
            .collect();
        if let Err(fault) = queue::keep_entries(core, &lines).await {
            tracing::warn!(error = %fault, lines = lines.len(), "log lines could not be stored; trying again");
            let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            for (hold, entry) in lines {
                pending.lines.entry(hold).or_default().push(entry);
            }
            for entries in pending.lines.values_mut() {
                entries.sort_by_key(|entry| entry.seq);
            }
        }
    }
}

/// The log of one running job.
pub struct JobLog {
    hold: Hold,
    journal: Journal,
    clock: Clock,
    next: Mutex<i64>,
    /// Secrets of the job's credential, which no line may hold.
    hidden: Vec<Secret>,
    tape: Arc<Tape>,
}

impl JobLog {
    /// The same log, in which these secrets appear as `<secret>`.
    #[must_use]
    pub fn hiding(mut self, secrets: Vec<Secret>) -> Self {
        self.tape = Arc::new(Tape::hiding(secrets.clone()));
        self.hidden = secrets;
        self
    }

    /// `text` as it may be kept: without the job's secrets, without control characters, not endless.
    pub fn fit(&self, text: &str) -> String {
        self.fitted(text).0
    }

    /// The same, and whether its end was cut off.
    fn fitted(&self, text: &str) -> (String, Option<Cut>) {
        let mut fit = text.to_owned();
        for secret in self.hidden.iter().filter(|secret| secret.expose().len() >= 4) {
            fit = fit.replace(secret.expose(), "<secret>");
        }
        let fit = visible(&fit);
        if fit.len() <= LONGEST {
            return (fit, None);
        }
        let end = (0..=LONGEST).rev().find(|end| fit.is_char_boundary(*end)).unwrap_or_default();
        let text = format!("{} … ({} bytes cut)", fit.get(..end).unwrap_or_default(), fit.len() - end);
        (text, Some(Cut::Line))
    }

    /// What was sent and received so far, if anything was.
    pub fn transcript(&self) -> Option<Transcript> {
        let transcript = self.tape.take()?;
        if transcript.was_truncated {
            let text = "The session was longer than what is kept of one; its recording lacks the middle.";
            self.cut(None, Cut::Transcript, text);
        }
        Some(transcript)
    }

    /// A line about the job itself, at no stage.
    pub fn note(&self, level: Level, text: &str) {
        self.push((level, None), text, None);
    }

    /// A line that tells of something that is not whole.
    pub fn cut(&self, stage: Option<Stage>, cut: Cut, text: &str) {
        self.push((Level::Warning, stage), text, Some(cut));
    }

    fn push(&self, (level, stage): (Level, Option<Stage>), text: &str, cut: Option<Cut>) {
        let (text, own) = self.fitted(text);
        let was_truncated = own.or(cut);
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = Entry { seq: *next, at: (self.clock)(), level, stage, text, was_truncated };
        if *next > MOST_LINES - LAST_LINES {
            return self.journal.push_to_end(self.hold, entry);
        }
        self.journal.push(self.hold, entry);
        *next += 1;
    }
}

impl Log for JobLog {
    fn say(&self, level: Level, stage: Stage, text: &str) {
        self.push((level, Some(stage)), text, None);
    }

    fn tape(&self) -> Option<Arc<Tape>> {
        Some(self.tape.clone())
    }
}

#[cfg(test)]
mod tests;
