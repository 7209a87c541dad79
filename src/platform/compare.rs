//! The text that decides whether a configuration changed.

use std::borrow::Cow;

use regex::{NoExpand, Regex};

use super::mask::Masker;

/// Stands in place of a value that changes by itself.
const VOLATILE: &str = "<volatile>";

/// Stands in place of a secret that is encrypted anew at every fetch.
const REENCRYPTED: &str = "<encrypted>";

/// What the comparison of two texts of a platform leaves out of account.
#[derive(Debug)]
pub struct Noise {
    /// Whole lines that change by themselves.
    pub volatile: Option<Regex>,
    /// Values that do.
    pub volatile_mask: Option<Masker>,
    /// Secrets with another ciphertext at every fetch.
    pub reencrypted: Option<Masker>,
    /// Lines whose order among their neighbours of the kind means nothing.
    pub sort: Option<Regex>,
}

/// The bytes as text. Bytes that are not UTF-8 are read as Latin-1, which is what old devices mean by them:
/// two different bytes stay two different characters.
pub fn decoded(raw: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(raw) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(raw.len() + 16);
    for chunk in raw.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|&byte| char::from(byte)));
    }
    Cow::Owned(text)
}

/// The same text with LF line ends.
pub fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { text }
}

/// See [`super::Platform::normalised`].
pub fn normalised(raw: &[u8], noise: &Noise) -> String {
    let text = with_line_feeds(decoded(raw));
    let kept = match &noise.volatile {
        Some(lines) => lines.replace_all(&text, NoExpand("")),
        None => Cow::Borrowed(&*text),
    };
    let covered = covered(&kept, noise.volatile_mask.as_ref(), VOLATILE);
    let covered = self::covered(&covered, noise.reencrypted.as_ref(), REENCRYPTED);
    let sorted = match &noise.sort {
        Some(lines) => sorted(&covered, lines),
        None => covered,
    };
    let body = sorted.trim_matches('\n');
    let mut result = String::with_capacity(body.len() + 1);
    result.push_str(body);
    result.push('\n');
    result
}

fn covered<'t>(text: &'t str, values: Option<&Masker>, by: &str) -> Cow<'t, str> {
    values.map_or(Cow::Borrowed(text), |values| values.replaced(text, |_| by.to_owned()))
}

/// The text with neighbouring lines that match in alphabetical order.
fn sorted<'t>(text: &'t str, lines: &Regex) -> Cow<'t, str> {
    if !lines.is_match(text) {
        return Cow::Borrowed(text);
    }
    let (mut out, mut run) = (Vec::new(), Vec::new());
    for line in text.split('\n') {
        if lines.is_match(line) {
            run.push(line);
            continue;
        }
        run.sort_unstable();
        out.append(&mut run);
        out.push(line);
    }
    run.sort_unstable();
    out.append(&mut run);
    Cow::Owned(out.join("\n"))
}
