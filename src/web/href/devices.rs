//! Devices, and lists of them.

use crate::domain::id::{DeviceId, ImportId};

/// The form for a new device.
pub fn new_device() -> &'static str {
    "/devices/new"
}

/// The form for a device.
pub fn edit_device(id: DeviceId) -> String {
    format!("/devices/{id}/edit")
}

/// The form for a device like this one.
pub fn clone_device(id: DeviceId) -> String {
    format!("/devices/{id}/clone")
}

/// Looking whether devices can be reached (POST).
pub fn check_devices() -> &'static str {
    "/devices/check"
}

/// The question before a device is deleted, and its deletion (POST).
pub fn delete_device(id: DeviceId) -> String {
    format!("/devices/{id}/delete")
}

/// Confirming a device's platform (POST).
pub fn confirm_platform(id: DeviceId) -> String {
    format!("/devices/{id}/platform")
}

/// Accepting a device's changed host key (POST).
pub fn host_key(id: DeviceId) -> String {
    format!("/devices/{id}/host-key")
}

/// The devices.
pub fn devices() -> &'static str {
    "/devices"
}

/// A device.
pub fn device(id: DeviceId) -> String {
    format!("/devices/{id}")
}

/// A device's versions.
pub fn versions(device: DeviceId) -> String {
    format!("/devices/{device}/backups")
}

/// Devices from a file or a text.
pub fn imports() -> &'static str {
    "/imports"
}

/// What flaps in a device's history.
pub fn device_noise(id: DeviceId) -> String {
    format!("/devices/{id}/noise")
}

/// A list of devices to be brought in: the page with its upload (POST).
pub fn import_new() -> &'static str {
    "/imports/new"
}

/// An import.
pub fn import(id: ImportId) -> String {
    format!("/imports/{id}")
}

/// Carrying an import out (POST).
pub fn import_apply(id: ImportId) -> String {
    format!("/imports/{id}/apply")
}

/// Throwing a list away (POST).
pub fn import_discard(id: ImportId) -> String {
    format!("/imports/{id}/discard")
}

/// The rows that an import refused, as a file.
pub fn import_rejected(id: ImportId) -> String {
    format!("/imports/{id}/rejected")
}

/// An import, to be undone.
pub fn import_undo(id: ImportId) -> String {
    format!("/imports/{id}/undo")
}

/// The deleted devices.
pub fn deleted_devices() -> &'static str {
    "/devices/deleted"
}

/// Bringing a deleted device back (POST).
pub fn restore_device(id: DeviceId) -> String {
    format!("/devices/{id}/restore")
}

/// Removing a deleted device for good.
pub fn purge_device(id: DeviceId) -> String {
    format!("/devices/{id}/purge")
}

/// Changing many devices at once (POST).
pub fn bulk_devices() -> &'static str {
    "/devices/bulk"
}

/// The devices that match, as CSV.
pub fn devices_csv() -> &'static str {
    "/devices.csv"
}
