//! Makes visible what a device may hide in its text.

use std::fmt::Write;

/// The text with control characters as their symbols (`ESC` is `␛`), and marks that change the direction of
/// writing or take no room as `<U+202E>`. Line feeds and tabs stay.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '\n' | '\t' => shown.push(symbol),
            '\0'..='\u{1f}' => shown.push(char::from_u32(0x2400 + u32::from(symbol)).unwrap_or('\u{fffd}')),
            '\u{7f}' => shown.push('␡'),
            _ if is_hidden(symbol) => {
                // Writing into a String cannot fail.
                let _ = write!(shown, "<U+{:04X}>", u32::from(symbol));
            }
            _ => shown.push(symbol),
        }
    }
    shown
}

/// C1 controls, direction marks, characters without width, line separators and tag characters.
fn is_hidden(symbol: char) -> bool {
    matches!(
        symbol,
        '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
