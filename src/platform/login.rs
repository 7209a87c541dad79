//! Signing in on the line itself, as telnet has it: the questions, and the words of a refusal.

use std::sync::LazyLock;

use regex::{Regex, bytes};

/// Asks for the user's name (`reference/platforms.md` 0.2).
pub(super) const ANY_USERNAME: &str = r"(?i)(?:user ?name|user|login)\s*:\s*$";

/// Asks for the password (the same place); some name the account in it.
pub(super) const ANY_PASSWORD: &str = r"(?i)pass(?:word|phrase|code)(?: for \S+)?\s*:\s*$";

/// Says that it was wrong (the same place), alone on its line or before further words.
pub(super) const ANY_REFUSAL: &str = concat!(
    r"(?im)^[\s%]*(?:error\s*:\s*)?(?:(?:login|authentication) (?:is |was )?(?:invalid|incorrect|failed|failure|denied|error)|",
    r"access denied|bad passwords?|(?:invalid|incorrect|wrong) (?:login|user ?name|password|credentials)|",
    r"permission denied|user was rejected)\b.*$"
);

/// What is known of a sign-in. Questions are matched against the last, unfinished line.
#[derive(Debug)]
pub struct Login {
    /// Asks for the user's name.
    pub username: bytes::Regex,
    /// Asks for the password.
    pub password: bytes::Regex,
    /// Lines that say no; the first that matches any of them counts.
    pub refused: Vec<Regex>,
    /// Whether some of these devices ask within an SSH session, too: they let everybody in by SSH itself, or ask twice.
    pub within_ssh: bool,
}

/// Asks for another password than the account's: for the one that is to be, or for the old one on the way there.
static ANOTHER: LazyLock<Option<bytes::Regex>> = LazyLock::new(|| {
    bytes::Regex::new(
        r"(?i)(?:^|[\s(])(?:new|old|current|confirm|re-?type|re-?enter|verify)[)\s]+(?:\w+\s+)*pass",
    )
    .ok()
});

impl Login {
    /// Whether a question for a password is for another than the account's.
    pub fn asks_for_another(&self, line: &[u8]) -> bool {
        self.password.is_match(line) && ANOTHER.as_ref().is_some_and(|another| another.is_match(line))
    }

    /// The line of `text` that says no.
    pub fn refusal<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.refused.iter().find_map(|line| line.find(text)).map(|found| found.as_str().trim())
    }
}
