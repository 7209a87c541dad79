//! What things are. No input or output, no async, no frameworks, no clock: `now` is an argument.

pub mod access;
pub mod audit;
pub mod backup;
pub mod batch;
pub mod cap;
pub mod context;
pub mod credential;
pub mod csv_cell;
pub mod device;
pub mod diff;
pub mod entry;
pub mod export;
pub mod fact;
pub mod failure;
pub mod host_key;
pub mod id;
pub mod import;
pub mod job;
pub mod jump_host;
pub mod key;
pub mod node;
pub mod notice;
pub mod page;
pub mod proposal;
pub mod replay;
pub mod retention;
pub mod retry;
pub mod revision;
pub mod rule;
pub mod schedule;
pub mod secret;
pub mod setting;
pub mod silence;
pub mod tag;
pub mod time_limit;
pub mod transcript;
pub mod user;

/// An enum that is written as text: in the database, in forms, in JSON.
///
/// Gives `ALL`, `as_str`, `Display` and `FromStr` (whose error names the allowed words).
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for this value everywhere outside the program.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::UnknownWord;

            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                match raw {
                    $($text => Ok(Self::$variant),)+
                    other => Err($crate::domain::UnknownWord {
                        value: other.to_owned(),
                        allowed: &[$($text),+],
                    }),
                }
            }
        }
    };
}
pub(crate) use text_enum;

/// A word outside a fixed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{value}\" is not one of: {}", allowed.join(", "))]
pub struct UnknownWord {
    /// What was given.
    pub value: String,
    /// What may be given.
    pub allowed: &'static [&'static str],
}
