//! From the difference of two texts to the rows of a page.

use crate::{
    domain::diff::{Diff, Part, Row, Side},
    web::diff::{Cell, Gap, Kind, Piece, SplitRow, UnifiedRow},
};

/// Rows that one page shows; the patch has them all.
pub const ROWS: usize = 20_000;

/// Names the context of what changed, each time it is another than before.
struct Contexts<'d> {
    diff: &'d Diff,
    last: Option<&'d str>,
}

impl<'d> Contexts<'d> {
    fn of(diff: &'d Diff) -> Self {
        Self { diff, last: None }
    }

    /// The bar before a row, where one is due.
    fn before(&mut self, row: &Row) -> Option<Gap> {
        let context = self.diff.context(row).filter(|_| !row.is_equal())?;
        let is_other = self.last.replace(context) != Some(context);
        is_other.then(|| Gap { label: format!("context {context}"), href: None })
    }

    /// The bar before rows that begin with what stayed.
    fn ahead(&mut self, rows: &[Row]) -> Option<Gap> {
        rows.iter().find(|row| !row.is_equal()).and_then(|row| self.before(row))
    }
}

/// The rows of the unified view: what is gone before what came, stretch by stretch.
pub fn unified(diff: &Diff, all: &str) -> Vec<UnifiedRow> {
    let (mut rows, mut contexts) = (Vec::new(), Contexts::of(diff));
    for part in &diff.parts {
        match part {
            Part::Gap(count) => rows.push(UnifiedRow::Gap(Gap::of(*count, whole(all)))),
            Part::Rows(pairs) => {
                rows.extend(contexts.ahead(pairs).map(UnifiedRow::Gap));
                unify(pairs, &mut rows, &mut contexts);
            }
        }
    }
    let rest = rows.len().saturating_sub(ROWS);
    if rest > 0 {
        rows.truncate(ROWS);
        rows.push(UnifiedRow::Gap(cut(rest)));
    }
    rows
}

fn unify(pairs: &[Row], rows: &mut Vec<UnifiedRow>, contexts: &mut Contexts<'_>) {
    let mut came = Vec::new();
    for row in pairs {
        if let Some(bar) = contexts.before(row) {
            rows.append(&mut came);
            rows.push(UnifiedRow::Gap(bar));
        }
        if let (true, Some(old), Some(new)) = (row.is_equal(), &row.old, &row.new) {
            rows.append(&mut came);
            rows.push(UnifiedRow::Line {
                old: Some(old.number),
                new: Some(new.number),
                cell: cell(new, Kind::Same, 'R'),
            });
            continue;
        }
        rows.extend(row.old.as_ref().map(|old| UnifiedRow::Line {
            old: Some(old.number),
            new: None,
            cell: cell(old, Kind::Removed, 'L'),
        }));
        came.extend(row.new.as_ref().map(|new| UnifiedRow::Line {
            old: None,
            new: Some(new.number),
            cell: cell(new, Kind::Added, 'R'),
        }));
    }
    rows.append(&mut came);
}

/// The rows side by side.
pub fn sides(diff: &Diff, all: &str) -> Vec<SplitRow> {
    let (mut rows, mut contexts) = (Vec::new(), Contexts::of(diff));
    for part in &diff.parts {
        match part {
            Part::Gap(count) => rows.push(SplitRow::Gap(Gap::of(*count, whole(all)))),
            Part::Rows(pairs) => {
                rows.extend(contexts.ahead(pairs).map(SplitRow::Gap));
                for row in pairs {
                    rows.extend(contexts.before(row).map(SplitRow::Gap));
                    rows.push(side_by_side(row));
                }
            }
        }
    }
    let rest = rows.len().saturating_sub(ROWS);
    if rest > 0 {
        rows.truncate(ROWS);
        rows.push(SplitRow::Gap(cut(rest)));
    }
    rows
}

fn side_by_side(row: &Row) -> SplitRow {
    let (gone, came) = if row.is_equal() { (Kind::Same, Kind::Same) } else { (Kind::Removed, Kind::Added) };
    let side =
        |side: &Option<Side>, kind, letter| side.as_ref().map(|side| (side.number, cell(side, kind, letter)));
    SplitRow::Pair([side(&row.old, gone, 'L'), side(&row.new, came, 'R')])
}

fn cell(side: &Side, kind: Kind, letter: char) -> Cell {
    // A line that is new as a whole needs no marks: its colour says it.
    let whole = side.pieces.iter().all(|(differs, _)| *differs);
    Cell {
        kind,
        anchor: format!("{letter}{}", side.number),
        pieces: side
            .pieces
            .iter()
            .map(|(differs, text)| Piece { text: text.clone(), marked: *differs && !whole })
            .collect(),
    }
}

/// The address of the comparison with nothing left out; what was pasted has none.
fn whole(all: &str) -> Option<String> {
    (!all.is_empty()).then(|| all.to_owned())
}

fn cut(rest: usize) -> Gap {
    Gap { label: format!("{rest} more lines: download the patch to see them"), href: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diff::compare;

    fn signs(rows: &[UnifiedRow]) -> String {
        rows.iter()
            .map(|row| match row {
                UnifiedRow::Gap(gap) => format!("~{} ", gap.label.split(' ').next().unwrap_or("")),
                UnifiedRow::Line { cell, .. } => format!("{}{} ", cell.kind.class(), cell.anchor),
            })
            .collect()
    }

    #[test]
    fn what_is_gone_comes_before_what_came() {
        let diff = compare("a\nb\nc\nd\n", "a\nx\ny\nd\n", None);
        assert_eq!(signs(&unified(&diff, "")).trim(), "sameR1 delL2 delL3 addR2 addR3 sameR4");
    }

    #[test]
    fn gaps_are_bars_with_a_way_to_see_all() {
        let old: Vec<String> = (1..=20).map(|i| format!("line {i}\n")).collect();
        let old = old.concat();
        let new = old.replace("line 10\n", "line ten\n");
        let diff = compare(&old, &new, Some(1));
        let rows = unified(&diff, "/all");
        assert_eq!(signs(&rows).trim(), "~8 sameR9 delL10 addR10 sameR11 ~9");
        let Some(UnifiedRow::Gap(gap)) = rows.first() else { panic!("no gap") };
        assert_eq!(gap.href.as_deref(), Some("/all"));
        assert_eq!(sides(&diff, "").len(), 5);
    }

    #[test]
    fn changed_words_are_marked_and_new_lines_are_not() {
        let diff = compare("mtu 1500 up\n", "mtu 9000 up\nnew\n", None);
        let rows = sides(&diff, "");
        let pieces = |row: Option<&SplitRow>| match row {
            Some(SplitRow::Pair([_, Some((_, cell))])) => cell.pieces.clone(),
            _ => Vec::new(),
        };
        let changed = pieces(rows.first());
        assert!(changed.iter().any(|piece| piece.marked && piece.text.contains("9000")));
        assert!(changed.iter().any(|piece| !piece.marked));
        assert!(pieces(rows.get(1)).iter().all(|piece| !piece.marked));
    }

    #[test]
    fn one_side_stays_empty_where_lines_were_added() {
        let diff = compare("a\n", "a\nb\n", None);
        let rows = sides(&diff, "");
        assert!(matches!(rows.get(1), Some(SplitRow::Pair([None, Some((2, _))]))));
    }

    #[test]
    fn the_context_of_what_changed_is_named_once_where_it_begins() {
        let texts = ("a\n# b\nx\ny\n# c\nz\n", "a2\n# b\nx2\ny\n# c\nz2\n");
        let part = |name: &str, whole: std::ops::Range<usize>| crate::domain::context::Part {
            name: name.into(),
            text: whole.clone(),
            whole,
        };
        let lines = |text: &str| {
            let at = |words: &str| text.find(words).unwrap();
            let (b, c) = (at("# b"), at("# c"));
            let parts = vec![part("base", 0..b), part("b", b..c), part("c", c..text.len())];
            crate::domain::context::Contexts::of(parts).by_line(text.as_bytes())
        };
        let diff = Diff { contexts: (lines(texts.0), lines(texts.1)), ..compare(texts.0, texts.1, Some(1)) };
        let bars: Vec<String> = unified(&diff, "")
            .into_iter()
            .filter_map(|row| match row {
                UnifiedRow::Gap(gap) => Some(gap.label),
                UnifiedRow::Line { .. } => None,
            })
            .collect();
        assert_eq!(bars, ["context base", "context b", "context c"]);
        let split = sides(&diff, "").into_iter().filter(|row| matches!(row, SplitRow::Gap(_)));
        assert_eq!(split.count(), 3);
    }

    #[test]
    fn a_page_does_not_grow_without_end() {
        let diff = compare("", &"x\n".repeat(ROWS + 5), None);
        let rows = unified(&diff, "");
        assert_eq!(rows.len(), ROWS + 1);
        assert_eq!(signs(&rows).split(' ').rfind(|sign| !sign.is_empty()), Some("~5"));
    }
}
