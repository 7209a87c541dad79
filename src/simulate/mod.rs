//! Simulated devices: real SSH, telnet and HTTPS servers that talk like a router and fail like one.
//!
//! They are part of the product (`netraven simulate`, `netraven demo`) and the fleet of the test suite.
//! Nothing here knows how a backup is taken: what a device says was written down from the devices'
//! side, so that one mistake cannot sit on both ends of the line.

pub mod capture;
pub mod configuration;
pub mod contexts;
pub mod device;
pub mod fault;
pub mod fleet;
pub mod identity;
pub mod inventory;
pub mod server;
mod session;

mod certificate;
mod connection;
mod content;
mod dice;
mod escapes;
mod exec;
mod gate;
mod https;
mod inbox;
mod information;
mod keyboard;
mod output;
mod personality;
mod playback;
mod record;
mod scp;
mod seen;
mod shell;
mod state;
mod telnet;

#[cfg(test)]
mod tests;

pub use capture::{Capture, CaptureError, Pager};
pub use device::{AuthMethod, Device, Platform};
pub use fault::{Fault, Faults, UnknownFault};
pub use identity::Identity;
pub use inventory::inventory_csv;
pub use record::Record;
pub use seen::Seen;
pub use server::{Running, start};
