//! A recorded session heard again by other rules than those it was led by.

/// What a rule takes a line for at which the device waits for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// A greeting that wants a key.
    Banner,
    /// The question for a user's name.
    Username,
    /// The question for a password.
    Password,
    /// The pager.
    Pager,
    /// A question that a command asks before it answers.
    Question,
    /// The prompt.
    Prompt,
    /// The prompt that says that privileged mode is wanted.
    EnableNeeded,
    /// No rule knows it.
    Unknown,
}

/// What the device said until it waited for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What we had sent before, in one line; empty at the beginning.
    pub sent: String,
    /// How many lines came, without the last one.
    pub lines: usize,
    /// The last, unfinished line.
    pub last_line: String,
    /// What it is by the rules.
    pub is: Line,
    /// A line that is an error by the rules.
    pub complaint: Option<String>,
}

/// The whole session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Each step.
    pub heard: Vec<Heard>,
    /// What became of the configuration: its lines, or why it is not believed; `None` where none was asked for by a
    /// command of these rules.
    pub configuration: Option<Result<usize, String>>,
}
