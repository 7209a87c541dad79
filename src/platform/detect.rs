//! How a device is told from those of other platforms.

use regex::{Regex, bytes};

/// How a device is told from those of other platforms.
#[derive(Debug)]
pub struct Detect {
    /// Matched against the SSH identification.
    pub banner: Option<bytes::Regex>,
    /// Matched against the prompt.
    pub prompt: Option<bytes::Regex>,
    /// A harmless command, and what its answer holds.
    pub answer: Option<(String, Regex)>,
    /// Where several platforms match, the one with the higher number is believed; it is also asked for earlier.
    pub priority: u16,
}
