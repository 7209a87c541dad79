//! The kinds of devices that NetRaven knows, what proves each, and their files.

pub mod acts;
pub mod detail;
mod findings;
pub mod form;
pub mod list;
pub mod propose;
pub mod revision;
mod typed;

use crate::{
    domain::{
        device::Transport,
        revision::{Revision, RevisionState},
    },
    web::{
        href,
        parts::{Badge, Moment, Tone},
    },
};

/// What proves the rules (see the files' field `proof`).
fn proof(word: &str) -> Badge {
    match word {
        "capture" => Badge::new(Tone::Ok, "circle-check", "Recorded session"),
        "transcript" => Badge::new(Tone::Idle, "pencil", "Session by hand"),
        _ => Badge::new(Tone::Warn, "alert-triangle", "Untested"),
    }
}

fn ways(transports: &[Transport]) -> String {
    let name = |transport: &Transport| match transport {
        Transport::Ssh => "SSH",
        Transport::Telnet => "Telnet",
        Transport::Https => "HTTPS",
    };
    transports.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// How far a saved file has come.
fn state(of: RevisionState) -> Badge {
    match of {
        RevisionState::Trial => Badge::new(Tone::Warn, "clock", "On trial"),
        RevisionState::InUse => Badge::new(Tone::Ok, "circle-check", "In use"),
        RevisionState::Past => Badge::new(Tone::Idle, "history", "Put aside"),
    }
}

/// A saved file as a list shows it.
#[derive(Debug)]
struct RevisionLine {
    number: String,
    href: String,
    state: Badge,
    note: String,
    by: String,
    at: Moment,
}

impl From<&Revision> for RevisionLine {
    fn from(it: &Revision) -> Self {
        Self {
            number: it.id.to_string(),
            href: href::platform_revision(&it.platform, it.id),
            state: state(it.state),
            note: it.note.clone(),
            by: it.saved_by.clone(),
            at: Moment::relative(it.saved_at),
        }
    }
}
