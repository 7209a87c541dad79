//! The way to a device: TCP, SSH, telnet or HTTPS, who we are, and who it is.

mod algorithms;
mod auth;
mod client;
mod exec;
mod file;
mod handshake;
mod https;
mod jump;
mod limits;
mod line;
mod nvt;
mod offer;
mod pipe;
mod scp;
mod sftp;
mod shell;
mod ssh;
mod stream;
mod tape;
mod target;
mod tcp;
mod telnet;
mod tls;
mod verdict;
mod watched;

#[cfg(test)]
mod tests;

pub use exec::{ExecOutput, run as exec};
pub use file::fetch;
pub use https::{Head, HttpsSession};
pub use jump::{Hop, HopSide, Turn};
pub use limits::Limits;
pub use line::{Line, LineError};
pub use shell::ShellLine;
pub use ssh::Session;
pub use tape::Tape;
pub use target::{Deadlines, HostKeys, Log, Pace, Place, Target};
pub use telnet::TelnetLine;

use crate::domain::{device::Transport, failure::Failure};

/// Whether the device can be reached: connects and listens to its first words, without signing in. Gives the words for it.
pub async fn greet(target: &Target, pace: Pace<'_>, log: &dyn Log) -> Result<String, Failure> {
    match target.transport {
        Transport::Ssh => ssh::greet(target, pace, log).await,
        Transport::Telnet => telnet::greet(target, pace, log).await,
        Transport::Https => tls::greet(target, pace, log).await,
    }
}
