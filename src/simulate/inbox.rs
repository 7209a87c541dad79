//! What the client sends on one channel, kept until somebody reads it.
//!
//! It is emptied also while the device prints: a client's window adjustments come the same way as its
//! keys, and nobody may have to wait for room for them.

use std::collections::VecDeque;

use russh::{ChannelMsg, ChannelReadHalf};
use tokio::io::{AsyncReadExt, ReadHalf};
use tokio_rustls::server::TlsStream;

use super::{gate::Gate, output::Gone, telnet::Ear};

/// The most that is kept of what nobody has read yet (bytes); more is dropped.
const MOST: usize = 64 * 1024;

/// The receiving side of one channel, or of a connection by telnet or HTTPS.
pub(super) struct Inbox {
    source: Source,
    typed: VecDeque<u8>,
    ended: bool,
}

/// Where it comes from.
pub(super) enum Source {
    Channel(ChannelReadHalf),
    Telnet(Ear),
    Tls(ReadHalf<TlsStream<Gate>>),
}

impl Inbox {
    pub(super) fn new(source: Source) -> Self {
        Self { source, typed: VecDeque::new(), ended: false }
    }

    /// The next byte that is already here.
    pub(super) fn next(&mut self) -> Option<u8> {
        self.typed.pop_front()
    }

    /// Whether the client said that no more will come.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// What the device owes the client's telnet by now, as it goes over the wire.
    pub(super) fn owed(&mut self) -> Vec<u8> {
        match &mut self.source {
            Source::Channel(_) | Source::Tls(_) => Vec::new(),
            Source::Telnet(ear) => ear.owed(),
        }
    }

    /// Waits for one message. Safe to drop half way.
    pub(super) async fn more(&mut self) -> Result<(), Gone> {
        let channel = match &mut self.source {
            Source::Channel(channel) => channel,
            Source::Telnet(ear) => {
                let typed = ear.more().await?;
                if self.typed.len() < MOST {
                    self.typed.extend(typed);
                }
                return Ok(());
            }
            Source::Tls(stream) => {
                let mut bytes = Vec::with_capacity(MOST);
                if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                    return Err(Gone);
                }
                self.typed.extend(bytes);
                return Ok(());
            }
        };
        match channel.wait().await {
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
