//! The way to a device: TCP, SSH, who we are, and who it is.

mod algorithms;
mod auth;
mod client;
mod exec;
mod limits;
mod line;
mod shell;
mod ssh;
mod tape;
mod target;
mod watched;

#[cfg(test)]
mod tests;

pub use exec::{ExecOutput, run as exec};
pub use limits::Limits;
pub use line::{Line, LineError};
pub use shell::ShellLine;
pub use ssh::{Session, greet};
pub use tape::Tape;
pub use target::{Deadlines, HostKeys, Log, Pace, Target};
