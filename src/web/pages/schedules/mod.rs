//! Schedules: when backups start by themselves, and when they may not.

pub mod blackout_delete;
pub mod blackouts;
pub mod delete;
pub mod detail;
mod fields;
pub mod form;
pub mod list;
mod runs;

use crate::web::parts::{Badge, Tone};

/// Whether a schedule fires.
fn state(is_enabled: bool) -> Badge {
    if is_enabled {
        Badge::new(Tone::Ok, "circle-check", "On")
    } else {
        Badge::new(Tone::Idle, "player-pause", "Off")
    }
}
