//! People who sign in.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{access::Role, id::UserId, secret::Secret};

/// A sign-in name: 2 to 64 letters, digits, dots, dashes or underscores; compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

/// Why a text is not a sign-in name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUsername {
    /// Too short or too long.
    #[error("Use 2 to 64 characters.")]
    Length,
    /// A character that is not allowed.
    #[error("Use letters, digits, dots, dashes and underscores only.")]
    Symbols,
}

impl Username {
    /// As the person wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two names are compared.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let name = raw.trim();
        match name.chars().count() {
            2..=64 if name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c)) => {
                Ok(Self(name.to_owned()))
            }
            2..=64 => Err(InvalidUsername::Symbols),
            _ => Err(InvalidUsername::Length),
        }
    }
}

/// A mail address: something, an @, a host; no more is checked, because only a mail proves an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// A text that cannot be a mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is not a mail address; it needs the form name@host.")]
pub struct InvalidEmail;

impl Email {
    /// As the person wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let mail = raw.trim();
        let sound = mail.len() <= 254
            && !mail.chars().any(|c| c.is_whitespace() || c.is_control())
            && mail
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
        if sound { Ok(Self(mail.to_owned())) } else { Err(InvalidEmail) }
    }
}

/// Why a password is refused (S-15: length and a block list, no composition rules).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer characters than the least.
    #[error("Use at least {0} characters; a few words in a row do well.")]
    Short(usize),
    /// More than 256 characters.
    #[error("Use at most 256 characters.")]
    Long,
    /// One that everybody tries first, or made of the names around it.
    #[error("This password is among the first that are guessed; choose another.")]
    Common,
}

/// The least number of characters of a password without a second factor.
pub const PASSWORD_MIN: usize = 15;

/// What long but worthless passwords are made of.
const GUESSED: &[&str] = &[
    "password",
    "passwort",
    "qwertyuiop",
    "asdfghjkl",
    "123456789",
    "987654321",
    "letmein",
    "administrator",
    "changeme",
    "netraven",
    "welcome",
    "iloveyou",
    "abcdefghij",
];

/// Judges a new password for `username`.
///
/// Repetitions and pieces of the block list or the user's name count for nothing: what is left must still be
/// six characters long.
pub fn judge_password(password: &Secret, username: &Username) -> Result<(), WeakPassword> {
    let text = password.expose();
    match text.chars().count() {
        n if n < PASSWORD_MIN => return Err(WeakPassword::Short(PASSWORD_MIN)),
        n if n > 256 => return Err(WeakPassword::Long),
        _ => {}
    }
    let mut rest = text.to_lowercase();
    for word in GUESSED.iter().copied().chain([username.key().as_str()]) {
        rest = rest.replace(word, "");
    }
    let mut letters: Vec<char> = rest.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 4 || rest.chars().count() < 6 { Err(WeakPassword::Common) } else { Ok(()) }
}

/// A person.
#[derive(Debug, Clone)]
pub struct User {
    /// The row.
    pub id: UserId,
    /// The sign-in name.
    pub username: String,
    /// Where mails go.
    pub email: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// Whether the person may sign in.
    pub is_enabled: bool,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When the person last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// A person to be added.
#[derive(Debug)]
pub struct NewUser {
    /// The sign-in name.
    pub username: Username,
    /// Where mails go.
    pub email: Option<Email>,
    /// What the person may do.
    pub role: Role,
    /// A password that [`judge_password`] accepts.
    pub password: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_judged_by_length_and_block_list() {
        let user: Username = "olga".parse().unwrap();
        let verdict = |text: &str| judge_password(&Secret::new(text), &user);
        assert_eq!(verdict("short"), Err(WeakPassword::Short(15)));
        assert_eq!(verdict("aaaaaaaaaaaaaaaaaaaa"), Err(WeakPassword::Common));
        assert_eq!(verdict("netravenpassword123456789"), Err(WeakPassword::Common));
        assert_eq!(verdict("olgaolgaolgaolga"), Err(WeakPassword::Common));
        assert_eq!(verdict("correct horse battery"), Ok(()));
        assert_eq!(verdict(&"ü7 ".repeat(200)), Err(WeakPassword::Long));
    }

    #[test]
    fn names_are_compared_without_case() {
        assert_eq!("Olga.M".parse::<Username>().unwrap().key(), "olga.m");
        assert_eq!("a".parse::<Username>(), Err(InvalidUsername::Length));
        assert_eq!("a b".parse::<Username>(), Err(InvalidUsername::Symbols));
    }

    #[test]
    fn mail_addresses_need_a_name_and_a_host() {
        for bad in ["", "olga", "@x", "olga@", "a b@c", "a@b@c"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
        assert!("olga@example.local".parse::<Email>().is_ok());
    }
}
