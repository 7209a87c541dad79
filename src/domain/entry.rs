//! One line of a job's log.

use chrono::{DateTime, Utc};

use super::{failure::Stage, text_enum};

text_enum! {
    /// How much a log line matters.
    pub enum Level {
        /// For whoever debugs a platform.
        Debug = "debug",
        /// A step done.
        Info = "info",
        /// Something to look at; the job goes on.
        Warning = "warning",
        /// Why the job failed.
        Error = "error",
    }
}

text_enum! {
    /// What a limit cut, so that nobody takes a part for the whole.
    pub enum Cut {
        /// Lines of the log: the job said more than a log keeps.
        Lines = "lines",
        /// This line: it was longer than a log keeps.
        Line = "line",
        /// The recording of the session: it was longer than what is kept of one.
        Transcript = "transcript",
        /// The last screen: the device had sent more before it.
        Screen = "screen",
    }
}

impl Level {
    /// The levels that matter at least as much as this one.
    pub fn at_least(self) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().skip_while(move |level| *level != self)
    }
}

/// Which lines of a log are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Lines that matter at least so much.
    pub level: Option<Level>,
    /// Lines of one stage.
    pub stage: Option<Stage>,
    /// Lines that hold these words.
    pub text: Option<String>,
}

/// A line of a job's log as it is kept: masked, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts from 1 within the job; the event id of the live log.
    pub seq: i64,
    /// When it was said.
    pub at: DateTime<Utc>,
    /// How much it matters.
    pub level: Level,
    /// The stage the session was in; `None` for lines about the job itself.
    pub stage: Option<Stage>,
    /// The words.
    pub text: String,
    /// What was cut, where the line is not whole or tells of something that is not.
    pub was_truncated: Option<Cut>,
}
