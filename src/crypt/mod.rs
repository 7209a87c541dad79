//! Secrets: passwords are hashed, everything else that is secret is sealed.
//!
//! | For | Algorithm | Key |
//! |---|---|---|
//! | passwords | Argon2id, 46 MiB, 2 passes | – |
//! | credentials, configurations, screens | XChaCha20-Poly1305, bound to table, column, row and key | data keys, in the database, wrapped |
//! | data keys | XChaCha20-Poly1305 | the master key, in a file outside the database |
//! | tags of masked secrets, form tokens | HMAC-SHA256 | derived from the first data key |
//! | copies of NetRaven itself | XChaCha20-Poly1305 in numbered pieces | a random key for each, sealed with the master key |
//! | chain of the audit trail | HMAC-SHA256 | a random key of its own, sealed |
//! | session and set-up tokens | SHA-256 of 256 random bits | – |

pub mod chain;
pub mod keyring;
pub mod master;
pub mod password;
pub mod sealed;
pub mod stream;
pub mod token;

pub use keyring::Keyring;
pub use sealed::{Place, SealError};
