//! Sessions by hand: `PLATFORM/NAME.session`, what a device sends, with `> ` lines for what it is sent.
//!
//! `; ` lines at the top are notes. What stands before the first `> ` line is the greeting, whose last line is the prompt;
//! without one the device is talked to by single commands. What follows a `> ` line is its answer, on a shell with the echo
//! in front and the next prompt as the last line.

use super::{capture::Exchange, escapes::unescape};

/// What notes `; secret: TEXT` name.
pub(super) fn secrets(text: &str) -> Vec<String> {
    let notes = text.lines().map_while(|line| line.strip_prefix("; "));
    notes.filter_map(|note| note.strip_prefix("secret: ")).map(str::to_owned).collect()
}

/// The greeting, and what was said.
pub(super) fn read(text: &str) -> (Vec<u8>, Vec<Exchange>) {
    let (mut greeting, mut commands) = (Vec::new(), Vec::<(&str, Vec<&str>)>::new());
    for line in text.lines() {
        let is_top = greeting.is_empty() && commands.is_empty();
        if let Some(command) = line.strip_prefix("> ") {
            commands.push((command, Vec::new()));
        } else if let Some((_, answer)) = commands.last_mut() {
            answer.push(line);
        } else if !(is_top && line.starts_with("; ")) {
            greeting.push(line);
        }
    }
    let end = if greeting.is_empty() { "\n" } else { "" };
    let answer = |lines: Vec<&str>| if lines.is_empty() { String::new() } else { lines.join("\n") + end };
    let exchange =
        |(command, lines)| Exchange { command: format!("{command}\n"), answer: unescape(&answer(lines)) };
    (unescape(&greeting.join("\n")), commands.into_iter().map(exchange).collect())
}
