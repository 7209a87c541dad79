//! The installation: settings, storage, nodes, keys, mails, the audit trail.

use crate::domain::id::{AuditId, DataKeyId};

/// What the whole installation goes by.
pub fn settings() -> &'static str {
    "/settings"
}

/// Where kept contents are.
pub fn storage() -> &'static str {
    "/storage"
}

/// Moves everything that is kept.
pub fn move_storage() -> &'static str {
    "/storage/move"
}

/// The processes at work.
pub fn nodes() -> &'static str {
    "/nodes"
}

/// The keys that seal data.
pub fn keys() -> &'static str {
    "/keys"
}

/// Making a new key (POST).
pub fn rotate_keys() -> &'static str {
    "/keys/rotate"
}

/// Removing a retired key (POST).
pub fn remove_key(id: DataKeyId) -> String {
    format!("/keys/{id}/remove")
}

/// The mails that were written.
pub fn mails() -> &'static str {
    "/mails"
}

/// A mail to see whether the settings are right (POST).
pub fn mail_test() -> &'static str {
    "/mails/test"
}

/// The audit trail.
pub fn audit() -> &'static str {
    "/audit"
}

/// A line of the audit trail.
pub fn audit_line(id: AuditId) -> String {
    format!("/audit/{id}")
}

/// Taking lines of the audit trail out (POST).
pub fn audit_export() -> &'static str {
    "/audit/export"
}

/// Asking whether the audit trail is as it was written (POST).
pub fn audit_verify() -> &'static str {
    "/audit/verify"
}

/// The question before settings go back to what was declared, and doing so (POST).
pub fn settings_reset() -> &'static str {
    "/settings/reset"
}
