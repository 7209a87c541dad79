//! Everything that runs by itself: the conversation with devices and what drives it.

pub mod dialogue;
pub mod transport;
