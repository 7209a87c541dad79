//! Patterns from lines of one configuration: of what changes by itself, and of what is secret.

use std::sync::LazyLock;

use regex::Regex;

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
        r"(?i)^(?:.*[\s-])?(?:password|passwd|secret|passphrase|pre-?shared-?key|psk|community|auth-?key|priv-?key|",
        r"private-key|encrypted-password|cipher|md5|token|api-?key|key-string|key)$"
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
    "md5",
    "cipher",
    "irreversible-cipher",
    "simple",
    "ciphertext",
    "plaintext",
    "enc",
    "read",
    "write",
    "priv",
    "is",
    "=",
    ":",
];

/// A pattern for a line that changes by itself: what stands before its first figure.
pub fn pattern_of_noise(line: &str) -> Option<String> {
    if !NOISE.as_ref()?.is_match(line) {
        return None;
    }
    let end = line.find(|letter: char| letter.is_ascii_digit()).unwrap_or(line.len());
    let start = line.get(..end)?;
    // Not in the middle of a word, such as a day or a name.
    let cut = start.rfind([' ', ':']).map_or(start.len(), |at| at.saturating_add(1));
    let start = start.get(..cut).filter(|text| text.trim().len() > 5).unwrap_or(start).trim_end();
    (start.len() > 3).then(|| format!("^{}", regex::escape(start)))
}

/// Patterns that cover what looks like a secret in these lines.
pub fn patterns_of_secrets(lines: &[String]) -> Vec<String> {
    let mut found: Vec<String> = lines.iter().filter_map(|line| pattern_of_secret(line)).collect();
    found.sort();
    found.dedup();
    found
}

fn is_kind(word: &str) -> bool {
    KINDS.contains(&word.to_lowercase().as_str())
        || (word.len() < 3 && word.chars().all(|letter| letter.is_ascii_digit()))
}

/// Whether another device would have another word here.
fn varies(before: Option<&&str>, word: &str) -> bool {
    let names =
        ["username", "user", "name", "host", "server", "peer", "neighbor", "user-name", "group", "profile"];
    before.is_some_and(|before| names.contains(&before.to_lowercase().as_str()))
        || word.chars().any(|letter| letter.is_ascii_digit() || letter.is_uppercase() || letter == '"')
}

fn pattern_of_secret(line: &str) -> Option<String> {
    if line.trim_start().starts_with(['!', '#']) {
        return None;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let key = words.iter().position(|word| {
        let bare = word.trim_end_matches([':', '=']);
        SECRET.as_ref().is_some_and(|secret| secret.is_match(bare))
    })?;
    let behind = words.get(key.saturating_add(1)..)?;
    let at = behind.iter().position(|word| !is_kind(word))?;
    let mut out = String::from(r"^\s*");
    for (index, word) in words.iter().enumerate().take(key.saturating_add(1).saturating_add(at)) {
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        if index > key && word.chars().all(|letter| letter.is_ascii_digit()) {
            out.push_str(r"\d+");
        } else if index > 0 && index < key && varies(before, word) {
            out.push_str(r"\S+");
        } else {
            out.push_str(&regex::escape(word));
        }
        out.push_str(r"\s+");
    }
    out.push_str(r"(\S+)");
    Some(out)
}
