//! People who sign in.

mod password;

pub use password::{PasswordPolicy, WeakPassword};

use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{
    access::{Range, Role},
    id::{TagId, UserId},
    secret::Secret,
};

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

    /// The form in which two addresses are compared.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
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

/// A person's own name, to be shown; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FullName(String);

/// A text that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Use at most 100 characters, without control characters.")]
pub struct InvalidFullName;

impl FullName {
    /// As the person wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FullName {
    type Err = InvalidFullName;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let name = raw.trim();
        let sound = name.chars().count() <= 100 && !name.chars().any(char::is_control);
        if sound { Ok(Self(name.to_owned())) } else { Err(InvalidFullName) }
    }
}

/// A person.
#[derive(Debug, Clone)]
pub struct User {
    /// The row.
    pub id: UserId,
    /// The sign-in name.
    pub username: String,
    /// The person's own name; may be empty.
    pub full_name: String,
    /// Where mails go.
    pub email: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// To which devices.
    pub range: Range,
    /// Whether the person may sign in.
    pub is_enabled: bool,
    /// Counts the edits.
    pub version: i32,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When the person last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// What an administrator says of a person.
#[derive(Debug, Clone)]
pub struct UserEdit {
    /// The sign-in name.
    pub username: Username,
    /// The person's own name.
    pub full_name: FullName,
    /// Where mails go.
    pub email: Option<Email>,
    /// What the person may do.
    pub role: Role,
    /// To which devices.
    pub range: Range,
    /// The tags whose devices the person sees, when not all.
    pub tags: Vec<TagId>,
}

/// A person to be added.
#[derive(Debug)]
pub struct NewUser {
    /// Who it is.
    pub edit: UserEdit,
    /// A password that the policy accepts; `None` for somebody who will choose one through a link.
    pub password: Option<Secret>,
}

impl NewUser {
    /// A person who sees all devices.
    pub fn new(username: Username, role: Role, password: Secret) -> Self {
        let edit = UserEdit {
            username,
            full_name: FullName::default(),
            email: None,
            role,
            range: Range::All,
            tags: Vec::new(),
        };
        Self { edit, password: Some(password) }
    }
}

/// What people say of themselves (S-38: never role, scope or state).
#[derive(Debug, Clone)]
pub struct Profile {
    /// The person's own name.
    pub full_name: FullName,
    /// Where mails go.
    pub email: Option<Email>,
}

/// Which people are asked for; everything that is said must hold.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// A piece of the sign-in name, the own name or the mail address.
    pub text: String,
    /// The role.
    pub role: Option<Role>,
    /// Whether they may sign in.
    pub is_enabled: Option<bool>,
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// The row.
    pub id: super::id::SessionId,
    /// Where it was opened from.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub seen_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

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
