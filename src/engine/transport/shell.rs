//! A shell on a terminal, as a line.

use russh::{Channel, ChannelMsg, client::Msg};
use tokio::time::timeout;

use super::{
    Line, LineError, Pace, Session,
    line::{COLUMNS, ROWS},
    tcp::timed_out,
};
use crate::{
    domain::failure::{Failure, FailureClass, Stage},
    platform::Screen,
};

/// One terminal on a session.
pub struct ShellLine<'s> {
    session: &'s Session,
    channel: Channel<Msg>,
    /// What came before the shell was confirmed.
    early: Vec<u8>,
}

impl<'s> ShellLine<'s> {
    /// Opens a channel, asks for a terminal and a shell, and waits for the confirmation.
    pub async fn open(session: &'s Session, pace: Pace<'_>) -> Result<Self, Failure> {
        let limit = pace.of(Stage::Shell);
        let opened = timeout(limit, Self::opened(session)).await;
        opened.map_err(|_| timed_out(Stage::Shell, limit, "a shell"))?
    }

    async fn opened(session: &'s Session) -> Result<Self, Failure> {
        let lost = |error: russh::Error| session.lost(Stage::Shell, &format!("no channel: {error}"));
        let channel = session.handle.channel_open_session().await.map_err(lost)?;
        channel.request_pty(false, "vt100", COLUMNS.into(), ROWS.into(), 0, 0, &[]).await.map_err(lost)?;
        channel.request_shell(true).await.map_err(lost)?;
        let mut line = Self { session, channel, early: Vec::new() };
        loop {
            match line.channel.wait().await {
                Some(ChannelMsg::Success) => return Ok(line),
                Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) => {
                    // Some servers never confirm, and talk instead.
                    session.received(&data);
                    line.early.extend_from_slice(&data);
                    return Ok(line);
                }
                Some(ChannelMsg::Failure) => {
                    let message = "the device refuses a shell to this account";
                    return Err(Failure::new(FailureClass::PermissionDenied, Stage::Shell, message));
                }
                Some(ChannelMsg::Close) | None => {
                    return Err(session
                        .lost(Stage::Shell, "the device closed the channel instead of opening a shell"));
                }
                Some(_) => {}
            }
        }
    }

    fn closed(&self, what: &str) -> LineError {
        LineError::Closed(self.session.lost(Stage::Command, what).message)
    }
}

impl Line for ShellLine<'_> {
    async fn send(&mut self, bytes: &[u8]) -> Result<(), LineError> {
        self.session.sent(bytes);
        let sent = self.channel.data_bytes(bytes.to_vec()).await;
        sent.map_err(|_| self.closed("the device takes no more input"))
    }

    async fn read_more(&mut self, screen: &mut Screen) -> Result<usize, LineError> {
        if !self.early.is_empty() {
            let early = std::mem::take(&mut self.early);
            screen.feed(&early);
            return Ok(early.len());
        }
        loop {
            match self.channel.wait().await {
                Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) => {
                    self.session.received(&data);
                    screen.feed(&data);
                    return Ok(data.len());
                }
                Some(ChannelMsg::Eof | ChannelMsg::Close) => {
                    return Err(self.closed("the device ended the shell"));
                }
                None => return Err(self.closed("the connection broke off")),
                Some(_) => {}
            }
        }
    }

    async fn ended(&mut self) {
        while self.channel.wait().await.is_some_and(|message| !matches!(message, ChannelMsg::Close)) {}
    }
}
