//! What criteria say of a device.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::{Regex, RegexBuilder};

use super::{Condition, Criteria, Field, InvalidCriteria, MAX_VALUE, Operator};
use crate::domain::{device::Standing, id::DeviceId};

/// The most memory of a compiled pattern: bounds the time that any pattern takes (S-70).
const PATTERN_BYTES: usize = 64 * 1024;

/// What conditions can ask of a device, in lower case.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The device.
    pub id: DeviceId,
    /// As people wrote it.
    pub shown: String,
    name: String,
    address: String,
    ip: Option<IpAddr>,
    platform: String,
    description: String,
    port: String,
    serial_number: String,
    enabled: &'static str,
    reachable: &'static str,
    standing: &'static str,
    owner: String,
    tags: Vec<String>,
}

/// What is known of a device, to be made [`Facts`] of.
#[derive(Debug, Clone)]
pub struct Known {
    /// The device.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
    /// Its IP address or host name.
    pub address: String,
    /// Its platform's key.
    pub platform: String,
    /// Its description.
    pub description: String,
    /// Its TCP port.
    pub port: i32,
    /// Its serial number.
    pub serial_number: String,
    /// Whether schedules take it.
    pub is_enabled: bool,
    /// What the last check said.
    pub is_reachable: Option<bool>,
    /// How its backups stand.
    pub standing: Standing,
    /// The owner's user name.
    pub owner: Option<String>,
    /// The tags that people put on it.
    pub tags: Vec<String>,
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

impl From<Known> for Facts {
    fn from(known: Known) -> Self {
        Self {
            id: known.id,
            name: known.name.to_lowercase(),
            shown: known.name,
            ip: known.address.parse().ok(),
            address: known.address.to_lowercase(),
            platform: known.platform.to_lowercase(),
            description: known.description.to_lowercase(),
            port: known.port.to_string(),
            serial_number: known.serial_number.to_lowercase(),
            enabled: yes(known.is_enabled),
            reachable: known.is_reachable.map_or("unknown", yes),
            standing: known.standing.as_str(),
            owner: known.owner.unwrap_or_default().to_lowercase(),
            tags: known.tags,
        }
    }
}

impl Facts {
    /// Where the device is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its platform's key.
    pub fn platform(&self) -> &str {
        &self.platform
    }

    fn any(&self, field: Field, holds: impl Fn(&str) -> bool) -> bool {
        holds(match field {
            Field::Name => &self.name,
            Field::Address => &self.address,
            Field::Platform => &self.platform,
            Field::Description => &self.description,
            Field::Port => &self.port,
            Field::SerialNumber => &self.serial_number,
            Field::Enabled => self.enabled,
            Field::Reachable => self.reachable,
            Field::Standing => self.standing,
            Field::Owner => &self.owner,
            Field::Tag => return self.tags.iter().any(|tag| holds(tag)),
        })
    }
}

/// How a value is compared, worked out once.
#[derive(Debug)]
enum Test {
    Equals(String),
    Contains(String),
    Starts(String),
    Ends(String),
    Matches(Regex),
    InNetwork(IpNet),
}

#[derive(Debug)]
enum Node {
    Condition { field: Field, test: Test, said: String },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

/// Criteria ready to be asked about devices.
#[derive(Debug)]
pub struct Matcher(Node);

/// A condition with whether it holds for a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The condition, in words.
    pub condition: String,
    /// Whether it holds.
    pub holds: bool,
}

impl Matcher {
    pub(super) fn new(criteria: &Criteria) -> Result<Self, InvalidCriteria> {
        Node::new(criteria).map(Self)
    }

    /// Whether they hold for this device.
    pub fn holds(&self, facts: &Facts) -> bool {
        self.0.holds(facts)
    }

    /// Every condition with whether it holds for this device, in the order in which they are written.
    pub fn explain(&self, facts: &Facts) -> Vec<Reason> {
        let mut reasons = Vec::new();
        self.0.explain(facts, &mut reasons);
        reasons
    }
}

impl Node {
    fn new(criteria: &Criteria) -> Result<Self, InvalidCriteria> {
        let all = |inside: &[Criteria]| inside.iter().map(Self::new).collect::<Result<Vec<_>, _>>();
        Ok(match criteria {
            Criteria::Condition(condition) => Self::Condition {
                field: condition.field,
                test: Test::new(condition)?,
                said: criteria.to_string(),
            },
            Criteria::And(inside) => Self::And(all(inside)?),
            Criteria::Or(inside) => Self::Or(all(inside)?),
            Criteria::Not(inside) => Self::Not(Box::new(Self::new(inside)?)),
        })
    }

    fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Condition { field, test, .. } => test.holds(*field, facts),
            Self::And(inside) => inside.iter().all(|node| node.holds(facts)),
            Self::Or(inside) => inside.iter().any(|node| node.holds(facts)),
            Self::Not(inside) => !inside.holds(facts),
        }
    }

    fn explain(&self, facts: &Facts, reasons: &mut Vec<Reason>) {
        match self {
            Self::Condition { field, test, said } => {
                reasons.push(Reason { condition: said.clone(), holds: test.holds(*field, facts) });
            }
            Self::And(inside) | Self::Or(inside) => {
                for node in inside {
                    node.explain(facts, reasons);
                }
            }
            Self::Not(inside) => inside.explain(facts, reasons),
        }
    }
}

impl Test {
    fn new(condition: &Condition) -> Result<Self, InvalidCriteria> {
        let wrong = |why: String| InvalidCriteria::Condition {
            field: condition.field,
            operator: condition.operator,
            value: condition.value.clone(),
            why,
        };
        let value = &condition.value;
        if value.chars().count() > MAX_VALUE {
            return Err(wrong(format!("Use at most {MAX_VALUE} characters.")));
        }
        if value.chars().any(char::is_control) {
            return Err(wrong("Leave control characters out.".to_owned()));
        }
        if value.is_empty() && condition.operator != Operator::Equals {
            return Err(wrong("Give a value; only \"equals\" can ask for nothing.".to_owned()));
        }
        let lower = value.to_lowercase();
        Ok(match condition.operator {
            Operator::Equals => {
                known_word(condition.field, &lower).map_err(wrong)?;
                Self::Equals(lower)
            }
            Operator::Contains => Self::Contains(lower),
            Operator::Starts => Self::Starts(lower),
            Operator::Ends => Self::Ends(lower),
            Operator::Matches => Self::Matches(pattern(value).map_err(wrong)?),
            Operator::InNetwork if condition.field == Field::Address => {
                let network = value.parse::<IpNet>().or_else(|_| value.parse::<IpAddr>().map(IpNet::from));
                let help = "This is not a network; write one such as 10.0.0.0/8 or 2001:db8::/32.";
                Self::InNetwork(network.map_err(|_| wrong(help.to_owned()))?)
            }
            Operator::InNetwork => {
                return Err(wrong("Only the address can be in a network.".to_owned()));
            }
        })
    }

    fn holds(&self, field: Field, facts: &Facts) -> bool {
        match self {
            Self::Equals(value) => facts.any(field, |text| text == value),
            Self::Contains(value) => facts.any(field, |text| text.contains(value.as_str())),
            Self::Starts(value) => facts.any(field, |text| text.starts_with(value.as_str())),
            Self::Ends(value) => facts.any(field, |text| text.ends_with(value.as_str())),
            Self::Matches(pattern) => facts.any(field, |text| pattern.is_match(text)),
            Self::InNetwork(network) => facts.ip.is_some_and(|ip| network.contains(&ip)),
        }
    }
}

/// Fields of few words are compared with those only: a mistyped one would never hold, without a sign.
fn known_word(field: Field, value: &str) -> Result<(), String> {
    let words: &[&str] = match field {
        Field::Enabled => &["yes", "no"],
        Field::Reachable => &["yes", "no", "unknown"],
        Field::Standing => &["good", "failing", "suspect", "never"],
        Field::Name
        | Field::Address
        | Field::Platform
        | Field::Description
        | Field::Port
        | Field::SerialNumber
        | Field::Owner
        | Field::Tag => return Ok(()),
    };
    if words.contains(&value) { Ok(()) } else { Err(format!("Use one of: {}.", words.join(", "))) }
}

fn pattern(value: &str) -> Result<Regex, String> {
    RegexBuilder::new(value)
        .case_insensitive(true)
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES * 4)
        .nest_limit(20)
        .build()
        .map_err(|error| {
            if matches!(error, regex::Error::CompiledTooBig(_)) {
                return "This pattern is too large; repeat less, or write [a-z0-9_] instead of \\w."
                    .to_owned();
            }
            let said = error.to_string();
            let last = said.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("This is not a regular expression: {last}.")
        })
}
