//! Rules that tag devices: conditions in nested groups, their text form, and what they say of a device.

mod evaluate;
mod text;

pub use evaluate::{Facts, Known, Matcher, Reason};
pub use text::{ParseError, parse};

use serde::{Deserialize, Serialize};

use super::{
    id::{RuleId, TagId},
    text_enum,
};

text_enum! {
    /// What of a device a condition looks at.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Field {
        /// The device's name.
        Name = "name",
        /// Its IP address or host name.
        Address = "address",
        /// Its platform's key.
        Platform = "platform",
        /// Its description.
        Description = "description",
        /// Its TCP port.
        Port = "port",
        /// Its serial number.
        SerialNumber = "serial_number",
        /// `yes` or `no`.
        Enabled = "enabled",
        /// `yes`, `no`, or `unknown` before the first check.
        Reachable = "reachable",
        /// How its backups stand: `good`, `failing`, `suspect` or `never`.
        Standing = "standing",
        /// The owner's user name; nothing when there is none.
        Owner = "owner",
        /// Any of the tags that people put on it; those of rules do not count, so that rules cannot feed each other.
        Tag = "tag",
    }
}

text_enum! {
    /// How a condition compares; text is compared without regard to case.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Operator {
        /// The same text.
        Equals = "equals",
        /// Holds the text.
        Contains = "contains",
        /// Begins with the text.
        Starts = "starts",
        /// Ends with the text.
        Ends = "ends",
        /// Matches a regular expression somewhere.
        Matches = "matches",
        /// An IP address in a network, such as `10.0.0.0/8`; host names never are.
        InNetwork = "in_network",
    }
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What is looked at.
    pub field: Field,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: String,
}

/// Conditions in nested groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Criteria {
    /// One comparison.
    Condition(Condition),
    /// All of these hold.
    And(Vec<Criteria>),
    /// One of these holds.
    Or(Vec<Criteria>),
    /// This does not hold.
    Not(Box<Criteria>),
}

/// The most characters of a value or pattern.
pub const MAX_VALUE: usize = 200;
/// The most conditions of a rule.
pub const MAX_CONDITIONS: usize = 50;
/// The most groups inside each other; a `not` is one.
pub const MAX_DEPTH: usize = 5;

/// Why criteria make no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCriteria {
    /// A group of nothing.
    #[error("A group needs at least one condition.")]
    EmptyGroup,
    /// Nested too deeply.
    #[error("Groups may be nested {MAX_DEPTH} deep; write it flatter.")]
    Deep,
    /// Too many conditions.
    #[error("A rule has at most {MAX_CONDITIONS} conditions; split it into two rules.")]
    Many,
    /// Something is wrong with one condition.
    #[error("{field} {operator} \"{value}\": {why}")]
    Condition {
        /// The condition's field.
        field: Field,
        /// Its operator.
        operator: Operator,
        /// Its value.
        value: String,
        /// What is wrong and what to do.
        why: String,
    },
}

impl Criteria {
    /// Everything that can be compared, ready to be asked about devices; or what is wrong.
    pub fn compile(&self) -> Result<Matcher, InvalidCriteria> {
        let mut conditions = 0;
        self.measure(1, &mut conditions)?;
        Matcher::new(self)
    }

    /// Whether any condition asks about this field.
    pub fn asks(&self, field: Field) -> bool {
        match self {
            Self::Condition(condition) => condition.field == field,
            Self::And(inside) | Self::Or(inside) => inside.iter().any(|criteria| criteria.asks(field)),
            Self::Not(inside) => inside.asks(field),
        }
    }

    fn measure(&self, depth: usize, conditions: &mut usize) -> Result<(), InvalidCriteria> {
        let inside = match self {
            Self::Condition(_) => {
                *conditions += 1;
                return if *conditions > MAX_CONDITIONS { Err(InvalidCriteria::Many) } else { Ok(()) };
            }
            Self::And(inside) | Self::Or(inside) => inside.as_slice(),
            Self::Not(inside) => std::slice::from_ref(&**inside),
        };
        if inside.is_empty() {
            return Err(InvalidCriteria::EmptyGroup);
        }
        if depth > MAX_DEPTH {
            return Err(InvalidCriteria::Deep);
        }
        inside.iter().try_for_each(|criteria| criteria.measure(depth + 1, conditions))
    }

    /// Whether a condition looks at `field`.
    pub fn uses(&self, field: Field) -> bool {
        match self {
            Self::Condition(condition) => condition.field == field,
            Self::And(inside) | Self::Or(inside) => inside.iter().any(|criteria| criteria.uses(field)),
            Self::Not(inside) => inside.uses(field),
        }
    }
}

/// A rule to be added, or the full new state of one that is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRule {
    /// Unique, for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The tag that it puts on devices.
    pub tag: TagId,
    /// On which devices.
    pub criteria: Criteria,
    /// Whether it is at work; one that is not assigns nothing.
    pub is_enabled: bool,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The row.
    pub id: RuleId,
    /// Unique, for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The tag that it puts on devices.
    pub tag: TagId,
    /// That tag's name.
    pub tag_name: String,
    /// On which devices.
    pub criteria: Criteria,
    /// Whether it is at work.
    pub is_enabled: bool,
    /// Counts edits, so that two people do not overwrite each other.
    pub version: i32,
}

#[cfg(test)]
mod tests;
