//! Platforms.

use crate::domain::id::RevisionId;

/// The kinds of devices that NetRaven knows.
pub fn platforms() -> &'static str {
    "/platforms"
}

/// One of them.
pub fn platform(key: &str) -> String {
    format!("/platforms/{key}")
}

/// Something that is done with platforms, none in particular: `new`, `propose`.
pub fn platforms_act(act: &str) -> String {
    format!("/platforms/{act}")
}

/// Something that is done with a platform: `edit`, `use`, `aside`.
pub fn platform_act(key: &str, act: &str) -> String {
    format!("/platforms/{key}/{act}")
}

/// What was saved of a platform, one of it.
pub fn platform_revision(key: &str, id: RevisionId) -> String {
    format!("/platforms/{key}/revisions/{id}")
}
