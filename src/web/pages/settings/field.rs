//! A setting as a control.

use crate::{
    domain::setting::{Kind, Setting, Spec, Wanted},
    web::{
        complaints::Complaints,
        href, lists,
        parts::{Choice, Moment},
    },
};

/// What begins the name of the box that removes a secret.
pub(super) const REMOVE: &str = "remove.";

/// The names and values of a form, as they were sent.
pub(super) type Pairs = [(String, String)];

pub(super) fn sent<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// What a control is.
#[derive(Debug)]
pub(super) enum Control {
    Number { value: String, least: i64, most: i64, unit: &'static str },
    Flag { is_on: bool },
    Text { value: String },
    Choice { choices: Vec<Choice> },
    Secret { is_set: bool, is_removed: bool },
}

/// A control with all that stands around it.
#[derive(Debug)]
pub(super) struct Field {
    pub key: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub control: Control,
    pub complaint: Option<String>,
    /// By whom and when, where it is not as it was declared, and what was declared.
    pub changed: Option<Changed>,
    /// More about what is in force.
    pub note: Option<String>,
}

#[derive(Debug)]
pub(super) struct Changed {
    pub by: String,
    pub at: Moment,
    pub default: String,
    pub reset: String,
}

impl Field {
    /// The control of a setting; with what was typed, when the form comes back. A secret never comes back.
    pub fn new(setting: &Setting, typed: Option<&Pairs>, complaints: &Complaints) -> Self {
        let spec = setting.spec;
        let stored = setting.value.clone().unwrap_or_default();
        let value = match typed {
            Some(pairs) => sent(pairs, spec.key).unwrap_or_default().to_owned(),
            None => stored,
        };
        let control = match spec.kind {
            Kind::Whole(least, most, unit) => Control::Number { value, least, most, unit },
            Kind::Flag => Control::Flag { is_on: value == "true" || (typed.is_some() && !value.is_empty()) },
            Kind::Text(_) => Control::Text { value },
            Kind::Choice(words) => {
                let words = words.iter().map(|word| (*word, lists::label(word)));
                let choices = words.map(|(word, label)| Choice {
                    value: word.to_owned(),
                    label,
                    chosen: word == value,
                });
                Control::Choice { choices: choices.collect() }
            }
            Kind::Secret => {
                let remove = format!("{REMOVE}{}", spec.key);
                let is_removed = typed.is_some_and(|pairs| sent(pairs, &remove).is_some());
                Control::Secret { is_set: setting.is_set, is_removed }
            }
        };
        Self {
            key: spec.key,
            label: spec.label,
            help: spec.help,
            control,
            complaint: complaints.on(spec.key).map(str::to_owned),
            changed: (!setting.is_default()).then(|| Changed::new(setting)),
            note: None,
        }
    }
}

impl Changed {
    fn new(setting: &Setting) -> Self {
        Self {
            by: setting.updated_by.clone(),
            at: Moment::relative(setting.updated_at),
            default: default(setting.spec),
            reset: href::with(href::settings_reset(), &[("key", setting.spec.key)]),
        }
    }
}

/// What was declared, for people.
pub(super) fn default(spec: &Spec) -> String {
    match spec.kind {
        Kind::Flag => told(spec.default),
        Kind::Secret => "not set".to_owned(),
        Kind::Whole(..) | Kind::Text(_) | Kind::Choice(_) => spec.default.to_owned(),
    }
}

/// A value for people: on and off for flags.
pub(super) fn told(value: &str) -> String {
    match value {
        "true" => "on".to_owned(),
        "false" => "off".to_owned(),
        "" => "nothing".to_owned(),
        other => other.to_owned(),
    }
}

/// What the form wants of a setting; `None` when the form has no field for it.
pub(super) fn wanted(spec: &Spec, pairs: &Pairs) -> Option<Wanted> {
    let value = sent(pairs, spec.key);
    match spec.kind {
        // A box that is not ticked is not sent.
        Kind::Flag => Some(Wanted::Value(value.is_some().to_string())),
        Kind::Secret if sent(pairs, &format!("{REMOVE}{}", spec.key)).is_some() => Some(Wanted::Default),
        Kind::Secret => Some(Wanted::Secret(crate::domain::secret::Secret::new(value?))),
        Kind::Whole(..) | Kind::Text(_) | Kind::Choice(_) => Some(Wanted::Value(value?.to_owned())),
    }
}
