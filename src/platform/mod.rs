//! What we know about each kind of device, and the pure text work that follows from it.
//!
//! A platform is one TOML file: how to log in and ask, what proves that the answer is whole, what changes by
//! itself and what is secret. Nothing here waits or opens a socket; the conversation itself is the engine's.

mod believe;
mod commands;
mod compare;
mod compile;
mod contexts;
mod definition;
mod detect;
mod echo;
mod error;
mod facts;
mod file;
mod flapping;
mod head;
mod judge;
mod leaks;
mod login;
mod mask;
mod names;
mod prompt;
mod propose;
mod registry;
mod replay;
mod requests;
mod screen;
mod visible;
mod waiting;
mod xml;

#[cfg(test)]
mod tests;

pub use commands::{Commands, Variant};
pub use contexts::{ContextRules, Fetched, Form, OneContext};
pub use definition::{AUTO, Banner, Channel, Enable, LineEnding, Paging, Platform};
pub use detect::{Guess, MOST_COMMANDS, PROPOSED, SAFE, Seen, guesses, next_command};
pub use echo::{without_carriage_returns, without_echo};
pub use error::PlatformError;
pub use facts::FactRule;
pub use flapping::{Flapping, flapping};
pub use head::Head;
pub use judge::{Capture, Doubt, InfoOutput, shrunk};
pub use leaks::{Leak, leaks};
pub use login::Login;
pub use mask::{MaskKey, mask_generic};
pub use names::shipped_key;
pub use prompt::Prompt;
pub use propose::{Known, NoProposal, Proposal, propose, with_volatile};
pub use registry::{Changed, Platforms};
pub use replay::{masked_by, masked_replay, replay};
pub use requests::{Given, Request, Requests, Sent};
pub use screen::Screen;
pub use visible::visible;
pub use waiting::Waits;
