//! Looks for secrets that no rule of a platform covered: in the masked text, at words before which devices put secrets
//! (`reference/platforms.md` 0.4). It flags lines for a person to look at and changes nothing.

use std::sync::LazyLock;

use regex::Regex;

/// A line that may hold a secret in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// Counts from 1, in the masked text.
    pub line: usize,
    /// The line with the suspicious value covered, cut to a length that fits beside others.
    pub shown: String,
}

/// The longest part of a line that is shown, in characters.
const LONGEST: usize = 100;

/// A secret that was covered; what is in its place before it is looked at, and after.
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("<secret:[0-9a-f]{6}>").ok());
const TAG_SHOWN: &str = "<secret>";
const TAG_ASIDE: &str = "<>";

/// What stands for the value.
const COVERED: &str = "<?>";

/// Most lines hold none of these, and are done with.
static NEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("(?i)pass|secret|key|psk|community|token").ok());

/// A word, perhaps the number of a kind of encryption, and the value. A word such as `password-encryption` is another.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = concat!(
        r#"(?i)(?:^|[\s{(,;/.<])["']?(?:[a-z0-9]+[-_])*(?:password|passwd|passphrase|secret|pre[-_]?shared[-_]?key|psk|community|"#,
        r#"(?:auth|authentication|priv|private|shared|server|secret|failover|master|encryption|localized|md5|api)[-_]?key|"#,
        r#"key-string|token)(?:-(?:hash|string|text|name))?"#,
    );
    let kind = r"(?:(?:ascii-text|hex|encrypted|cipher|ciphertext|hash|read cipher|write cipher|simple|irreversible-cipher|sha512|sha|md5|plaintext|ENC|\d{1,2}) +)?";
    let value = r#"(?:"([^"\n]+)"?|'([^'\n]+)'?|([^\s"',;>}]+))"#;
    Regex::new(&format!(r#"{words}["']?(?:\s?[=:]\s?|\s+|>){kind}{value}"#)).ok()
});

/// Words that follow those and are no secrets: settings about secrets, and kinds of them.
static SETTINGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?ix)^(?: <.* | -----BEGIN.* | \*+ | [xX]+ | \$\w* | -+ | [\W_]+ | true | false | yes | no | on | off | none | enabled? | disabled? | null | default |",
        r" cipher\w* | large | encrypt\w* | encode\w* | decrypt\w* | hash\w* | cipher | cleartext | plaintext | clear | hidden | masked | sha\d* | md5 | aes\d* | des | 3des |",
        r" min\w* | max\w* | length | history | lifetime | aging | age | expir\w* | key-?chain | inheritance-\w+ | password-history | complex\w* | complexity-check | shared-secret | encryption-key | strength\w* | strength-check | strong | policy | polic(?:y|ies)\S* | recovery | reset |",
        r" change\w* | check\w* | control\w* | retry | retries | attempts? | lockout | level | warn\w* | validity | rule\w* | required? | optional | use[rd]? | ",
        r" authentication | authorization | local | radius | tacacs\+? | ldap | keyring | profile | group | type | mode | name | index | set | add | additive | ",
        r" delete | list | lists | members? | permit | deny | match\w* | exact\S* | internet | no-\S+ | local-as | standard | expanded | extended | send\S* | both | ",
        r" read\S* | write | ro | rw | view | trap\w* | version | ipaddr | accessmode | create | [12]c? | v[123]c? | as | is | of | in | for | the | to | and | or | by | ",
        r" generat\w* | ephemeral | prompt | file\S* | storage | id | method | ascii | hex | [\w-]+\{ | \{ | \[ | ",
        r" \w+= | restconf | \d{1,3} | \d+:\d+(?::\d+)* | (?:\d{1,3}\.){3}\d{1,3}(?:/\d+)? | [0-9a-f:]+::[0-9a-f:]*(?:/\d+)? )$",
    ))
    .ok()
});

/// The lines of a masked text that may hold a secret which no rule covered, in order.
pub fn leaks(masked: &str) -> Vec<Leak> {
    let patterns = (NEAR.as_ref(), WORDS.as_ref(), SETTINGS.as_ref(), TAG.as_ref());
    let (Some(near), Some(words), Some(settings), Some(tag)) = patterns else { return Vec::new() };
    let leak = |(number, line): (usize, &str)| {
        // The tag itself holds one of the words.
        let line = tag.replace_all(line, TAG_ASIDE);
        let is_told = |value: &regex::Match<'_>| !settings.is_match(value.as_str().trim());
        let value = words.captures_iter(&line).find_map(|found| {
            let value = found.iter().skip(1).flatten().next()?;
            is_told(&value).then(|| value.range())
        })?;
        let (before, after) = (line.get(..value.start)?, line.get(value.end..)?);
        // Some rule knows the line: what stands before the secret that it covered says of what kind that is.
        if after.contains(TAG_ASIDE) {
            return None;
        }
        let whole = format!("{before}{COVERED}{after}").replace(TAG_ASIDE, TAG_SHOWN);
        let shown: String = whole.trim().chars().take(LONGEST).collect();
        Some(Leak { line: number + 1, shown })
    };
    // A note to a person says anything.
    let is_note = |line: &str| {
        let line = line.trim_start().to_ascii_lowercase();
        line.starts_with("description ") || line.starts_with("remark ") || line.starts_with("banner ")
    };
    lines_with(near, masked).filter(|(_, line)| !is_note(line)).filter_map(leak).collect()
}

/// The lines in which `pattern`, which spans none, matches, with their numbers from 0: one search through the whole text, not
/// one for each line.
fn lines_with<'t>(pattern: &Regex, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
    let (mut at, mut number) = (0, 0);
    std::iter::from_fn(move || {
        let found = pattern.find_at(text, at)?;
        let start = text.get(..found.start())?.rfind('\n').map_or(0, |end| end + 1);
        let end = text.get(found.end()..)?.find('\n').map_or(text.len(), |end| found.end() + end);
        let this = number + text.get(at..start)?.matches('\n').count();
        (at, number) = ((end + 1).min(text.len()), this + 1);
        Some((this, text.get(start..end)?))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_lines_are_those_that_match_one_by_one(text in "[ak\n]{0,40}") {
            let pattern = Regex::new("k+").unwrap();
            let found: Vec<_> = lines_with(&pattern, &text).collect();
            let wanted: Vec<_> = text.lines().enumerate().filter(|(_, line)| pattern.is_match(line)).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
