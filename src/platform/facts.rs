//! What a device tells of itself, kept beside its configuration and never compared with it.

use std::collections::BTreeMap;

use regex::Regex;

use super::{Capture, compare::decoded, visible};
use crate::domain::text_enum;

/// The longest fact, in characters.
const LONGEST: usize = 200;

text_enum! {
    /// What a device tells of itself, beside its configuration.
    pub enum FactName {
        /// Its name.
        Hostname = "hostname",
        /// What it is.
        Model = "model",
        /// Its serial number.
        Serial = "serial",
        /// The version of its software.
        Version = "version",
        /// How long it had run when it was asked.
        Uptime = "uptime",
        /// Who changed its configuration last.
        ChangedBy = "changed_by",
        /// When that was, in the device's own words.
        ChangedAt = "changed_at",
    }
}

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
pub fn found(rules: &[FactRule], capture: &Capture) -> BTreeMap<FactName, String> {
    let configuration = decoded(&capture.raw);
    let mut known = BTreeMap::new();
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
