//! Credentials that many devices share.

pub mod acts;
pub mod delete;
pub mod detail;
pub mod form;
pub mod list;

use crate::{
    domain::credential::{Credential, Shared},
    web::parts::{Badge, Tone},
};

/// In use, stopped, or being rotated.
fn standing(shared: &Shared) -> Badge {
    if shared.stopped_at.is_some() {
        Badge::new(Tone::Bad, "ban", "Stopped")
    } else if shared.previous.is_some() {
        Badge::new(Tone::Warn, "rotate-clockwise", "Rotating")
    } else {
        Badge::new(Tone::Ok, "circle-check", "In use")
    }
}

/// Which secrets are there, never what they are (S-48).
fn secrets(credential: &Credential) -> String {
    let kept = [
        (credential.has_password, "password"),
        (credential.has_private_key, "private key"),
        (credential.has_enable, "enable password"),
    ];
    let set: Vec<&str> = kept.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name).collect();
    set.join(", ")
}
