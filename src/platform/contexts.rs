//! What is known of devices that hold several contexts: how each is asked for, and how one is found again in the whole.

use std::{collections::BTreeMap, ops::Range};

use regex::{Regex, bytes};

use super::{
    Doubt, InfoOutput, Platform,
    compare::{decoded, with_line_feeds},
    judge::Evidence,
    visible,
};
use crate::domain::{
    context::{Contexts, MOST_CONTEXTS, Part},
    failure::FailureClass,
};

/// The longest name of a context, and the longest word put into a command, in characters.
const LONGEST: usize = 200;

/// How devices of a platform hold several contexts.
#[derive(Debug)]
pub struct ContextRules {
    /// The name of the text that belongs to none.
    pub first: String,
    /// How their texts come.
    pub form: Form,
}

/// How the texts of contexts come.
#[derive(Debug)]
pub enum Form {
    /// One by one.
    Fetched(Box<Fetched>),
    /// As parts of one text.
    Inside(Inside),
}

/// Contexts that are asked for one by one.
#[derive(Debug)]
pub struct Fetched {
    /// The information command that tells whether there are several.
    pub info: String,
    /// What it says then.
    pub matches: Regex,
    /// The text that belongs to no context: the way there, and its command.
    pub base: Option<(Option<String>, String)>,
    /// The command that lists them; `None` where they stand in the text that belongs to none.
    pub list: Option<String>,
    pub(super) name: Regex,
    pub(super) enter: Option<(String, String)>,
    pub(super) fetch: String,
    /// The way back.
    pub leave: Option<String>,
    pub(super) heading: String,
    pub(super) headings: bytes::Regex,
    pub(super) evidence: Option<Evidence>,
}

/// Contexts that are parts of one text.
#[derive(Debug)]
pub struct Inside {
    pub(super) within: Option<bytes::Regex>,
    pub(super) begins: bytes::Regex,
    pub(super) ends: Option<bytes::Regex>,
}

/// One context as its device lists it, every word of it fit for a command.
#[derive(Debug, PartialEq, Eq)]
pub struct OneContext(BTreeMap<String, String>);

impl OneContext {
    /// Its name.
    pub fn name(&self) -> &str {
        self.0.get("name").map_or("", String::as_str)
    }

    /// `what` as something that is said of the context of this name.
    pub fn told(name: &str, what: &str) -> String {
        format!("the context {name}: {what}")
    }

    /// A text with the words of this context in place of its braces.
    fn fill(&self, text: &str, write: impl Fn(&str) -> String) -> String {
        let mut text = text.to_owned();
        for (group, value) in &self.0 {
            text = text.replace(&format!("{{{group}}}"), &write(value));
        }
        text
    }
}

/// Whether it can be the name of a context: printable, neither empty nor endless.
pub(super) fn is_name(text: &str) -> bool {
    let is_plain = !text.contains(['\n', '\t']) && visible(text) == text;
    is_plain && !text.trim().is_empty() && text.chars().count() <= LONGEST
}

/// Whether it can stand in a command as one word and do nothing else there. It comes from the device, and a device that
/// somebody else controls must not have us send it a second command, a pipe or a key.
fn is_word(text: &str) -> bool {
    const SIGNS: &[u8] = b"._-:/@+=%~,";
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || SIGNS.contains(&byte);
    !text.is_empty() && text.len() <= LONGEST && !text.starts_with('-') && text.bytes().all(fits)
}

impl Fetched {
    /// The contexts that the device lists.
    ///
    /// # Errors
    /// It lists none, too many, one twice, one of which a word is missing, or one that does not fit into a command.
    pub fn listed(&self, text: &[u8]) -> Result<Vec<OneContext>, Doubt> {
        let text = with_line_feeds(decoded(text));
        let mut listed: Vec<OneContext> = Vec::new();
        for found in self.name.captures_iter(&text) {
            let groups = self.name.capture_names().flatten();
            let word = |group: &str| found.name(group).map_or("", |it| it.as_str()).to_owned();
            let context = OneContext(groups.map(|group| (group.to_owned(), word(group))).collect());
            let name = context.name().to_owned();
            if !is_word(&name) {
                let shown: String = visible(&name).chars().take(LONGEST).collect();
                return Err(refused(&shown, "its name does not fit into a command; it was not sent"));
            }
            if let Some((group, value)) = context.0.iter().find(|(_, value)| !is_word(value)) {
                // The value is not quoted: an address may hold a password.
                let what = if value.is_empty() { "has no" } else { "has, unfit for a command, its" };
                return Err(refused(&name, &format!("the device's list {what} `{group}`")));
            }
            if listed.iter().any(|other| other.name() == name) {
                return Err(refused(&name, "the device lists it twice"));
            }
            listed.push(context);
        }
        let many = listed.len();
        if many == 0 {
            let text = "the device says that it holds several contexts, and lists none";
            return Err(Doubt::new(FailureClass::Truncated, text));
        }
        if many > MOST_CONTEXTS {
            let text = format!("the device lists {many} contexts; at most {MOST_CONTEXTS} are taken");
            return Err(Doubt::new(FailureClass::OutputLimit, text));
        }
        Ok(listed)
    }

    /// The way into a context: the command, and the pattern of the prompt there.
    pub fn enter(&self, context: &OneContext) -> Option<(String, String)> {
        let (command, prompt) = self.enter.as_ref()?;
        Some((context.fill(command, str::to_owned), context.fill(prompt, regex::escape)))
    }

    /// The command for the text of a context.
    pub fn fetch(&self, context: &OneContext) -> String {
        context.fill(&self.fetch, str::to_owned)
    }

    /// The line before the text of a context, its end included.
    pub fn heading(&self, context: &OneContext) -> String {
        context.fill(&self.heading, str::to_owned) + "\n"
    }

    /// How many lines read like a heading.
    pub(super) fn headings(&self, text: &[u8]) -> usize {
        self.headings.find_iter(text).count()
    }

    fn parts(&self, first: &str, text: &[u8]) -> Vec<Part> {
        let mut begins: Vec<(String, Range<usize>)> = Vec::new();
        for found in self.headings.captures_iter(text) {
            let (Some(line), Some(name)) = (found.get(0), found.get(1)) else { continue };
            let name = String::from_utf8_lossy(name.as_bytes()).into_owned();
            if is_name(&name) {
                begins.push((name, line.range()));
            }
        }
        let Some((_, earliest)) = begins.first() else { return Vec::new() };
        let before = 0..earliest.start;
        let is_there = self.base.is_some() || !before.is_empty();
        let base = Part { name: first.to_owned(), whole: before.clone(), text: before };
        let mut parts: Vec<Part> = is_there.then_some(base).into_iter().collect();
        let starts = begins.iter().skip(1).map(|(_, line)| line.start);
        let ends: Vec<usize> = starts.chain([text.len()]).collect();
        parts.extend(begins.into_iter().zip(ends).map(|((name, line), end)| Part {
            name,
            whole: line.start..end,
            text: line.end..end,
        }));
        parts
    }
}

fn refused(name: &str, why: &str) -> Doubt {
    Doubt::new(FailureClass::ErrorOutput, OneContext::told(name, why))
}

impl Inside {
    fn parts(&self, first: &str, text: &[u8]) -> Vec<Part> {
        let blocks: Vec<Range<usize>> = match &self.within {
            Some(within) => within.find_iter(text).map(|block| block.range()).collect(),
            None => std::iter::once(0..text.len()).collect(),
        };
        let (mut parts, mut at) = (Vec::new(), 0);
        let mut add = |name: &str, place: Range<usize>| {
            if !place.is_empty() {
                parts.push(Part { name: name.to_owned(), whole: place.clone(), text: place });
            }
        };
        for block in blocks {
            let begins = self.begins(text.get(block.clone()).unwrap_or_default(), block.start);
            let starts = begins.iter().skip(1).map(|(_, start)| *start);
            let limits: Vec<usize> = starts.chain([block.end]).collect();
            for ((name, start), limit) in begins.into_iter().zip(limits) {
                let end = self.end(text, start..limit);
                add(first, at..start);
                add(&name, start..end);
                at = end;
            }
        }
        if at > 0 {
            add(first, at..text.len());
        }
        parts
    }

    /// Where contexts begin in a block that begins at `offset`.
    fn begins(&self, block: &[u8], offset: usize) -> Vec<(String, usize)> {
        let found = self.begins.captures_iter(block).filter_map(|found| {
            let name = String::from_utf8_lossy(found.name("name")?.as_bytes()).into_owned();
            Some((name, found.get(0)?.start() + offset))
        });
        found.filter(|(name, _)| is_name(name)).collect()
    }

    /// Where a context ends, the end of its last line included.
    fn end(&self, text: &[u8], place: Range<usize>) -> usize {
        let ends = self.ends.as_ref().and_then(|ends| ends.find_at(text, place.start));
        let Some(end) = ends.map(|last| last.end()).filter(|end| *end < place.end) else { return place.end };
        let line_end = text.get(end..place.end).and_then(|rest| rest.iter().position(|byte| *byte == b'\n'));
        line_end.map_or(place.end, |more| end + more + 1)
    }
}

impl Platform {
    /// How devices of this platform hold several contexts, where they can.
    pub fn context_rules(&self) -> Option<&ContextRules> {
        self.contexts.as_ref()
    }

    /// How contexts are asked for one by one, where that is how they come.
    pub(super) fn fetched(&self) -> Option<&Fetched> {
        match &self.contexts.as_ref()?.form {
            Form::Fetched(fetched) => Some(fetched),
            Form::Inside(_) => None,
        }
    }

    /// How contexts are asked for one by one from a device that gave this information; `None` for one that is not divided.
    pub fn to_fetch(&self, info: &[InfoOutput]) -> Option<&Fetched> {
        self.fetched().filter(|fetched| {
            let said = info.iter().find(|output| output.command == fetched.info);
            said.is_some_and(|output| fetched.matches.is_match(&output.text))
        })
    }

    /// Whether the answer to this command tells if a device is divided: without any, nobody knows what its configuration is.
    pub fn tells_contexts(&self, command: &str) -> bool {
        self.fetched().is_some_and(|fetched| fetched.info == command)
    }

    /// The contexts of a text of this platform: as it came, normalised or masked.
    pub fn contexts(&self, text: &[u8]) -> Contexts {
        let parts = match &self.contexts {
            None => Vec::new(),
            Some(ContextRules { first, form: Form::Fetched(fetched) }) => fetched.parts(first, text),
            Some(ContextRules { first, form: Form::Inside(inside) }) => inside.parts(first, text),
        };
        Contexts::of(parts)
    }
}
