//! The text that decides whether a configuration changed.

use std::borrow::Cow;

use regex::{NoExpand, Regex};

use super::mask::Masker;

/// Stands in place of a value that changes by itself.
const VOLATILE: &str = "<volatile>";

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
pub fn normalised(raw: &[u8], volatile: Option<&Regex>, volatile_mask: Option<&Masker>) -> String {
    let text = with_line_feeds(decoded(raw));
    let kept = match volatile {
        Some(lines) => lines.replace_all(&text, NoExpand("")),
        None => Cow::Borrowed(&*text),
    };
    let covered = match volatile_mask {
        Some(values) => values.replaced(&kept, |_| VOLATILE.to_owned()),
        None => Cow::Borrowed(&*kept),
    };
    let body = covered.trim_matches('\n');
    let mut result = String::with_capacity(body.len() + 1);
    result.push_str(body);
    result.push('\n');
    result
}
