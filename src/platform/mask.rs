//! Covers secrets for everyone who only looks.
//!
//! A secret becomes `<secret:3f9a1c>`: a short HMAC of its value, so a changed password still shows as a
//! change, the same value shows the same tag everywhere, and nothing can be learned from it without the key.

use std::{
    borrow::Cow,
    fmt::{self, Write},
    sync::LazyLock,
};

use hmac::{Hmac, KeyInit, Mac};
use regex::{CaptureLocations, Regex};
use sha2::Sha256;

use super::compare::{decoded, with_line_feeds};

const TAG_START: &str = "<secret:";

/// The key of the tags; one per installation.
#[derive(Clone)]
pub struct MaskKey(Hmac<Sha256>);

impl MaskKey {
    /// Takes 32 random bytes.
    pub fn new(key: [u8; 32]) -> Self {
        // HMAC fills a shorter key up with zeros itself (RFC 2104), so a whole block says the same and cannot
        // fail.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to = from;
        }
        Self(Hmac::new(&block.into()))
    }

    /// The tag that stands for `value`.
    fn tag(&self, value: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(plain(value).as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut tag = TAG_START.to_owned();
        for byte in digest.iter().take(3) {
            // Writing into a String cannot fail.
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push('>');
        tag
    }
}

impl fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The value without quotes and without the breaks some devices put into long lines, so that it has one tag.
fn plain(value: &str) -> Cow<'_, str> {
    let value = value.trim_matches(['"', '\'']);
    if !value.contains("\\\n") {
        return Cow::Borrowed(value);
    }
    let mut parts = value.split("\\\n");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        whole.push_str(part.trim_start_matches(' '));
    }
    Cow::Owned(whole)
}

/// Many patterns in one expression; what their groups hold is replaced, everything around it stays.
#[derive(Debug)]
pub struct Masker {
    all: Regex,
}

impl Masker {
    /// `all` is an alternation whose groups are what is to be covered.
    pub fn new(all: Regex) -> Self {
        Self { all }
    }

    /// The text with every group replaced by what `cover` makes of it.
    pub fn replaced<'t>(&self, text: &'t str, mut cover: impl FnMut(&str) -> String) -> Cow<'t, str> {
        let mut found = self.all.capture_locations();
        let mut out = String::new();
        let (mut at, mut copied) = (0, 0);
        while let Some(whole) = self.all.captures_read_at(&mut found, text, at) {
            // Go on right behind the last covered value: the rest of the match may be the start of the next
            // one.
            at = whole.end().max(at);
            for (start, end) in groups(&found) {
                if start < copied || start == end {
                    continue;
                }
                out.push_str(text.get(copied..start).unwrap_or_default());
                out.push_str(&cover(text.get(start..end).unwrap_or_default()));
                (at, copied) = (end, end);
            }
            if whole.is_empty() {
                at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            }
            if at > text.len() {
                break;
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }
}

/// Start and end of every group that took part in the match.
fn groups(found: &CaptureLocations) -> impl Iterator<Item = (usize, usize)> {
    (1..found.len()).filter_map(|group| found.get(group))
}

/// A secret that is one only inside certain lines.
#[derive(Debug)]
pub struct SecretBlock {
    /// Finds the lines.
    pub block: Regex,
    /// Finds the secret in them.
    pub inside: Masker,
}

/// Private keys and passwords inside addresses: secret on every platform.
static EVERYWHERE: LazyLock<Option<Masker>> = LazyLock::new(|| {
    let pem =
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\s*((?s:.*?))\s*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)";
    let url = r#"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^:/@\s"]*:([^@/\s"]+)@"#;
    Regex::new(&format!("(?:{pem}|{url})")).ok().map(Masker::new)
});

/// Words before which people and devices put secrets. For texts of unknown kind, where covering too much does
/// no harm.
static DETECTOR: LazyLock<Option<Masker>> = LazyLock::new(|| {
    // A tag is passed over first: it holds one of the words itself.
    let words = concat!(
        r"(?i)<secret:[0-9a-f]{6}>|\b(?:[a-z0-9]+[-_])*(?:password|passwd|passphrase|secret|pre-?shared-?key|psk|community|",
        r"auth-?key|priv-?key|private-key|key-string|token|api-?key)\b"
    );
    Regex::new(&format!(r#"{words}["']?(?: ?[=:] ?| +)(?:\d{{1,2}} )?(?:"([^"\n]+)"?|([^\s"',;]+))"#))
        .ok()
        .map(Masker::new)
});

/// The bytes as text for people, with `secrets` and what is secret everywhere covered.
pub fn masked(raw: &[u8], blocks: &[SecretBlock], secrets: Option<&Masker>, key: &MaskKey) -> String {
    let mut text = everywhere(&with_line_feeds(decoded(raw)), key);
    for SecretBlock { block, inside } in blocks {
        let covered = block
            .replace_all(&text, |whole: &regex::Captures<'_>| {
                let lines = whole.get(0).map_or("", |lines| lines.as_str());
                cover(inside, lines, key).into_owned()
            })
            .into_owned();
        text = covered;
    }
    match secrets {
        Some(secrets) => cover(secrets, &text, key).into_owned(),
        None => text,
    }
}

/// Covers what looks like a secret in a text of unknown kind: a log line, a screen, a banner.
pub fn mask_generic(text: &str, key: &MaskKey) -> String {
    let text = everywhere(text, key);
    match DETECTOR.as_ref() {
        Some(detector) => cover(detector, &text, key).into_owned(),
        None => text,
    }
}

fn everywhere(text: &str, key: &MaskKey) -> String {
    // Both kinds hold one of these marks; most configurations hold neither.
    if !text.contains("PRIVATE KEY-----") && !text.contains("://") {
        return text.to_owned();
    }
    match EVERYWHERE.as_ref() {
        Some(everywhere) => cover(everywhere, text, key).into_owned(),
        None => text.to_owned(),
    }
}

/// Replaces values by their tags; a value that is a tag already stays.
fn cover<'t>(masker: &Masker, text: &'t str, key: &MaskKey) -> Cow<'t, str> {
    masker
        .replaced(text, |value| if value.starts_with(TAG_START) { value.to_owned() } else { key.tag(value) })
}
