//! Patterns from lines of one configuration: of what changes by itself, and of what is secret.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

use crate::platform::flapping::steady;

/// Words of lines that change by themselves (`reference/platforms.md`, the lists of volatile lines).
static NOISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:last (?:configuration )?(?:change|modif|update|saved|commit)|config(?:uration)? last|uptime|up time|",
        r"generated (?:at|on|by)|building configuration|current configuration\s*:|clock-period|written by|saved at|",
        r"exported on|^[!#; ]*(?:time|date)\s*:|^[!#]+ \w{3} \w{3} +\d+ \d\d:\d\d|^# \w+/\d+/\d+ \d+:\d+)"
    ))
    .ok()
});

/// Words before a secret (`reference/platforms.md` 0.4).
static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:.*[\s_-])?(?:password|passwd|pass|secret|passphrase|pre-?shared-?key|psk|psksecret|community|auth-?key|",
        r"priv-?key|private-key|auth|priv|encrypted-password|cipher|token|api-?key|key-string|key|\w*(?:password|pwd|secret|",
        r"passphrase))$"
    ))
    .ok()
});

/// What stands between such a word and the secret.
const KINDS: &[&str] = &[
    "encrypted",
    "hash",
    "hashed",
    "sha512",
    "sha256",
    "sha",
    "sha1",
    "md5",
    "des",
    "3des",
    "aes",
    "aes128",
    "aes-128",
    "aes256",
    "cipher",
    "irreversible-cipher",
    "simple",
    "ciphertext",
    "plaintext",
    "enc",
    "read",
    "write",
    "read-only",
    "read-write",
    "is",
    "=",
    ":",
    "ascii",
    "hex",
    "secret",
    "key",
    "password",
    "clear",
    "plain",
    "localized",
    "128",
    "192",
    "256",
    "hmac-sha",
    "hmac-md5",
];

/// A pattern for a line that changes by itself: what stands before its first figure or date.
pub fn pattern_of_noise(line: &str) -> Option<String> {
    if !NOISE.as_ref()?.is_match(line) {
        return None;
    }
    let start = steady(line).trim_end();
    (start.len() > 3).then(|| format!("^{}", regex::escape(start)))
}

/// The places of a pattern's groups in a text.
fn places(pattern: &Regex, text: &str) -> BTreeSet<usize> {
    let groups = |found: regex::Captures<'_>| -> Vec<std::ops::Range<usize>> {
        found.iter().skip(1).flatten().map(|group| group.range()).collect()
    };
    pattern.captures_iter(text).flat_map(groups).flatten().collect()
}

/// Patterns that cover what looks like a secret in these lines. Of each line: what a rule of another platform finds, what
/// stands behind a word that announces a secret, and what looks like one. Behind these patterns stand those of the other
/// platforms' rules that found something, for lines that this configuration does not have.
pub fn patterns_of_secrets(lines: &[String], known: &[Regex]) -> Vec<String> {
    let text = lines.join("\n");
    let all = known.iter().map(|pattern| (places(pattern, &text), pattern));
    let mut rules: Vec<(BTreeSet<usize>, &Regex)> = all.filter(|(places, _)| !places.is_empty()).collect();
    let covered: BTreeSet<usize> = rules.iter().flat_map(|(places, _)| places.iter().copied()).collect();
    let mut own: BTreeSet<String> = BTreeSet::new();
    let mut start = 0_usize;
    for line in lines {
        own.extend(pattern_of_secret(line, (start, &covered)));
        start = start.saturating_add(line.len()).saturating_add(1);
    }
    let mut found: Vec<String> = own.into_iter().collect();
    // The first that matches a line has it: what says more stands before what says less.
    found.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
    rules.sort_by_key(|(places, _)| std::cmp::Reverse(places.len()));
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for (places, rule) in rules {
        if !places.is_subset(&seen) {
            seen.extend(places);
            found.push(rule.as_str().trim_start_matches("(?m)").to_owned());
        }
    }
    found
}

fn is_kind(word: &str) -> bool {
    KINDS.contains(&word.to_lowercase().as_str())
        || (word.len() < 3 && word.chars().all(|letter| letter.is_ascii_digit()))
}

/// Whether a word looks like a hash, a cipher text or a key, as no name and no number does.
fn is_random(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'', ';', ',']);
    let hash = word.starts_with('$') && word.len() > 8;
    let hex = word.trim_start_matches("0x");
    let is_hex = hex.len() >= 12 && hex.chars().all(|letter| letter.is_ascii_hexdigit() || letter == ':');
    let kinds = [
        word.chars().any(|letter| letter.is_ascii_lowercase()),
        word.chars().any(|letter| letter.is_ascii_uppercase()),
        word.chars().any(|letter| letter.is_ascii_digit()),
    ];
    let is_base64 = word.len() >= 16
        && kinds == [true; 3]
        && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "+/=".contains(letter));
    hash || (is_hex && kinds.iter().filter(|kind| **kind).count() > 1) || is_base64
}

/// Whether another device would have another word here.
fn varies(before: Option<&&str>, word: &str) -> bool {
    const NAMES: &[&str] = &[
        "username",
        "user",
        "name",
        "host",
        "server",
        "peer",
        "neighbor",
        "user-name",
        "group",
        "profile",
        "set",
    ];
    before.is_some_and(|before| NAMES.contains(&before.to_lowercase().as_str()))
        || word.chars().any(|letter| letter.is_ascii_digit() || letter.is_uppercase() || letter == '"')
}

/// Where the secrets of a line are: behind a word that announces one, and what looks like one.
fn secrets(words: &[&str]) -> Vec<usize> {
    let announces = |word: &&str| {
        SECRET.as_ref().is_some_and(|secret| secret.is_match(word.trim_end_matches([':', '='])))
    };
    let is_secret = |at: usize| {
        let (before, word) =
            (words.get(..at).unwrap_or_default(), words.get(at).copied().unwrap_or_default());
        let is_expected =
            before.iter().rev().find(|word| !is_kind(word) || announces(word)).is_some_and(announces);
        at > 0 && !is_kind(word) && (is_expected && !announces(&word) || is_random(word))
    };
    (0..words.len()).filter(|at| is_secret(*at)).collect()
}

/// A pattern for lines like this one, which begins at a place of the text of which some are `covered` by other rules.
fn pattern_of_secret(line: &str, (start, covered): (usize, &BTreeSet<usize>)) -> Option<String> {
    if line.trim_start().starts_with(['!', '#']) {
        return None;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut secrets = secrets(&words);
    let mut from = 0;
    for (at, word) in words.iter().enumerate() {
        from = line
            .get(from..)
            .and_then(|rest| rest.find(word))
            .map_or(from, |found| from.saturating_add(found));
        let (first, last) =
            (start.saturating_add(from), start.saturating_add(from).saturating_add(word.len()));
        if at > 0 && !is_kind(word) && !secrets.contains(&at) && covered.range(first..last).next().is_some() {
            secrets.push(at);
        }
        from = from.saturating_add(word.len());
    }
    let last = *secrets.iter().max()?;
    let mut out = String::from(r"^\s*");
    for (at, word) in words.iter().enumerate().take(last.saturating_add(1)) {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        if secrets.contains(&at) {
            out.push_str(r"(\S+)");
        } else if word.chars().all(|letter| letter.is_ascii_digit()) {
            out.push_str(r"\d+");
        } else if at > 0 && !is_kind(word) && varies(before, word) {
            out.push_str(r"\S+");
        } else {
            out.push_str(&regex::escape(word));
        }
        if at < last {
            out.push_str(r"\s+");
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_changes_by_itself_is_known_by_what_stands_before_its_date() {
        for (line, pattern) in [
            ("## Generated at Mon Nov 30 10:00:00 UTC 2026", r"^\#\# Generated at"),
            ("! Last configuration change at 12:01:07 UTC Fri", "^! Last configuration change at"),
            ("Building configuration...", "^Building configuration\\.\\.\\."),
            ("router uptime is 3 weeks", "^router uptime is"),
        ] {
            assert_eq!(pattern_of_noise(line).as_deref(), Some(pattern), "{line}");
        }
        assert_eq!(pattern_of_noise("hostname uplink-3"), None);
    }
}
