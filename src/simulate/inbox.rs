//! What the client sends on one channel, kept until somebody reads it.
//!
//! It is emptied also while the device prints: a client's window adjustments come the same way as its
//! keys, and nobody may have to wait for room for them.

use std::collections::VecDeque;

use russh::{ChannelMsg, ChannelReadHalf};

use super::output::Gone;

/// The most that is kept of what nobody has read yet (bytes); more is dropped.
const MOST: usize = 64 * 1024;

/// The receiving side of one channel.
pub(super) struct Inbox {
    channel: ChannelReadHalf,
    typed: VecDeque<u8>,
    ended: bool,
}

impl Inbox {
    pub(super) fn new(channel: ChannelReadHalf) -> Self {
        Self { channel, typed: VecDeque::new(), ended: false }
    }

    /// The next byte that is already here.
    pub(super) fn next(&mut self) -> Option<u8> {
        self.typed.pop_front()
    }

    /// Whether the client said that no more will come.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Waits for one message. Safe to drop half way.
    pub(super) async fn more(&mut self) -> Result<(), Gone> {
        match self.channel.wait().await {
            Some(ChannelMsg::Data { data }) => {
                if self.typed.len() < MOST {
                    self.typed.extend(data);
                }
                Ok(())
            }
            Some(ChannelMsg::Close) | None => Err(Gone),
            Some(other) => {
                self.ended |= matches!(other, ChannelMsg::Eof);
                Ok(())
            }
        }
    }
}
