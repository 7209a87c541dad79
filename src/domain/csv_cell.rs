//! Cells of CSV files that spreadsheets must not take for formulas (S-72).

use std::borrow::Cow;

/// Whether a spreadsheet would take the text for a formula, behind any number of guards.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

/// The text as a cell: with an apostrophe in front if it begins like a formula.
pub fn guard(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of a cell that [`guard`] made.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_guarded_and_words_are_not() {
        for formula in ["=1+1", "+49", "-1", "@x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", "'=1"] {
            assert_eq!(guard(formula), format!("'{formula}"));
        }
        for word in ["", "core-1", "it's", "'quoted'", "a=b"] {
            assert_eq!(guard(word), word);
        }
    }

    proptest! {
        #[test]
        fn what_is_guarded_comes_back(text in "['=+@\\-\\t\\r＝a ]{0,6}") {
            let cell = guard(&text);
            prop_assert_eq!(unguard(&cell), text.as_str());
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']));
        }
    }
}
