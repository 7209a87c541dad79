//! The prompt of one device, learned after login.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// What may follow a prompt's base in another mode: `(config-if)#`, `>`, `#`.
static MODE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:\s?\([\w./: -]+\))?\s?[#>$%]\s*$").ok());

/// What ends a prompt: an optional mode and the sign.
static ENDING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:\s?\([\w./: -]+\))?\s?[#>$%]\s*$").ok());

/// A prompt known by its letters, not by its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    literal: Vec<u8>,
    base: Vec<u8>,
}

impl Prompt {
    /// Takes the last, unfinished line of the screen as the prompt.
    pub fn learned(line: &[u8]) -> Self {
        let literal = trimmed(line).to_vec();
        let end =
            ENDING.as_ref().and_then(|ending| ending.find(&literal)).map_or(literal.len(), |it| it.start());
        let base = literal.get(..end).unwrap_or_default().to_vec();
        Self { literal, base }
    }

    /// Whether the last, unfinished line is exactly this prompt, spaces at its end aside.
    pub fn is(&self, last_line: &[u8]) -> bool {
        !self.literal.is_empty() && trimmed(last_line) == self.literal
    }

    /// Whether the last, unfinished line is this prompt in this or another mode.
    pub fn is_in_any_mode(&self, last_line: &[u8]) -> bool {
        let line = trimmed(last_line);
        let suffix = line.strip_prefix(self.base.as_slice()).filter(|_| !self.base.is_empty());
        self.is(line) || suffix.is_some_and(|rest| MODE.as_ref().is_some_and(|mode| mode.is_match(rest)))
    }

    /// Its letters.
    pub fn literal(&self) -> &[u8] {
        &self.literal
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii()
}
