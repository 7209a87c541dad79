//! How a file says that devices of its platform hold several contexts.

use regex::{Regex, bytes};

use super::Compiler;
use crate::platform::{
    ContextRules, Fetched, Form, PlatformError,
    contexts::{Inside, is_name},
    file::{self, Pattern, PlatformFile},
};

/// What the rest of the file says that matters here.
struct Around<'f> {
    /// The information commands.
    info: &'f [String],
    /// Whether there is a shell, which alone can go into a context.
    is_shell: bool,
    /// Errors and refusals, which are those of all texts.
    errors: &'f [Pattern],
    denied: &'f [Pattern],
}

impl Compiler<'_> {
    /// Takes what the file says of contexts, which needs the rest of it.
    pub(super) fn divided(&self, file: &mut PlatformFile) -> Result<Option<ContextRules>, PlatformError> {
        let Some(contexts) = file.contexts.take() else { return Ok(None) };
        let around = Around {
            info: &file.commands.info,
            is_shell: matches!(file.channel, file::Channel::Shell),
            errors: &file.text.errors,
            denied: &file.text.denied,
        };
        self.contexts(contexts, &around).map(Some)
    }

    fn contexts(&self, contexts: file::Contexts, around: &Around<'_>) -> Result<ContextRules, PlatformError> {
        let form = match (contexts.fetched, contexts.inside) {
            (Some(fetched), None) => Form::Fetched(Box::new(self.fetched(fetched, around)?)),
            (None, Some(inside)) => Form::Inside(self.inside(&inside)?),
            (None, None) | (Some(_), Some(_)) => {
                return Err(self.value("contexts", "wants one of `fetched` and `inside`"));
            }
        };
        let is_needed = match &form {
            Form::Fetched(fetched) => fetched.base.is_some(),
            Form::Inside(_) => true,
        };
        match contexts.first {
            None if is_needed => {
                Err(self.value("contexts.first", "is missing: it names the text that belongs to no context"))
            }
            Some(first) if !is_name(&first) => {
                Err(self.value("contexts.first", "is a name: printable, on one line, 200 characters at most"))
            }
            first => Ok(ContextRules { first: first.unwrap_or_default(), form }),
        }
    }

    fn inside(&self, inside: &file::Inside) -> Result<Inside, PlatformError> {
        let optional =
            |field: &str, it: &Option<Pattern>| it.as_ref().map(|it| self.bytes(field, it)).transpose();
        let begins = self.bytes("contexts.inside.begins", &inside.begins)?;
        if !begins.capture_names().flatten().any(|group| group == "name") {
            return Err(self.pattern("contexts.inside.begins", &inside.begins, NO_NAME));
        }
        Ok(Inside {
            within: optional("contexts.inside.within", &inside.within)?,
            ends: optional("contexts.inside.ends", &inside.ends)?,
            begins,
        })
    }

    fn fetched(&self, fetched: file::Fetched, around: &Around<'_>) -> Result<Fetched, PlatformError> {
        if !around.is_shell {
            return Err(self.value("contexts.fetched", "needs a shell: an exec channel keeps no context"));
        }
        if !around.info.contains(&fetched.info) {
            let message = format!("`{}` is not among the information commands", fetched.info);
            return Err(self.value("contexts.fetched.info", &message));
        }
        let name = self.text("contexts.fetched.name", &fetched.name)?;
        if !name.capture_names().flatten().any(|group| group == "name") {
            return Err(self.pattern("contexts.fetched.name", &fetched.name, NO_NAME));
        }
        let base = match (fetched.base_enter, fetched.base) {
            (enter, Some(command)) => Some((enter, command)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(self.value("contexts.fetched.base", "is missing beside `base_enter`"));
            }
        };
        if base.is_none() && fetched.list.is_none() {
            return Err(
                self.value("contexts.fetched.list", "is missing, and so is `base`: nothing lists them")
            );
        }
        let enter = match (fetched.enter, fetched.entered) {
            (Some(enter), Some(entered)) => Some((enter, entered)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(self.value("contexts.fetched.entered", "is missing: nothing proves `enter`"));
            }
            (None, Some(_)) => {
                return Err(self.value("contexts.fetched.enter", "is missing beside `entered`"));
            }
        };
        self.placeholders("contexts.fetched.fetch", &fetched.fetch, &name)?;
        if let Some((command, prompt)) = &enter {
            self.placeholders("contexts.fetched.enter", command, &name)?;
            self.placeholders("contexts.fetched.entered", prompt, &name)?;
            bytes::Regex::new(&any_group(prompt))
                .map_err(|error| self.value("contexts.fetched.entered", &error.to_string()))?;
        }
        let complete = |it| self.evidence(it, around.errors, around.denied);
        Ok(Fetched {
            headings: self.headings(&fetched.heading)?,
            evidence: fetched.complete.map(complete).transpose()?,
            matches: self.text("contexts.fetched.matches", &fetched.matches)?,
            info: fetched.info,
            list: fetched.list,
            fetch: fetched.fetch,
            leave: fetched.leave,
            heading: fetched.heading,
            base,
            name,
            enter,
        })
    }

    /// Finds the lines that are headings, and every other line that could be taken for one.
    fn headings(&self, heading: &str) -> Result<bytes::Regex, PlatformError> {
        let field = "contexts.fetched.heading";
        let (before, after) = heading.split_once("{name}").unwrap_or_default();
        if before.trim().is_empty() || heading.contains('\n') || !heading.is_ascii() || after.contains('{') {
            return Err(self.value(field, "is one line: a sign of a comment, words, and `{name}` once"));
        }
        let (before, after) = (regex::escape(before), regex::escape(after));
        bytes::Regex::new(&format!(r"(?m-u)^{before}([^\n]*?){after}[ \t]*(?:\r?\n|\z)"))
            .map_err(|error| self.value(field, &error.to_string()))
    }

    /// Every word in braces is a group of the pattern that finds a listed context.
    fn placeholders(&self, field: &str, text: &str, name: &Regex) -> Result<(), PlatformError> {
        let known: Vec<&str> = name.capture_names().flatten().collect();
        let words = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word);
        // In a pattern, a number in braces counts.
        let mut words = words.filter(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()));
        match words.find(|word| !known.contains(word)) {
            Some(unknown) => {
                let message =
                    format!("`{{{unknown}}}` is none of the groups of `name`: {}", known.join(", "));
                Err(self.value(field, &message))
            }
            None => Ok(()),
        }
    }
}

const NO_NAME: &str = "has no group `(?P<name>…)` around the name of a context";

/// A pattern with a letter in place of each word in braces.
fn any_group(pattern: &str) -> String {
    let mut parts = pattern.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((word, rest)) if word.starts_with(|first: char| first.is_ascii_alphabetic()) => {
                filled.push('x');
                filled.push_str(rest);
            }
            _ => {
                filled.push('{');
                filled.push_str(part);
            }
        }
    }
    filled
}
