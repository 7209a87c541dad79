//! The kinds of devices that NetRaven knows, what proves each, and their files.

pub mod detail;
pub mod list;

use crate::{
    domain::device::Transport,
    web::parts::{Badge, Tone},
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
    };
    transports.iter().map(name).collect::<Vec<_>>().join(", ")
}
