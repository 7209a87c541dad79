//! Words by which devices are grouped.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{cap::Cap, id::TagId};

/// A tag's name: lower case, 1 to 40 letters, digits, dots, dashes or underscores.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagName(String);

/// Why a text is not a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTagName {
    /// Nothing.
    #[error("A tag needs at least one character.")]
    Empty,
    /// Too long.
    #[error("A tag has at most 40 characters.")]
    Long,
    /// A character that is not allowed.
    #[error("A tag is made of letters, digits, dots, dashes and underscores.")]
    Symbols,
}

impl TagName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// All tags of a text in which they are separated by `;`, `,` or white space; the first bad one fails.
    pub fn list(raw: &str) -> Result<Vec<Self>, InvalidTagName> {
        let mut tags = raw
            .split([';', ',', ' ', '\t', '\n', '\r'])
            .filter(|piece| !piece.is_empty())
            .map(str::parse)
            .collect::<Result<Vec<Self>, _>>()?;
        tags.sort_unstable();
        tags.dedup();
        Ok(tags)
    }
}

impl FromStr for TagName {
    type Err = InvalidTagName;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let name = raw.trim().to_lowercase();
        match name.chars().count() {
            0 => Err(InvalidTagName::Empty),
            41.. => Err(InvalidTagName::Long),
            _ if !name.chars().all(|c| c.is_alphanumeric() || ".-_".contains(c)) => {
                Err(InvalidTagName::Symbols)
            }
            _ => Ok(Self(name)),
        }
    }
}

/// A colour as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Color(String);

/// Why a text is not a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A colour is a # and six digits of 0 to 9 and a to f, such as #6366f1.")]
pub struct InvalidColor;

impl Color {
    /// A choice of colours that can be told apart on light and on dark pages, with names for people.
    pub const PALETTE: [(&str, &str); 10] = [
        ("#64748b", "Slate"),
        ("#6366f1", "Indigo"),
        ("#3b82f6", "Blue"),
        ("#06b6d4", "Cyan"),
        ("#14b8a6", "Teal"),
        ("#22c55e", "Green"),
        ("#eab308", "Yellow"),
        ("#f97316", "Orange"),
        ("#ef4444", "Red"),
        ("#ec4899", "Pink"),
    ];

    /// The colour, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Color {
    fn default() -> Self {
        Self("#64748b".to_owned())
    }
}

impl FromStr for Color {
    type Err = InvalidColor;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let text = raw.trim().to_lowercase();
        let digits = text.strip_prefix('#').ok_or(InvalidColor)?;
        if digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
            Ok(Self(text))
        } else {
            Err(InvalidColor)
        }
    }
}

/// A tag to be added, or the full new state of one that is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTag {
    /// Unique.
    pub name: TagName,
    /// What it is for.
    pub description: String,
    /// How it is shown.
    pub color: Color,
    /// How many of its devices may be talked to at once; `None` = as many as there are places.
    pub most_sessions: Option<Cap>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The row.
    pub id: TagId,
    /// Unique.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `#rrggbb`.
    pub color: String,
    /// Whether it is the one that every device has.
    pub is_default: bool,
    /// How many of its devices may be talked to at once.
    pub most_sessions: Option<Cap>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

/// What hangs on a tag.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TagUse {
    /// Devices that have it, as far as the person sees them.
    pub devices: i64,
    /// Rules that assign it.
    pub rules: i64,
    /// Shared credentials that are tried on its devices.
    pub credentials: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_six_digits_behind_a_hash() {
        assert_eq!("#6366F1".parse::<Color>().as_ref().map(Color::as_str), Ok("#6366f1"));
        for bad in ["", "6366f1", "#fff", "#6366g1", "#6366f1f", "red", "#é366f"] {
            assert_eq!(bad.parse::<Color>(), Err(InvalidColor), "{bad}");
        }
        assert!(Color::PALETTE.iter().all(|(color, _)| color.parse::<Color>().is_ok()));
    }

    #[test]
    fn lists_are_sorted_and_without_repeats() {
        let names =
            |raw| TagName::list(raw).map(|l| l.iter().map(|t| t.as_str().to_owned()).collect::<Vec<_>>());
        assert_eq!(names("Core; ber;core"), Ok(vec!["ber".to_owned(), "core".to_owned()]));
        assert_eq!(names(""), Ok(vec![]));
        assert_eq!(names("a;b!"), Err(InvalidTagName::Symbols));
    }
}
