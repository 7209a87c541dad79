//! Tags, and the rules that assign them.

use crate::domain::id::{RuleId, TagId};

/// The tags.
pub fn tags() -> &'static str {
    "/tags"
}

/// The rules that assign tags.
pub fn rules() -> &'static str {
    "/rules"
}

/// A new tag.
pub fn tag_new() -> &'static str {
    "/tags/new"
}

/// A tag.
pub fn tag(id: TagId) -> String {
    format!("/tags/{id}")
}

/// A tag, to be changed.
pub fn tag_edit(id: TagId) -> String {
    format!("/tags/{id}/edit")
}

/// A tag, to be deleted.
pub fn tag_delete(id: TagId) -> String {
    format!("/tags/{id}/delete")
}

/// Putting a tag on a device (POST).
pub fn tag_attach(id: TagId) -> String {
    format!("/tags/{id}/attach")
}

/// Taking a tag from devices (POST).
pub fn tag_detach(id: TagId) -> String {
    format!("/tags/{id}/detach")
}

/// A new rule.
pub fn rule_new() -> &'static str {
    "/rules/new"
}

/// A rule, to be changed.
pub fn rule(id: RuleId) -> String {
    format!("/rules/{id}")
}

/// A rule, to be deleted.
pub fn rule_delete(id: RuleId) -> String {
    format!("/rules/{id}/delete")
}
