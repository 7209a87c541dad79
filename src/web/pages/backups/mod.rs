//! Versions of configurations: their list, one of them, two of them, and captures that are none.

pub mod browse;
pub mod care;
pub mod compare;
mod contexts;
pub mod delete;
pub mod detail;
pub mod export;
pub mod list;
pub mod paste;
mod restore;
pub mod suspect;
pub(in crate::web::pages) mod view;

use chrono::{DateTime, Utc};

/// Lines that one page shows of a text; the download has them all.
const LINES: usize = 20_000;

/// A name for a file, from text that a person or a device chose: no path, no quotes, no line ends, not endless (S-73).
fn file_name(device: &str, at: DateTime<Utc>, ending: &str) -> String {
    let mut name = String::with_capacity(80);
    for letter in device.chars().take(80) {
        let safe = if letter.is_ascii_alphanumeric() || "-._".contains(letter) { letter } else { '_' };
        // No "..", and nothing hidden at the front.
        if safe != '.' || !(name.is_empty() || name.ends_with('.')) {
            name.push(safe);
        }
    }
    if name.is_empty() {
        name.push_str("device");
    }
    format!("{name}_{}.{ending}", at.format("%Y-%m-%d_%H%M%S"))
}

/// The lines of a text for one page, and how many there are in all when that is not all of them.
fn shown_lines(text: &str) -> (Vec<&str>, Option<usize>) {
    let all = text.lines().count();
    (text.lines().take(LINES).collect(), (all > LINES).then_some(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_in_their_folder() {
        let long = "x".repeat(300);
        for (device, expected) in [
            ("core-1.example", "core-1.example"),
            ("../../x", "_._x"),
            ("a\"\r\nb", "a___b"),
            ("..", "device"),
            ("", "device"),
            ("..hidden", "hidden"),
            ("/etc/passwd", "_etc_passwd"),
            ("C:\\x", "C__x"),
            ("köln\u{202e}", "k_ln_"),
            (long.as_str(), &"x".repeat(80)),
        ] {
            let name = file_name(device, DateTime::UNIX_EPOCH, "cfg");
            assert_eq!(name, format!("{expected}_1970-01-01_000000.cfg"), "{device:?}");
        }
    }

    #[test]
    fn a_page_shows_so_many_lines() {
        assert_eq!(shown_lines("a\n\nb\n"), (vec!["a", "", "b"], None));
        let long = "x\n".repeat(LINES + 1);
        let (lines, all) = shown_lines(&long);
        assert_eq!((lines.len(), all), (LINES, Some(LINES + 1)));
    }
}
