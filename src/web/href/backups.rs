//! Versions, and what is compared.

use super::with;
use crate::domain::id::{BackupId, SuspectId};

/// Starting backups (POST).
pub fn run_backups() -> &'static str {
    "/backups/run"
}

/// A version.
pub fn backup(id: BackupId) -> String {
    format!("/backups/{id}")
}

/// A version's bytes, to keep.
pub fn backup_raw(id: BackupId) -> String {
    format!("/backups/{id}/raw")
}

/// A version beside the one before it.
pub fn backup_diff(id: BackupId) -> String {
    format!("/backups/{id}/diff")
}

/// A capture that is not a backup.
pub fn suspect(id: SuspectId) -> String {
    format!("/suspects/{id}")
}

/// Accepting such a capture as right (POST).
pub fn accept_suspect(id: SuspectId) -> String {
    format!("/suspects/{id}/accept")
}

/// Two versions beside each other: the form's target.
pub fn compare() -> &'static str {
    "/compare"
}

/// Two versions beside each other.
pub fn compared(old: BackupId, new: BackupId) -> String {
    format!("/compare?old={old}&new={new}")
}

/// The difference of two versions as a patch.
pub fn patch(old: BackupId, new: BackupId) -> String {
    format!("/compare.patch?old={old}&new={new}")
}

/// The difference of one context of two versions as a patch.
pub fn patch_in(old: BackupId, new: BackupId, name: &str) -> String {
    let (old, new) = (old.to_string(), new.to_string());
    with("/compare.patch", &[("old", &old), ("new", &new), ("context_name", name)])
}

/// The versions of all devices.
pub fn backups() -> &'static str {
    "/backups"
}

/// Versions as an archive: what it would hold, and its bytes (POST).
pub fn export() -> &'static str {
    "/backups/export"
}

/// The same with secrets.
pub fn export_raw() -> &'static str {
    "/backups/export/raw"
}

/// A version's masked text, to keep.
pub fn backup_text(id: BackupId) -> String {
    format!("/backups/{id}/text")
}

/// Pinning a version or letting it go (POST).
pub fn backup_pin(id: BackupId) -> String {
    format!("/backups/{id}/pin")
}

/// Writing a note on a version (POST).
pub fn backup_note(id: BackupId) -> String {
    format!("/backups/{id}/note")
}

/// Reading a version back (POST).
pub fn backup_verify(id: BackupId) -> String {
    format!("/backups/{id}/verify")
}

/// The question before a version is deleted, and its deletion (POST).
pub fn backup_delete(id: BackupId) -> String {
    format!("/backups/{id}/delete")
}

/// One context of a version.
pub fn backup_in(id: BackupId, name: &str) -> String {
    with(&backup(id), &[("context", name)])
}

/// One context of two versions beside each other.
pub fn compared_in(old: BackupId, new: BackupId, name: &str) -> String {
    let (old, new) = (old.to_string(), new.to_string());
    with(compare(), &[("old", &old), ("new", &new), ("context_name", name)])
}
