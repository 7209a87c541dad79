//! Contexts: the named texts of one configuration.
//!
//! A firewall or router may be divided into several, each with a configuration of its own: ASA's contexts, `FortiGate`'s
//! VDOMs, VSX's virtual systems, Junos' logical systems. It stays one device: its texts are taken, judged, kept and
//! compared together, and a named one is cut out when it is asked for.

use std::ops::Range;

/// The most contexts of one device that are fetched one by one: as many as ASA and VSX hold at most.
pub const MOST_CONTEXTS: usize = 250;

/// A stretch of a text that belongs to one context. A context may have several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The context's name, or that of what belongs to none.
    pub name: String,
    /// Where it stands, in bytes, a heading of ours included.
    pub whole: Range<usize>,
    /// Where its text stands: without a heading of ours.
    pub text: Range<usize>,
}

/// The contexts of one text; none where its device is not divided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contexts(Vec<Part>);

impl Contexts {
    /// The parts in the order in which they stand.
    pub fn of(parts: Vec<Part>) -> Self {
        Self(parts)
    }

    /// Whether the device is not divided.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The parts in the order in which they stand.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Every name once, in the order in which they come first.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for part in &self.0 {
            if !names.contains(&part.name.as_str()) {
                names.push(&part.name);
            }
        }
        names
    }

    /// The bytes of one context, as the device sent them; `None` where there is none of that name.
    pub fn bytes_of(&self, whole: &[u8], name: &str) -> Option<Vec<u8>> {
        let pieces: Vec<&[u8]> = self.places(name).filter_map(|place| whole.get(place)).collect();
        (!pieces.is_empty()).then(|| pieces.concat())
    }

    /// The text of one context; `None` where there is none of that name.
    pub fn text_of(&self, whole: &str, name: &str) -> Option<String> {
        let pieces: Vec<&str> = self.places(name).filter_map(|place| whole.get(place)).collect();
        (!pieces.is_empty()).then(|| pieces.concat())
    }

    fn places(&self, name: &str) -> impl Iterator<Item = Range<usize>> {
        self.0.iter().filter(move |part| part.name == name).map(|part| part.text.clone())
    }

    /// The contexts by the lines of their text.
    pub fn by_line(&self, whole: &[u8]) -> ByLine {
        let (mut line, mut at, mut begins) = (1, 0, Vec::with_capacity(self.0.len()));
        for Part { name, whole: place, .. } in &self.0 {
            let between = whole.get(at..place.start).unwrap_or_default();
            line += between.split(|byte| *byte == b'\n').count() - 1;
            at = place.start.max(at);
            begins.push((line, name.clone()));
        }
        ByLine(begins)
    }
}

/// In which context each line of a text stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ByLine(Vec<(usize, String)>);

impl ByLine {
    /// The context of the line with this number, counted from 1; `None` where there are no contexts.
    pub fn of(&self, line: usize) -> Option<&str> {
        let behind = self.0.partition_point(|(begins, _)| *begins <= line);
        self.0.get(behind.checked_sub(1)?).map(|(_, name)| name.as_str())
    }
}

/// How a context of one text stands beside the text before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is no text before it.
    First,
    /// It is there for the first time.
    Added,
    /// Lines of it changed.
    Changed,
    /// It is as it was.
    Same,
    /// It is gone.
    Removed,
}

/// A context as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its lines; 0 where it is gone.
    pub lines: usize,
    /// How it stands beside the version before.
    pub standing: Standing,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a\n# b\nb1\nb2\na2\n";

    fn contexts() -> Contexts {
        let part =
            |name: &str, whole: Range<usize>, text: Range<usize>| Part { name: name.into(), whole, text };
        Contexts::of(vec![part("a", 0..2, 0..2), part("b", 2..12, 6..12), part("a", 12..15, 12..15)])
    }

    #[test]
    fn a_context_is_all_of_its_parts_without_our_headings() {
        assert_eq!(contexts().names(), ["a", "b"]);
        assert_eq!(contexts().text_of(TEXT, "a").as_deref(), Some("a\na2\n"));
        assert_eq!(contexts().bytes_of(TEXT.as_bytes(), "b").as_deref(), Some(b"b1\nb2\n".as_slice()));
        assert_eq!(contexts().text_of(TEXT, "c"), None);
        assert!(Contexts::default().is_empty());
    }

    #[test]
    fn each_line_is_of_the_context_it_stands_in() {
        let lines = contexts().by_line(TEXT.as_bytes());
        let of: Vec<Option<&str>> = (0..7).map(|line| lines.of(line)).collect();
        assert_eq!(of, [None, Some("a"), Some("b"), Some("b"), Some("b"), Some("a"), Some("a")]);
        assert_eq!(ByLine::default().of(1), None);
    }
}
