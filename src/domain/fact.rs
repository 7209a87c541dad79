//! What a device tells of itself, kept beside its configuration and never compared with it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::text_enum;

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

impl FactName {
    /// Whether another value is worth a line in the device's history: not where each fetch or each change of the
    /// configuration has another.
    pub fn has_history(self) -> bool {
        matches!(self, Self::Hostname | Self::Model | Self::Serial | Self::Version)
    }

    /// Whether another value means that another device may stand there.
    pub fn is_identity(self) -> bool {
        matches!(self, Self::Serial | Self::Model)
    }
}

/// What a device told, each fact once.
pub type Facts = BTreeMap<FactName, String>;

/// A fact that is another than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactChange {
    /// Which.
    pub name: FactName,
    /// What it was; `None` when the device told it for the first time.
    pub before: Option<String>,
    /// What it is.
    pub after: String,
}

/// A change of a device's facts, and when it was seen.
#[derive(Debug, Clone)]
pub struct SeenChange {
    /// What changed.
    pub change: FactChange,
    /// When the job ended that saw it.
    pub at: DateTime<Utc>,
}

/// What a job learned of its device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learned {
    /// Everything that is known now. What was not told this time is as it was: a command may have failed.
    pub facts: Facts,
    /// What is another than before and has a history.
    pub changes: Vec<FactChange>,
}

impl Learned {
    /// What `told` adds to what was known `before`.
    pub fn of(before: &Facts, told: Facts) -> Self {
        let is_other = |(name, value): &(&FactName, &String)| {
            name.has_history() && before.get(name).is_none_or(|known| known != *value)
        };
        let change = |(name, value): (&FactName, &String)| FactChange {
            name: *name,
            before: before.get(name).cloned(),
            after: value.clone(),
        };
        let changes = told.iter().filter(is_other).map(change).collect();
        let mut facts = before.clone();
        facts.extend(told);
        Self { facts, changes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(all: &[(FactName, &str)]) -> Facts {
        all.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    #[test]
    fn another_serial_is_a_change_another_uptime_is_none_and_what_is_not_told_stays() {
        let before =
            facts(&[(FactName::Serial, "A"), (FactName::Uptime, "1 day"), (FactName::Model, "C9200")]);
        let learned = Learned::of(&before, facts(&[(FactName::Serial, "B"), (FactName::Uptime, "2 days")]));
        let change =
            FactChange { name: FactName::Serial, before: Some("A".to_owned()), after: "B".to_owned() };
        assert_eq!(learned.changes, [change]);
        let all = [(FactName::Serial, "B"), (FactName::Uptime, "2 days"), (FactName::Model, "C9200")];
        assert_eq!(learned.facts, facts(&all));
        assert_eq!(Learned::of(&before, Facts::new()), Learned { facts: before, changes: Vec::new() });
    }
}
