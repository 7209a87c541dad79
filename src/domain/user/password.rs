//! What a password must be: long, and not among the first that are guessed (S-15, NIST SP 800-63B).

use super::Username;
use crate::domain::{secret::Secret, setting::Settings};

/// Why a password is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer characters than the least.
    #[error("Use at least {0} characters; a few words in a row do well.")]
    Short(usize),
    /// More than 256 characters.
    #[error("Use at most 256 characters.")]
    Long,
    /// A kind of character that the settings demand.
    #[error("Put at least one {0} into it.")]
    Lacks(&'static str),
    /// One that everybody tries first, or made of the names around it.
    #[error("This password is among the first that are guessed; choose another.")]
    Common,
}

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

/// Whether a character is of a kind.
type Has = fn(char) -> bool;

/// What the settings demand of new passwords.
#[expect(clippy::struct_excessive_bools, reason = "a switch of the settings each")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The least number of characters.
    pub min: usize,
    /// A capital letter.
    pub upper: bool,
    /// A small letter.
    pub lower: bool,
    /// A digit.
    pub digit: bool,
    /// Neither letter nor digit.
    pub special: bool,
}

impl PasswordPolicy {
    /// What the settings say now.
    pub fn of(settings: &Settings) -> Self {
        Self {
            min: usize::try_from(settings.password_min_length).unwrap_or(usize::MAX),
            upper: settings.password_uppercase,
            lower: settings.password_lowercase,
            digit: settings.password_number,
            special: settings.password_special,
        }
    }

    fn demands(&self) -> impl Iterator<Item = (&'static str, Has)> {
        let all: [(bool, &'static str, Has); 4] = [
            (self.upper, "capital letter", char::is_uppercase),
            (self.lower, "small letter", char::is_lowercase),
            (self.digit, "digit", char::is_numeric),
            (self.special, "special character", |c| !c.is_alphanumeric()),
        ];
        all.into_iter().filter(|(is_on, ..)| *is_on).map(|(_, name, has)| (name, has))
    }

    /// Judges a new password for `username`.
    ///
    /// Repetitions and pieces of the block list or the user's name count for nothing: what is left must still be
    /// six characters long.
    pub fn judge(&self, password: &Secret, username: &Username) -> Result<(), WeakPassword> {
        let text = password.expose();
        match text.chars().count() {
            n if n < self.min => return Err(WeakPassword::Short(self.min)),
            n if n > 256 => return Err(WeakPassword::Long),
            _ => {}
        }
        if let Some((name, _)) = self.demands().find(|(_, has)| !text.chars().any(has)) {
            return Err(WeakPassword::Lacks(name));
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

    /// The policy in words, for the help beside the field.
    pub fn told(&self) -> String {
        let mut text = format!(
            "At least {} characters; a few words in a row do well. Passwords that everybody tries first are refused.",
            self.min
        );
        for (name, _) in self.demands() {
            text.push_str(" At least one ");
            text.push_str(name);
            text.push('.');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_judged_by_length_and_block_list() {
        let policy = PasswordPolicy::of(&Settings::defaults().unwrap());
        let user: Username = "olga".parse().unwrap();
        let verdict = |text: &str| policy.judge(&Secret::new(text), &user);
        assert_eq!(verdict("short"), Err(WeakPassword::Short(15)));
        assert_eq!(verdict("aaaaaaaaaaaaaaaaaaaa"), Err(WeakPassword::Common));
        assert_eq!(verdict("netravenpassword123456789"), Err(WeakPassword::Common));
        assert_eq!(verdict("olgaolgaolgaolga"), Err(WeakPassword::Common));
        assert_eq!(verdict("correct horse battery"), Ok(()));
        assert_eq!(verdict(&"ü7 ".repeat(200)), Err(WeakPassword::Long));
    }

    #[test]
    fn what_the_settings_demand_is_demanded_and_told() {
        let user: Username = "olga".parse().unwrap();
        let policy = PasswordPolicy { min: 8, upper: true, lower: true, digit: true, special: true };
        for (text, lacks) in [
            ("correct 7!", "capital letter"),
            ("CORRECT 7!", "small letter"),
            ("Correct !!", "digit"),
            ("Correct77h", "special character"),
        ] {
            assert_eq!(policy.judge(&Secret::new(text), &user), Err(WeakPassword::Lacks(lacks)), "{text}");
            assert!(policy.told().contains(lacks));
        }
        assert_eq!(policy.judge(&Secret::new("Correct 7!"), &user), Ok(()));
    }
}
