//! Words by which devices are grouped.

use std::str::FromStr;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_without_repeats() {
        let names =
            |raw| TagName::list(raw).map(|l| l.iter().map(|t| t.as_str().to_owned()).collect::<Vec<_>>());
        assert_eq!(names("Core; ber;core"), Ok(vec!["ber".to_owned(), "core".to_owned()]));
        assert_eq!(names(""), Ok(vec![]));
        assert_eq!(names("a;b!"), Err(InvalidTagName::Symbols));
    }
}
