//! Decides whether a capture is whole and is a configuration at all.
//!
//! Truncation never becomes a backup: every platform names the marks of its end, and where a text bears no
//! end mark the channel's exit status or the returned prompt has to speak for it.

use regex::Regex;

use super::{Channel, compare::decoded, xml};
use crate::domain::failure::FailureClass;

/// Errors that no platform prints in a configuration (`reference/platforms.md` 0.3). Matched at the start of
/// a line.
pub const GENERIC_ERRORS: &[&str] = &[
    "% ?(?:Invalid (?:input|command)|Incomplete command|Ambiguous command|Unknown command)",
    "% ?Configuration buffer full",
    "% ?Error: No such file or directory",
    "Invalid input: ",
    "(?:Error: )?Unrecognized command",
    "bad command name ",
    "Non-Volatile memory is in use",
    "Could not retrieve info",
    "Unable to (?:get|read) (?:the )?(?:running|current)[ -]config",
    "-(?:ba|da|a|k)?sh: ",
];

/// Errors that mean the account may not read the configuration.
pub const GENERIC_DENIED: &[&str] = &[
    "(?:% ?)?Authorization (?:failed|denied)",
    "(?:% ?)?Command authorization failed",
    "% ?Permission denied",
    "% ?Access denied",
    r"% ?Invalid input \(privileged mode required\)",
    "MINOR: CLI Command not allowed for this user",
];

/// What one session brought.
#[derive(Debug, Clone, Default)]
pub struct Capture {
    /// The configuration: the bytes between echo and prompt, or all of an exec channel's output.
    pub raw: Vec<u8>,
    /// What the information commands said, in order.
    pub info: Vec<InfoOutput>,
    /// The configuration command's exit status; `None` on a shell, and when an exec channel ended without one. 0 for a
    /// file and for an answer over HTTPS that came whole.
    pub exit_status: Option<u32>,
    /// Whether the prompt came back behind the configuration; always `false` on exec channels.
    pub reached_prompt: bool,
    /// The names of the contexts that were fetched one by one, each behind a heading of ours in the configuration.
    pub contexts: Vec<String>,
}

/// What one information command said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InfoOutput {
    /// The command.
    pub command: String,
    /// Its output as text.
    pub text: String,
}

/// Why a capture is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The class of the failure.
    pub class: FailureClass,
    /// What is missing or what came instead, for a person.
    pub message: String,
    /// The context whose text is not believed, where one of several is.
    pub context: Option<String>,
}

impl Doubt {
    pub(super) fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), context: None }
    }

    fn truncated(message: impl Into<String>) -> Self {
        Self::new(FailureClass::Truncated, message)
    }
}

/// Whether a text of `lines` lines is so much shorter than the last good one that it is not to be believed:
/// less than half of it.
pub fn shrunk(last_good_lines: usize, lines: usize) -> bool {
    lines.saturating_mul(2) < last_good_lines
}

/// A platform's marks, compiled.
#[derive(Debug)]
pub struct Evidence {
    pub first_line: Option<Regex>,
    pub last_line: Option<Regex>,
    pub last_line_shape: Option<Regex>,
    pub holds: Option<Regex>,
    pub balanced_braces: bool,
    pub min_lines: usize,
    pub xml_root: Option<String>,
    pub exit_status: bool,
    pub pairs: Vec<(Regex, Regex)>,
    pub quotes_span_lines: bool,
    pub errors: Regex,
    pub denied: Regex,
}

impl Evidence {
    /// The first reason not to believe `raw`, which is all of `capture` or one text of it.
    pub fn judge(&self, raw: &[u8], capture: &Capture, channel: Channel) -> Result<(), Doubt> {
        let text = decoded(raw);
        if let Some(line) = self.denied.find(&text) {
            return Err(Doubt::new(FailureClass::PermissionDenied, said(line.as_str())));
        }
        if let Some(line) = self.errors.find(&text) {
            return Err(Doubt::new(FailureClass::ErrorOutput, said(line.as_str())));
        }
        self.ended(capture, channel)?;
        self.whole(&text)
    }

    /// The first reason not to believe a text that is there already, and whose channel said that it had ended.
    pub fn of_kept(&self, raw: &[u8]) -> Result<(), Doubt> {
        let text = decoded(raw);
        match self.complaint(&text) {
            Some(line) => Err(Doubt::new(FailureClass::ErrorOutput, said(line))),
            None => self.whole(&text),
        }
    }

    fn whole(&self, text: &str) -> Result<(), Doubt> {
        if text.trim().is_empty() {
            return Err(Doubt::truncated("the configuration command printed nothing"));
        }
        self.textual(text)
    }

    /// The first line that is an error text.
    pub fn complaint<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.denied.find(text).or_else(|| self.errors.find(text)).map(|line| line.as_str())
    }

    /// Whether it holds an error text, and none about permissions.
    pub fn knows_not(&self, text: &str) -> bool {
        self.errors.is_match(text) && !self.denied.is_match(text)
    }

    /// Whether these marks can tell the end of a text. Its length and its beginning cannot, nor can the shape of its last
    /// line, nor pairs, which a text may lack or have closed long before its end.
    pub fn bears_an_end(&self) -> bool {
        self.last_line.is_some() || self.balanced_braces || self.xml_root.is_some()
    }

    /// What the channel says about the end.
    fn ended(&self, capture: &Capture, channel: Channel) -> Result<(), Doubt> {
        match (channel, capture.exit_status) {
            (Channel::Shell, _) if capture.reached_prompt => Ok(()),
            (Channel::Shell, _) => {
                Err(Doubt::truncated("the prompt did not come back behind the configuration"))
            }
            (Channel::Exec, None) => {
                Err(Doubt::truncated("the command's channel ended without an exit status"))
            }
            (Channel::File | Channel::Https, None) => {
                Err(Doubt::truncated("the answer did not come to its end"))
            }
            (Channel::Exec | Channel::File | Channel::Https, Some(status))
                if self.exit_status && status != 0 =>
            {
                Err(Doubt::new(
                    FailureClass::ErrorOutput,
                    format!("the configuration command ended with exit status {status}"),
                ))
            }
            (Channel::Exec | Channel::File | Channel::Https, Some(_)) => Ok(()),
        }
    }

    /// The marks that the text itself has to bear.
    pub fn textual(&self, text: &str) -> Result<(), Doubt> {
        let mut filled = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
        let first = filled.next().unwrap_or_default();
        let last = filled.next_back().unwrap_or(first);
        // The lines themselves are not quoted: they may hold secrets, and what is cut off is hard to mask.
        if let Some(pattern) = self.first_line.as_ref().filter(|pattern| !pattern.is_match(first)) {
            return Err(Doubt::truncated(format!("the first line is none that matches `{pattern}`")));
        }
        let mut marks = [&self.last_line, &self.last_line_shape].into_iter().flatten();
        if let Some(pattern) = marks.find(|pattern| !pattern.is_match(last)) {
            return Err(Doubt::truncated(format!("the last line is none that matches `{pattern}`")));
        }
        if let Some(pattern) = self.holds.as_ref().filter(|pattern| !pattern.is_match(text)) {
            return Err(Doubt::truncated(format!(
                "no line matches `{pattern}`, as one does in every whole configuration: an account that may not see all \
                 of it is shown such a text"
            )));
        }
        if self.min_lines > 0 && text.lines().count() < self.min_lines {
            return Err(Doubt::truncated(format!("fewer than {} lines", self.min_lines)));
        }
        if self.balanced_braces && !balanced(text) {
            return Err(Doubt::truncated("the braces are not balanced"));
        }
        for (open, close) in &self.pairs {
            if !paired(text, (open, close), self.quotes_span_lines) {
                return Err(Doubt::truncated(format!(
                    "lines that match `{open}` and `{close}` are not in pairs"
                )));
            }
        }
        match &self.xml_root {
            Some(root) if !xml::is_whole(root, text) => {
                Err(Doubt::truncated(format!("the XML element <{root}> is not complete")))
            }
            _ => Ok(()),
        }
    }
}

pub fn said(line: &str) -> String {
    format!("the device answered: {}", short(line))
}

/// At most 200 characters, without control characters.
fn short(line: &str) -> String {
    super::visible(&line.chars().take(200).collect::<String>())
}

/// Whether every brace outside strings and comments has its partner and no string or comment is left open.
fn balanced(text: &str) -> bool {
    let mut bytes = text.bytes().peekable();
    let mut depth = 0_usize;
    while let Some(byte) = bytes.next() {
        let whole = match byte {
            b'"' => loop {
                match bytes.next() {
                    Some(b'\\') => drop(bytes.next()),
                    Some(b'"') => break true,
                    Some(_) => {}
                    None => break false,
                }
            },
            b'#' => bytes.by_ref().any(|byte| byte == b'\n') || bytes.peek().is_none(),
            b'/' if bytes.peek() == Some(&b'*') => {
                let mut before = 0;
                bytes.by_ref().any(|byte| std::mem::replace(&mut before, byte) == b'*' && byte == b'/')
            }
            b'{' => {
                depth += 1;
                true
            }
            b'}' => match depth.checked_sub(1) {
                Some(less) => {
                    depth = less;
                    true
                }
                None => false,
            },
            _ => true,
        };
        if !whole {
            return false;
        }
    }
    depth == 0
}

/// Whether every line that opens something is followed by one that closes it; with `spans`, quoted values of several lines
/// are left out. Elsewhere a single quotation mark may stand in any description.
fn paired(text: &str, (open, close): (&Regex, &Regex), spans: bool) -> bool {
    let (mut depth, mut is_quoted) = (0_usize, false);
    for line in text.lines() {
        if !is_quoted {
            if close.is_match(line) {
                let Some(less) = depth.checked_sub(1) else { return false };
                depth = less;
            } else if open.is_match(line) {
                depth += 1;
            }
        }
        let mut letters = if spans { line.chars() } else { "".chars() };
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => drop(letters.next()),
                '"' => is_quoted = !is_quoted,
                _ => {}
            }
        }
    }
    depth == 0 && !is_quoted
}
