//! What a device tells of itself, kept beside its configuration and never compared with it.

use regex::Regex;

use super::{Capture, compare::decoded, visible};
use crate::domain::fact::{FactName, Facts};

/// The longest fact, in characters.
const LONGEST: usize = 200;

/// Where a fact stands.
#[derive(Debug)]
pub struct FactRule {
    /// Which fact.
    pub name: FactName,
    /// The information command that tells it; `None` for the configuration.
    pub info: Option<String>,
    /// Its first group is the fact.
    pub pattern: Regex,
}

/// Each fact once, from the first rule that finds it.
pub fn found(rules: &[FactRule], capture: &Capture) -> Facts {
    let configuration = decoded(&capture.raw);
    let mut known = Facts::new();
    for FactRule { name, info, pattern } in rules {
        let text = match info {
            Some(command) => capture.info.iter().find(|it| it.command == *command).map(|it| it.text.as_str()),
            None => Some(&*configuration),
        };
        let value = text.and_then(|text| pattern.captures(text)).and_then(|found| found.get(1));
        let value = value.map(|value| value.as_str().trim()).filter(|value| !value.is_empty());
        if let Some(value) = value {
            let value: String = value.chars().take(LONGEST).collect();
            known.entry(*name).or_insert_with(|| visible(&value));
        }
    }
    known
}
