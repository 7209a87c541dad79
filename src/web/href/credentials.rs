//! Shared credentials and jump hosts.

use crate::domain::id::{CredentialId, JumpHostId};

/// A shared credential.
pub fn credential(id: CredentialId) -> String {
    format!("/credentials/{id}")
}

/// The jump hosts.
pub fn jump_hosts() -> &'static str {
    "/jump-hosts"
}

/// The form for a new jump host.
pub fn jump_host_new() -> &'static str {
    "/jump-hosts/new"
}

/// A jump host.
pub fn jump_host(id: JumpHostId) -> String {
    format!("/jump-hosts/{id}")
}

/// Something that is done with a jump host: `delete`, `host-key`.
pub fn jump_host_act(id: JumpHostId, act: &str) -> String {
    format!("/jump-hosts/{id}/{act}")
}

/// The form for a new shared credential.
pub fn credential_new() -> &'static str {
    "/credentials/new"
}

/// Something that is done with a shared credential: `edit`, `delete`, `tags`, `test`, `resume`, `previous`.
pub fn credential_act(id: CredentialId, act: &str) -> String {
    format!("/credentials/{id}/{act}")
}

/// The shared credentials.
pub fn credentials() -> &'static str {
    "/credentials"
}
