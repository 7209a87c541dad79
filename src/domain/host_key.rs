//! The keys by which devices prove who they are.

use chrono::{DateTime, Utc};

/// An SSH host key as a device shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// The key type's SSH name, such as `ssh-ed25519`.
    pub algorithm: String,
    /// `SHA256:` and unpadded base64, as `ssh-keygen -lf` prints it.
    pub fingerprint: String,
    /// The public key in OpenSSH's one-line form, without comment.
    pub public_key: String,
}

/// What to do about a host key that was just shown, before anything is proven to the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostKeyVerdict {
    /// It is the pinned one.
    Known,
    /// There was none; it is pinned now.
    Pinned,
    /// Another one is pinned: stop. A different key *type* counts as another key (S-59).
    Changed {
        /// The key that was expected.
        pinned: HostKey,
    },
}

/// A device's pinned key.
#[derive(Debug, Clone)]
pub struct Pin {
    /// The key.
    pub key: HostKey,
    /// For this address and port only.
    pub place: (String, u16),
    /// Since when.
    pub pinned_at: DateTime<Utc>,
    /// By first contact, or by whom.
    pub pinned_by: String,
    /// Another key that the device has shown since, and when.
    pub refused: Option<(HostKey, DateTime<Utc>)>,
}
