//! What a person typed about a platform's file, and what is wrong with it.

use serde::Deserialize;

use crate::{
    service::platforms::revisions::{LONGEST_NOTE, SaveRevisionError},
    web::{complaints::Complaints, error::PageError},
};

/// What a person typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlatformForm {
    pub source: String,
    pub note: String,
    pub reach: String,
    pub device: String,
    pub job: String,
    pub seen: String,
    pub act: String,
}

/// What was refused, at its field.
pub(super) fn complain(error: SaveRevisionError) -> Result<Complaints, PageError> {
    match error {
        SaveRevisionError::Fault(fault) => Err(fault.into()),
        invalid @ (SaveRevisionError::Invalid(_)
        | SaveRevisionError::Long(_)
        | SaveRevisionError::OtherKey(..)
        | SaveRevisionError::Known(_)) => Ok(Complaints::on_field("source", invalid)),
        SaveRevisionError::Device(why) => Ok(Complaints::on_field("device", why)),
        other @ (SaveRevisionError::Stale
        | SaveRevisionError::NeededBy(_)
        | SaveRevisionError::Scope
        | SaveRevisionError::Gone) => Ok(Complaints::on_form(other)),
    }
}

/// What is wrong with the fields around the file.
pub(super) fn fields(form: &PlatformForm, is_new: bool) -> Complaints {
    let mut complaints = Complaints::default();
    if form.note.chars().count() > LONGEST_NOTE {
        complaints.add("note", format!("Use at most {LONGEST_NOTE} characters."));
    }
    if form.note.chars().any(char::is_control) {
        complaints.add("note", "Leave control characters out of the note.");
    }
    if form.act == "save" && !is_new && form.note.trim().is_empty() {
        complaints.add("note", "Say what the change is for; the next one will want to know.");
    }
    if form.act == "save" && form.reach == "one" && form.device.trim().is_empty() {
        complaints.add("device", "Name the device to try it on, or choose all devices.");
    }
    complaints
}
