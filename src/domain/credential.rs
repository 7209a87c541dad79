//! What proves us to a device.

use super::{id::CredentialId, secret::Secret};

/// Secrets to be kept; every `None` means "none", or, in an edit, "leave as it is".
#[derive(Debug, Default)]
pub struct NewCredential {
    /// The account on the device.
    pub username: String,
    /// For password and keyboard-interactive authentication.
    pub password: Option<Secret>,
    /// For privileged mode.
    pub enable: Option<Secret>,
    /// A private key in OpenSSH's or PEM form.
    pub private_key: Option<Secret>,
    /// Opens the private key.
    pub passphrase: Option<Secret>,
}

/// What a page may know of a credential: that secrets are there, never what they are (S-48).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The row.
    pub id: CredentialId,
    /// The account on the device.
    pub username: String,
    /// Whether a password is kept.
    pub has_password: bool,
    /// Whether an enable secret is kept.
    pub has_enable: bool,
    /// Whether a private key is kept.
    pub has_private_key: bool,
}

/// A credential with its secrets, on its way to a device.
#[derive(Debug)]
pub struct Unsealed {
    /// The account on the device.
    pub username: String,
    /// For password and keyboard-interactive authentication.
    pub password: Option<Secret>,
    /// For privileged mode.
    pub enable: Option<Secret>,
    /// A private key.
    pub private_key: Option<Secret>,
    /// Opens the private key.
    pub passphrase: Option<Secret>,
}
