//! What admins set while the program runs: one declaration, from which the page, the checks and the help come.
//!
//! A setting is a line of `settings!` and the place that reads its field. Keys, types and defaults of the first 22
//! are NetRaven's of old; where a default differs, `ARCHITECTURE.md` says why.

use super::{secret::Secret, text_enum};

text_enum! {
    /// The page's tabs.
    pub enum Category {
        /// Passwords and sign-in.
        Security = "security",
        /// Jobs, backups, names.
        System = "system",
        /// The disk and the bucket.
        Storage = "storage",
        /// Mail.
        Notification = "notification",
        /// The audit trail's way to a log server.
        Audit = "audit",
    }
}

text_enum! {
    /// Where new contents are kept.
    pub enum Storage {
        /// In the database.
        Local = "local",
        /// In files of the data folder, named by their hash.
        Directory = "directory",
        /// In a bucket of a server that speaks S3.
        S3 = "s3",
    }
}

text_enum! {
    /// How the audit trail's lines go to a log server.
    pub enum LogWay {
        /// They do not.
        Off = "off",
        /// Encrypted (RFC 5425).
        Tls = "tls",
        /// Readable to the network (RFC 6587).
        Tcp = "tcp",
        /// Readable, and nobody tells whether they came (RFC 5426).
        Udp = "udp",
    }
}

/// What a setting's value may be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A whole number from the first to the second, counted in the unit.
    Whole(i64, i64, &'static str),
    /// On or off.
    Flag,
    /// A text that the check accepts, perhaps tidied.
    Text(fn(&str) -> Result<String, &'static str>),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A secret: sealed, never shown, replaced or removed only.
    Secret,
}

/// A setting as it is declared.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name in the database and on the command line.
    pub key: &'static str,
    /// Its tab.
    pub category: Category,
    /// Its label.
    pub label: &'static str,
    /// What it does, and its range.
    pub help: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is until somebody changes it; empty for secrets.
    pub default: &'static str,
    /// Whether it must not be empty.
    pub is_required: bool,
}

impl Spec {
    /// Whether the value is sealed and never shown.
    pub fn is_sensitive(&self) -> bool {
        matches!(self.kind, Kind::Secret)
    }
}

/// A value that a setting cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// No setting has this key.
    #[error("there is no setting \"{0}\"")]
    Unknown(String),
    /// Not a number in the range.
    #[error("Give a whole number from {0} to {1}.")]
    Range(i64, i64),
    /// Neither on nor off.
    #[error("Give true or false.")]
    Flag,
    /// Not one of the words.
    #[error("Give one of: {0}.")]
    Choice(String),
    /// Refused by the setting's own check.
    #[error("{0}")]
    Text(&'static str),
    /// Too long for a secret.
    #[error("Use at most {0} bytes.")]
    Long(usize),
}

/// The longest secret, in bytes.
const LONGEST_SECRET: usize = 1_024;

/// A type that settings have.
trait Value: Sized {
    fn read(kind: Kind, raw: &str) -> Result<Self, InvalidSetting>;
    fn told(&self) -> String;
}

impl Value for i64 {
    fn read(kind: Kind, raw: &str) -> Result<Self, InvalidSetting> {
        let (least, most) =
            if let Kind::Whole(least, most, _) = kind { (least, most) } else { (Self::MIN, Self::MAX) };
        let number = raw.trim().parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or(InvalidSetting::Range(least, most))
    }

    fn told(&self) -> String {
        self.to_string()
    }
}

impl Value for bool {
    fn read(_: Kind, raw: &str) -> Result<Self, InvalidSetting> {
        raw.trim().parse().map_err(|_| InvalidSetting::Flag)
    }

    fn told(&self) -> String {
        self.to_string()
    }
}

impl Value for String {
    fn read(kind: Kind, raw: &str) -> Result<Self, InvalidSetting> {
        let Kind::Text(check) = kind else { return Ok(raw.trim().to_owned()) };
        check(raw.trim()).map_err(InvalidSetting::Text)
    }

    fn told(&self) -> String {
        self.clone()
    }
}

fn chosen<T: std::str::FromStr>(kind: Kind, raw: &str) -> Result<T, InvalidSetting> {
    let words = if let Kind::Choice(words) = kind { words.join(", ") } else { String::new() };
    raw.trim().parse().map_err(|_| InvalidSetting::Choice(words))
}

impl Value for Storage {
    fn read(kind: Kind, raw: &str) -> Result<Self, InvalidSetting> {
        chosen(kind, raw)
    }

    fn told(&self) -> String {
        self.to_string()
    }
}

impl Value for LogWay {
    fn read(kind: Kind, raw: &str) -> Result<Self, InvalidSetting> {
        chosen(kind, raw)
    }

    fn told(&self) -> String {
        self.to_string()
    }
}

impl Value for Option<Secret> {
    fn read(_: Kind, raw: &str) -> Result<Self, InvalidSetting> {
        if raw.len() > LONGEST_SECRET {
            return Err(InvalidSetting::Long(LONGEST_SECRET));
        }
        Ok((!raw.is_empty()).then(|| Secret::new(raw)))
    }

    fn told(&self) -> String {
        String::new()
    }
}

/// Declares [`Settings`] and [`SETTINGS`].
macro_rules! settings {
    ($($(#[$meta:meta])* $field:ident: $type:ty = $default:literal, $kind:expr, $category:ident $key:literal, $label:literal, $help:literal;)+) => {
        /// Every setting's value now.
        #[derive(Debug, Clone)]
        pub struct Settings {
            $($(#[$meta])* pub $field: $type,)+
        }

        /// Every setting, tab by tab in the order of the page.
        pub const SETTINGS: &[Spec] = &[$(Spec {
            key: $key,
            category: Category::$category,
            label: $label,
            help: $help,
            kind: $kind,
            default: $default,
            is_required: !matches!($kind, Kind::Secret),
        }),+];

        impl Settings {
            /// Gives the setting `key` the value that `raw` says.
            pub fn set(&mut self, key: &str, raw: &str) -> Result<(), InvalidSetting> {
                match key {
                    $($key => self.$field = <$type as Value>::read($kind, raw)?,)+
                    other => return Err(InvalidSetting::Unknown(other.to_owned())),
                }
                Ok(())
            }

            /// The value of the setting `key` as text; a secret's is empty.
            pub fn told(&self, key: &str) -> Option<String> {
                match key {
                    $($key => Some(Value::told(&self.$field)),)+
                    _ => None,
                }
            }

            /// What holds until somebody changes something.
            pub fn defaults() -> Result<Self, InvalidSetting> {
                Ok(Self { $($field: <$type as Value>::read($kind, $default)?,)+ })
            }
        }
    };
}

mod asked;
mod declared;

pub use asked::{ChangedSetting, Setting, SettingFilter, Wanted};
pub use declared::{SETTINGS, Settings};

/// The setting with this key, as it is declared.
pub fn spec(key: &str) -> Option<&'static Spec> {
    SETTINGS.iter().find(|spec| spec.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_of_its_setting() {
        let settings = Settings::defaults().unwrap();
        for spec in SETTINGS {
            assert_eq!(settings.told(spec.key).as_deref(), Some(spec.default), "{}", spec.key);
            assert!(!spec.help.is_empty() && spec.help.ends_with('.'), "{}", spec.key);
        }
        // The 22 of old, and those that came since.
        assert_eq!(SETTINGS.len(), 40);
    }

    #[test]
    fn values_are_held_to_type_and_range() {
        let mut settings = Settings::defaults().unwrap();
        for (key, bad, said) in [
            ("system.jobs.max_concurrent_jobs", "0", "Give a whole number from 1 to 5000."),
            ("system.jobs.max_concurrent_jobs", "five", "Give a whole number from 1 to 5000."),
            ("system.backup.enabled", "yes", "Give true or false."),
            ("system.backup.storage_type", "tape", "Give one of: local, directory, s3."),
            ("system.general.application_name", " ", "Use 1 to 60 characters."),
            ("notification.email.smtp_server", "a b", "This is neither a host name nor an IP address."),
            ("no.such", "1", "there is no setting \"no.such\""),
        ] {
            assert_eq!(settings.set(key, bad).unwrap_err().to_string(), said, "{key}");
        }
        settings.set("system.jobs.max_concurrent_jobs", " 7 ").unwrap();
        assert_eq!(settings.max_concurrent_jobs, 7);
    }
}
