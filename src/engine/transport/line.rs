//! The one thing a dialogue needs of a transport.

use std::future::Future;

use crate::platform::Screen;

/// Wide, so that no device breaks or redraws a line.
pub const COLUMNS: u16 = 511;

/// Long, so that few devices use their pager.
pub const ROWS: u16 = 1000;

/// Why a line is of no more use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The other side ended it, or the connection broke.
    #[error("{0}")]
    Closed(String),
}

/// A terminal's two directions. A shell over SSH is one, telnet is another; a script in a test, too.
pub trait Line: Send {
    /// Sends bytes as they are.
    fn send(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), LineError>> + Send;

    /// Waits for the next piece, shows it on `screen` and says how many bytes it was. May be given up at any
    /// time without losing anything.
    fn read_more(&mut self, screen: &mut Screen) -> impl Future<Output = Result<usize, LineError>> + Send;

    /// Waits until the other side has ended the line.
    fn ended(&mut self) -> impl Future<Output = ()> + Send;
}
