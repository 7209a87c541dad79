//! The difference of two texts, line by line.

use std::time::Duration;

use similar::{Algorithm, ChangeTag, TextDiff};

use super::context::ByLine;

/// How two texts differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// Lines that only the second text has.
    pub added: usize,
    /// Lines that only the first text has.
    pub removed: usize,
    /// The changed places with their surroundings, and the gaps between them.
    pub parts: Vec<Part>,
    /// The contexts of the lines of the first and of the second text.
    pub contexts: (ByLine, ByLine),
}

impl Diff {
    /// The context that a changed line stands in: where the second text has it, else where the first had it.
    pub fn context(&self, row: &Row) -> Option<&str> {
        let (old, new) = &self.contexts;
        let came = row.new.as_ref().and_then(|side| new.of(side.number));
        came.or_else(|| row.old.as_ref().and_then(|side| old.of(side.number)))
    }
}

/// A stretch of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// So many equal lines are left out here.
    Gap(usize),
    /// Lines side by side: equal ones, changes, additions, removals.
    Rows(Vec<Row>),
}

/// One line of a comparison: both sides of an equal or changed line, one side of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line in the first text.
    pub old: Option<Side>,
    /// The line in the second text.
    pub new: Option<Side>,
}

/// A line on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Counts from 1.
    pub number: usize,
    /// Pieces of the line; `true` marks what differs from the other side.
    pub pieces: Vec<(bool, String)>,
}

impl Row {
    /// Whether both sides are the same.
    pub fn is_equal(&self) -> bool {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => !old.pieces.iter().chain(&new.pieces).any(|(differs, _)| *differs),
            _ => false,
        }
    }
}

/// Compares two texts and keeps `context` equal lines around each change; `None` keeps them all.
///
/// Large texts are compared for at most two seconds and then more coarsely, never wrongly.
pub fn compare(old: &str, new: &str, context: Option<usize>) -> Diff {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .timeout(Duration::from_secs(2))
        .diff_lines(old, new);
    let (mut rows, mut added, mut removed) = (Vec::new(), 0, 0);
    for op in diff.ops() {
        let (mut olds, mut news) = (Vec::new(), Vec::new());
        for change in diff.iter_inline_changes(op) {
            let pieces: Vec<(bool, String)> = change
                .iter_strings_lossy()
                .map(|(differs, piece)| (differs, piece.trim_end_matches(['\n', '\r']).to_owned()))
                .filter(|(_, piece)| !piece.is_empty())
                .collect();
            let side = |index: Option<usize>, pieces: Vec<(bool, String)>| {
                index.map(|i| Side { number: i + 1, pieces })
            };
            match change.tag() {
                ChangeTag::Equal => rows.push(Row {
                    old: side(change.old_index(), pieces.clone()),
                    new: side(change.new_index(), pieces),
                }),
                ChangeTag::Delete => olds.extend(side(change.old_index(), pieces)),
                ChangeTag::Insert => news.extend(side(change.new_index(), pieces)),
            }
        }
        added += news.len();
        removed += olds.len();
        rows.extend(pair(olds, news));
    }
    Diff { added, removed, parts: fold(rows, context), contexts: <(ByLine, ByLine)>::default() }
}

/// Counts added and removed lines without keeping them.
pub fn count(old: &str, new: &str) -> (usize, usize) {
    let diff = TextDiff::configure().timeout(Duration::from_secs(2)).diff_lines(old, new);
    diff.ops().iter().fold((0, 0), |(added, removed), op| match op.tag() {
        similar::DiffTag::Equal => (added, removed),
        similar::DiffTag::Delete | similar::DiffTag::Insert | similar::DiffTag::Replace => {
            (added + op.new_range().len(), removed + op.old_range().len())
        }
    })
}

/// The comparison as a patch that `patch -p0` takes.
pub fn unified(old: (&str, &str), new: (&str, &str)) -> String {
    TextDiff::from_lines(old.1, new.1).unified_diff().context_radius(3).header(old.0, new.0).to_string()
}

fn pair(olds: Vec<Side>, news: Vec<Side>) -> Vec<Row> {
    let longest = olds.len().max(news.len());
    let (mut olds, mut news) = (olds.into_iter(), news.into_iter());
    (0..longest).map(|_| Row { old: olds.next(), new: news.next() }).collect()
}

fn fold(rows: Vec<Row>, context: Option<usize>) -> Vec<Part> {
    let Some(context) = context else {
        return if rows.is_empty() { Vec::new() } else { vec![Part::Rows(rows)] };
    };
    let changed: Vec<usize> =
        rows.iter().enumerate().filter(|(_, r)| !r.is_equal()).map(|(i, _)| i).collect();
    let mut ahead = changed.iter().copied().peekable();
    let (mut parts, mut shown, mut gap, mut last) = (Vec::new(), Vec::new(), 0, None::<usize>);
    for (i, row) in rows.into_iter().enumerate() {
        while let Some(c) = ahead.next_if(|c| *c <= i) {
            last = Some(c);
        }
        let near_last = last.is_some_and(|c| i - c <= context);
        let near_next = ahead.peek().is_some_and(|c| c - i <= context);
        if near_last || near_next {
            if gap > 0 {
                if !shown.is_empty() {
                    parts.push(Part::Rows(std::mem::take(&mut shown)));
                }
                parts.push(Part::Gap(std::mem::take(&mut gap)));
            }
            shown.push(row);
        } else {
            gap += 1;
        }
    }
    if !shown.is_empty() {
        parts.push(Part::Rows(shown));
    }
    if gap > 0 && !parts.is_empty() {
        parts.push(Part::Gap(gap));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(n: usize) -> String {
        (1..=n).fold(String::new(), |text, i| text + "line " + &i.to_string() + "\n")
    }

    #[test]
    fn a_changed_line_is_shown_with_its_surroundings_and_marked_words() {
        let old = lines(20);
        let new = old.replace("line 10\n", "line ten\n");
        let diff = compare(&old, &new, Some(2));
        assert_eq!((diff.added, diff.removed), (1, 1));
        let [Part::Gap(7), Part::Rows(rows), Part::Gap(8)] = diff.parts.as_slice() else {
            panic!("{:?}", diff.parts)
        };
        assert_eq!(rows.len(), 5);
        let new_side = rows[2].new.as_ref().unwrap();
        assert_eq!(new_side.number, 10);
        assert_eq!(new_side.pieces, [(false, "line ".to_owned()), (true, "ten".to_owned())]);
    }

    #[test]
    fn equal_texts_have_no_parts() {
        assert_eq!(compare("a\n", "a\n", Some(3)).parts, []);
    }

    #[test]
    fn a_patch_names_both_sides() {
        let patch = unified(("a", "x\n"), ("b", "y\n"));
        assert_eq!(patch, "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n");
    }

    proptest! {
        /// Gaps and rows together account for every line of both texts, whatever the texts are.
        #[test]
        fn no_line_is_lost(old in "([ab]\n){0,30}", new in "([ab]\n){0,30}", context in 0usize..4) {
            let diff = compare(&old, &new, Some(context));
            let (mut olds, mut news) = (0, 0);
            for part in &diff.parts {
                match part {
                    Part::Gap(n) => { olds += n; news += n; }
                    Part::Rows(rows) => for row in rows {
                        olds += usize::from(row.old.is_some());
                        news += usize::from(row.new.is_some());
                    },
                }
            }
            if old != new {
                prop_assert_eq!((olds, news), (old.lines().count(), new.lines().count()));
            }
            prop_assert_eq!(count(&old, &new), (diff.added, diff.removed));
        }
    }
}
