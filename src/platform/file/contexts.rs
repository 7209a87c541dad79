//! How a file says that devices of its platform hold several contexts.

use serde::Deserialize;

use super::{Complete, Pattern};

/// Several named texts in one configuration, fetched one by one or parts of one text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contexts {
    /// The name of the text that belongs to no context.
    pub first: Option<String>,
    pub fetched: Option<Fetched>,
    pub inside: Option<Inside>,
}

/// Contexts that are asked for one by one. In `enter`, `entered`, `fetch` and `heading` a group of `name` stands in braces.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetched {
    /// The information command that tells whether the device holds several.
    pub info: String,
    /// What it says then.
    pub matches: Pattern,
    /// The way to where the text is shown that belongs to no context.
    pub base_enter: Option<String>,
    /// The command for that text.
    pub base: Option<String>,
    /// The command that lists the contexts; without one they stand in the text that belongs to none.
    pub list: Option<String>,
    /// Finds each listed context: its group `name`, and what else the commands need.
    pub name: Pattern,
    /// The way into one.
    pub enter: Option<String>,
    /// What the prompt looks like there.
    pub entered: Option<String>,
    /// The command for the text of one.
    pub fetch: String,
    /// The way back.
    pub leave: Option<String>,
    /// The line before each text, in the platform's syntax for comments.
    pub heading: String,
    /// The marks of a whole text of a context, where they are others than those of the configuration.
    pub complete: Option<Complete>,
}

/// Contexts that are parts of one text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inside {
    /// Where they stand; anywhere without it.
    pub within: Option<Pattern>,
    /// Where one begins, with its group `name`.
    pub begins: Pattern,
    /// The end of one; without it the beginning of the next.
    pub ends: Option<Pattern>,
}
