//! A terminal session taken apart: which line is a prompt, what was typed there, what came back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use regex::{Regex, bytes};

use crate::platform::{LineEnding, Prompt, Screen, compile::ANY_PAGER};

/// A line on which somebody may have typed: what a prompt may be, its sign, and the words behind it. A sign alone is one
/// where nothing else is.
static TYPED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(>|\S(?:[^#>$%]{0,60}?|<?[\w.:@~/ ()\[\]*-]{0,60})[#>$%])(?:\s?([A-Za-z/?].*))?$").ok()
});

/// A pager's line.
static PAGER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ANY_PAGER).ok());

/// What devices say to a command that they do not know.
static ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(%\s?[A-Z][a-z]+ [a-z]+|(?:error: )?(?:unrecognized|unknown|invalid) (?:command|input|token))").ok()
});

/// The mode behind a prompt's name.
static MODE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\s?\([\w./: -]+\)$").ok());

/// What of a prompt changes while one talks: a star for what is not saved, a count of the commands. As patterns of a file.
pub const VARIES: [&str; 2] = [r"^[*!] ?", r"[.:]\d+ ?[#>]"];

/// The same at the beginning and at the end of a prompt's name.
static VARYING: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[*!] ?|[.:]\d+$").ok());

/// A command and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub command: String,
    pub lines: Vec<String>,
}

/// A session.
#[derive(Debug)]
pub struct Spoken {
    /// A pattern of the prompts of such devices.
    pub prompt: String,
    /// Whether parts of it change while one talks, see [`VARIES`].
    pub varies: bool,
    pub exchanges: Vec<Exchange>,
    /// Whether a pager was seen.
    pub paged: bool,
    /// Whether privileged mode was asked for.
    pub enables: bool,
    /// The command that ended it.
    pub goodbye: Option<String>,
    /// Patterns of what the device says to what it does not know.
    pub errors: Vec<String>,
}

/// The name in a prompt: without the sign and the mode.
fn base(prompt: &str) -> &str {
    let name = prompt.trim_end_matches(['#', '>', '$', '%']).trim_end();
    let mode = MODE.as_ref().and_then(|mode| mode.find(name)).filter(|mode| mode.start() > 0);
    mode.and_then(|mode| name.get(..mode.start())).unwrap_or(name)
}

fn typed(line: &str) -> Option<(&str, Option<&str>)> {
    let found = TYPED.as_ref()?.captures(line)?;
    Some((found.get(1)?.as_str(), found.get(2).map(|command| command.as_str().trim_end())))
}

/// What was found of one name.
#[derive(Default)]
struct Name<'a> {
    typed: usize,
    all: usize,
    /// The name as it was shown, with what varies.
    shown: BTreeSet<&'a str>,
    prompt: &'a str,
}

/// The name without what may vary in it.
fn steady(name: &str) -> String {
    VARYING.as_ref().map_or_else(|| name.to_owned(), |varying| varying.replace_all(name, "").into_owned())
}

/// The prompt whose name begins the most lines on which something was typed, and whether the name varies.
fn prompt(lines: &[String]) -> Option<(String, bool)> {
    let mut names: BTreeMap<String, Name<'_>> = BTreeMap::new();
    let mut bare = 0;
    for line in lines {
        let Some((prompt, command)) = typed(line) else { continue };
        bare += usize::from(prompt == ">" && command.is_some());
        // A line of signs alone is a comment.
        if !base(prompt).contains(char::is_alphanumeric) {
            continue;
        }
        let name = names.entry(steady(base(prompt))).or_default();
        name.typed += usize::from(command.is_some());
        name.all += 1;
        name.shown.insert(base(prompt));
        // The one with the sign of privileged mode is where commands are given.
        if name.prompt.is_empty() || prompt.ends_with('#') {
            name.prompt = prompt;
        }
    }
    let known = names.into_iter().filter(|(_, name)| name.typed > 0 && name.all > 1);
    let best = known.max_by_key(|(key, name)| (name.typed, key.len()));
    match best {
        Some((_, name)) if bare <= name.typed => Some((name.prompt.to_owned(), name.shown.len() > 1)),
        _ => (bare > 1).then(|| (">".to_owned(), false)),
    }
}

/// A pattern of prompts like this one: the name of this device in it stands for any name.
fn pattern(prompt: &str, varies: bool) -> String {
    let name = if varies { base(prompt).trim_start_matches(['*', '!', ' ']) } else { base(prompt) };
    let (mut out, mut word) = (String::from(if varies { "^(?:[*!] ?)?" } else { "^" }), false);
    for letter in name.chars() {
        if letter.is_alphanumeric() || "._-".contains(letter) {
            if !word {
                out.push_str(r"[\w.-]+");
            }
            word = true;
        } else {
            word = false;
            out.push_str(&regex::escape(&letter.to_string()));
        }
    }
    out.push_str(r"(?:\s?\([\w./: -]+\))?\s?");
    let sign = prompt.trim_end().chars().last().unwrap_or('#');
    out.push_str(if "#>".contains(sign) { "[#>]" } else { r"[$%#>]" });
    out.push_str(r"\s*$");
    out
}

/// Takes a session apart. Where a command begins with one of the `verbs` that devices know, only such ones are taken for
/// commands: a configuration may hold lines that look like a prompt with something behind it. `None` where no prompt can be made out.
pub fn spoken(session: &str, verbs: &BTreeSet<String>) -> Option<Spoken> {
    let mut screen = Screen::new(LineEnding::Lf);
    screen.feed(session.replace("\r\n", "\n").replace('\n', "\r\n").as_bytes());
    let text = String::from_utf8_lossy(screen.text()).replace("\r\n", "\n");
    let is_pager = |line: &str| PAGER.as_ref().is_some_and(|pager| pager.is_match(line));
    let paged = text.lines().any(is_pager);
    let lines: Vec<String> =
        text.lines().filter(|line| !is_pager(line)).map(|line| line.trim_end().to_owned()).collect();
    let (literal, varies) = prompt(&lines)?;
    let varying = bytes::Regex::new(&VARIES.join("|")).ok().filter(|_| varies);
    let known = Prompt::varying(literal.as_bytes(), varying.as_ref());
    let at_prompt =
        |line: &str| typed(line).is_some_and(|(prompt, _)| known.is_in_any_mode(prompt.as_bytes()));
    let is_known = |command: &str| {
        command.split_whitespace().next().is_some_and(|verb| verbs.contains(&verb.to_lowercase()))
    };
    let commands = || lines.iter().filter(|line| at_prompt(line)).filter_map(|line| typed(line)?.1);
    let by_verb = commands().filter(|command| is_known(command)).count() > 1;
    let mut exchanges: Vec<Exchange> = Vec::new();
    let (mut enables, mut goodbye, mut errors) = (false, None, Vec::new());
    for line in &lines {
        let at = typed(line).filter(|(_, command)| {
            at_prompt(line) && command.is_none_or(|command| !by_verb || is_known(command))
        });
        match at {
            Some((_, Some(command))) => {
                enables |= command == "enable" || command == "en";
                if ["exit", "quit", "logout", "bye"].contains(&command) {
                    goodbye = Some(command.to_owned());
                }
                exchanges.push(Exchange { command: command.to_owned(), lines: Vec::new() });
            }
            Some((_, None)) => {}
            None => {
                if let Some(said) = ERROR.as_ref().and_then(|error| error.captures(line)) {
                    errors.extend(said.get(1).map(|said| regex::escape(said.as_str())));
                }
                if let Some(exchange) = exchanges.last_mut() {
                    exchange.lines.push(line.clone());
                }
            }
        }
    }
    for exchange in &mut exchanges {
        while exchange.lines.last().is_some_and(String::is_empty) {
            exchange.lines.pop();
        }
    }
    errors.sort();
    errors.dedup();
    Some(Spoken { prompt: pattern(&literal, varies), varies, exchanges, paged, enables, goodbye, errors })
}
