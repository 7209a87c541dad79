//! From the difference of two texts to the rows of a page.

use crate::{
    domain::diff::{Diff, Part, Row, Side},
    web::diff::{Cell, Gap, Kind, Piece, SplitRow, UnifiedRow},
};

/// Rows that one page shows; the patch has them all.
pub const ROWS: usize = 20_000;

/// The rows of the unified view: what is gone before what came, stretch by stretch.
pub fn unified(diff: &Diff, all: &str) -> Vec<UnifiedRow> {
    let mut rows = Vec::new();
    for part in &diff.parts {
        match part {
            Part::Gap(count) => rows.push(UnifiedRow::Gap(Gap::of(*count, whole(all)))),
            Part::Rows(pairs) => unify(pairs, &mut rows),
        }
    }
    let rest = rows.len().saturating_sub(ROWS);
    if rest > 0 {
        rows.truncate(ROWS);
        rows.push(UnifiedRow::Gap(cut(rest)));
    }
    rows
}

fn unify(pairs: &[Row], rows: &mut Vec<UnifiedRow>) {
    let mut came = Vec::new();
    for row in pairs {
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
    let mut rows = Vec::new();
    for part in &diff.parts {
        match part {
            Part::Gap(count) => rows.push(SplitRow::Gap(Gap::of(*count, whole(all)))),
            Part::Rows(pairs) => rows.extend(pairs.iter().map(side_by_side)),
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
    fn a_page_does_not_grow_without_end() {
        let diff = compare("", &"x\n".repeat(ROWS + 5), None);
        let rows = unified(&diff, "");
        assert_eq!(rows.len(), ROWS + 1);
        assert_eq!(signs(&rows).split(' ').rfind(|sign| !sign.is_empty()), Some("~5"));
    }
}
