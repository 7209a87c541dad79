//! The prompt of one device, learned after login.

use std::{borrow::Cow, sync::LazyLock};

use regex::bytes::Regex;

/// What may follow a prompt's base in another mode: `(config-if)#`, `>`, `#`.
static MODE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:\s?\([\w./: -]+\))?\s?[#>$%]\s*$").ok());

/// What ends a prompt: an optional mode and the sign. Before the mode something must stand: `(Aruba3600) >` is a name in
/// parentheses and a sign.
static ENDING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:[^\s](\s?\([\w./: -]+\)))?\s?[#>$%]\s*$").ok());

/// A prompt known by its letters, not by its shape.
#[derive(Debug, Clone)]
pub struct Prompt {
    literal: Vec<u8>,
    shown: Vec<u8>,
    base: Vec<u8>,
    varies: Option<Regex>,
}

impl PartialEq for Prompt {
    fn eq(&self, other: &Self) -> bool {
        self.literal == other.literal
    }
}

impl Prompt {
    /// Takes the last, unfinished line of the screen as the prompt.
    pub fn learned(line: &[u8]) -> Self {
        Self::varying(line, None)
    }

    /// The same for a device whose prompt changes while one talks to it, by what `varies` matches: a count of the
    /// commands, a star for what is not saved.
    pub fn varying(line: &[u8], varies: Option<&Regex>) -> Self {
        let literal = steady(line, varies).into_owned();
        let end = ENDING.as_ref().and_then(|ending| ending.captures(&literal)).map_or(
            literal.len(),
            |found| match (found.get(1), found.get(0)) {
                (Some(mode), _) => mode.start(),
                (None, Some(sign)) => sign.start(),
                (None, None) => literal.len(),
            },
        );
        let base = literal.get(..end).unwrap_or_default().to_vec();
        Self { literal, shown: line.trim_ascii().to_vec(), base, varies: varies.cloned() }
    }

    /// Whether the last, unfinished line is exactly this prompt, spaces at its end and what varies aside.
    pub fn is(&self, last_line: &[u8]) -> bool {
        !self.literal.is_empty() && *steady(last_line, self.varies.as_ref()) == *self.literal
    }

    /// Whether the last, unfinished line is this prompt in this or another mode.
    pub fn is_in_any_mode(&self, last_line: &[u8]) -> bool {
        let line = steady(last_line, self.varies.as_ref());
        let suffix = line.strip_prefix(self.base.as_slice()).filter(|_| !self.base.is_empty());
        let is_it = !self.literal.is_empty() && *line == *self.literal;
        is_it || suffix.is_some_and(|rest| MODE.as_ref().is_some_and(|mode| mode.is_match(rest)))
    }

    /// What stands behind this prompt on the same line, without blanks in front; the line itself where it does not begin
    /// with the prompt.
    pub fn behind<'t>(&self, line: &'t [u8]) -> &'t [u8] {
        let line = line.trim_ascii();
        if self.literal.is_empty() {
            return line;
        }
        if let Some(rest) = line.strip_prefix(self.literal.as_slice()) {
            return rest.trim_ascii_start();
        }
        if self.varies.is_none() {
            return line;
        }
        // Where a part varies, the prompt may be longer or shorter than it was: up to any sign that ends one.
        let signs = line.iter().enumerate().filter(|(_, byte)| matches!(byte, b'#' | b'>' | b'$' | b'%'));
        let ends = signs.filter_map(|(at, _)| line.split_at_checked(at + 1));
        ends.into_iter().find(|(prompt, _)| self.is(prompt)).map_or(line, |(_, rest)| rest.trim_ascii_start())
    }

    /// Its letters as they were shown, with what varies.
    pub fn shown(&self) -> &[u8] {
        &self.shown
    }

    /// Its letters, without what varies.
    pub fn literal(&self) -> &[u8] {
        &self.literal
    }
}

/// The line without blanks at its ends and without what varies.
fn steady<'t>(line: &'t [u8], varies: Option<&Regex>) -> Cow<'t, [u8]> {
    let line = line.trim_ascii();
    match varies {
        Some(varies) => match varies.replace_all(line, b"".as_slice()) {
            Cow::Borrowed(same) => Cow::Borrowed(same.trim_ascii()),
            Cow::Owned(rest) => Cow::Owned(rest.trim_ascii().to_vec()),
        },
        None => Cow::Borrowed(line),
    }
}
