//! What is wrong with what a person typed: all of it, by field.

use std::{fmt::Display, str::FromStr};

/// Complaints about a form. A field may have several; the one shown at the field is its first.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Complaints(Vec<(&'static str, String)>);

impl Complaints {
    /// One complaint about one field.
    pub fn on_field(field: &'static str, message: impl Display) -> Self {
        let mut complaints = Self::default();
        complaints.add(field, message);
        complaints
    }

    /// One complaint about the form as a whole.
    pub fn on_form(message: impl Display) -> Self {
        Self::on_field("", message)
    }

    /// Parses `raw`, or complains at `field`.
    pub fn parse<T: FromStr<Err: Display>>(&mut self, field: &'static str, raw: &str) -> Option<T> {
        raw.parse().map_err(|error: T::Err| self.add(field, error)).ok()
    }

    /// Parses `raw` unless it is blank; `Some(None)` means left out, `None` means a complaint was added.
    pub fn parse_optional<T: FromStr<Err: Display>>(
        &mut self,
        field: &'static str,
        raw: &str,
    ) -> Option<Option<T>> {
        if raw.trim().is_empty() { Some(None) } else { self.parse(field, raw).map(Some) }
    }

    /// Adds a complaint about `field`; the empty name means the whole form.
    pub fn add(&mut self, field: &'static str, message: impl Display) {
        self.0.push((field, message.to_string()));
    }

    /// What to show at `field`.
    pub fn on(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, message)| message.as_str())
    }

    /// Every complaint with its field, in the order they were made.
    pub fn lines(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// The complaint, when it is the only one and about the whole form.
    pub fn only_on_form(&self) -> Option<&str> {
        match self.0.as_slice() {
            [("", message)] => Some(message),
            _ => None,
        }
    }

    /// The line above the list.
    pub fn heading(&self) -> String {
        match self.0.len() {
            1 => "One thing to correct".to_owned(),
            count => format!("{count} things to correct"),
        }
    }

    /// Whether all is well.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_complaints_are_kept_and_the_first_is_shown() {
        let mut complaints = Complaints::default();
        assert_eq!(complaints.parse::<u16>("port", "abc"), None);
        complaints.add("port", "Use a number from 1 to 65535.");
        complaints.add("", "Nothing was saved.");
        assert_eq!(complaints.parse_optional::<u16>("other", "  "), Some(None));
        assert_eq!(complaints.parse_optional::<u16>("other", "7"), Some(Some(7)));
        assert_eq!(complaints.on("port"), Some("invalid digit found in string"));
        assert_eq!(complaints.on("name"), None);
        assert_eq!(complaints.lines().len(), 3);
        assert_eq!(complaints.heading(), "3 things to correct");
    }
}
