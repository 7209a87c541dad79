//! Settings as people look for them, want them and change them.

use chrono::{DateTime, Utc};

use super::{Category, SETTINGS, Spec};
use crate::domain::{id::SettingId, secret::Secret};

/// A setting's row, as the page shows it.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The row.
    pub id: SettingId,
    /// How it is declared.
    pub spec: &'static Spec,
    /// Its value; `None` for a sensitive one.
    pub value: Option<String>,
    /// Whether a sensitive one is set.
    pub is_set: bool,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// By whom.
    pub updated_by: String,
}

impl Setting {
    /// Whether it is as it was declared.
    pub fn is_default(&self) -> bool {
        if self.spec.is_sensitive() { !self.is_set } else { self.value.as_deref() == Some(self.spec.default) }
    }

    /// The value for people and for the audit trail; a secret's is whether it is set.
    pub fn told(&self) -> String {
        match (&self.value, self.is_set) {
            (Some(value), _) => value.clone(),
            (None, true) => "(set)".to_owned(),
            (None, false) => "(not set)".to_owned(),
        }
    }
}

/// What somebody wants a setting to be.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// This value, as it was typed.
    Value(String),
    /// This secret; an empty one keeps what is there.
    Secret(Secret),
    /// What was declared; a secret is removed.
    Default,
}

/// Which settings are asked for; everything that is said must hold.
#[derive(Debug, Clone, Default)]
pub struct SettingFilter {
    /// Those of this tab.
    pub category: Option<Category>,
    /// Those with this piece in key, label or help.
    pub text: Option<String>,
}

impl SettingFilter {
    /// The settings that match, in the order of the page.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        let piece = self.text.as_deref().unwrap_or_default().trim().to_lowercase();
        let category = self.category;
        SETTINGS.iter().filter(move |spec| {
            category.is_none_or(|wanted| wanted == spec.category)
                && [spec.key, spec.label, spec.help].iter().any(|text| text.to_lowercase().contains(&piece))
        })
    }
}

/// A setting that was changed: before and after as they may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedSetting {
    /// Its key.
    pub key: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}
