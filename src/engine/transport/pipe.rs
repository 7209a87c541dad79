//! Bytes of one channel, as many at a time as a file transfer asks for.

use std::time::Duration;

use russh::{Channel, ChannelMsg, client::Msg};
use tokio::time::timeout;

use super::{Pace, Session, tcp::timed_out};
use crate::{
    domain::failure::{Failure, FailureClass, Stage},
    platform::visible,
};

/// More than this of the error stream says nothing new.
const MOST_ERRORS: usize = 4 * 1024;

/// A channel that a file comes through.
pub(super) struct Pipe<'s> {
    session: &'s Session,
    channel: Channel<Msg>,
    silence: Duration,
    incoming: Vec<u8>,
    errors: Vec<u8>,
    status: Option<u32>,
    has_ended: bool,
    is_lost: bool,
}

impl<'s> Pipe<'s> {
    /// Opens a channel on the session.
    pub(super) async fn open(session: &'s Session, pace: Pace<'_>) -> Result<Self, Failure> {
        let limit = pace.of(Stage::Shell);
        let opened = timeout(limit, session.handle.channel_open_session()).await;
        let channel = opened.map_err(|_| timed_out(Stage::Shell, limit, "a channel"))?;
        let channel = channel.map_err(|error| session.lost(Stage::Shell, &format!("no channel: {error}")))?;
        Ok(Self {
            session,
            channel,
            silence: pace.of(Stage::Command),
            incoming: Vec::new(),
            errors: Vec::new(),
            status: None,
            has_ended: false,
            is_lost: false,
        })
    }

    /// Asks for a subsystem; `false` where the device has none of this name.
    pub(super) async fn subsystem(&mut self, name: &str) -> Result<bool, Failure> {
        let asked = self.channel.request_subsystem(true, name).await;
        asked.map_err(|error| self.lost(&format!("no subsystem: {error}")))?;
        loop {
            let Ok(message) = timeout(self.silence, self.channel.wait()).await else {
                return Err(timed_out(Stage::Shell, self.silence, &format!("the device's {name}")));
            };
            match message {
                Some(ChannelMsg::Success) => return Ok(true),
                Some(ChannelMsg::Failure | ChannelMsg::Close | ChannelMsg::Eof) => return Ok(false),
                None => return Err(self.lost(&format!("no {name}"))),
                Some(_) => {}
            }
        }
    }

    /// Runs a command on it.
    pub(super) async fn exec(&mut self, command: &str) -> Result<(), Failure> {
        let asked = self.channel.exec(false, command).await;
        asked.map_err(|error| self.lost(&format!("`{command}` cannot be run: {error}")))
    }

    /// Sends bytes.
    pub(super) async fn send(&mut self, bytes: Vec<u8>) -> Result<(), Failure> {
        let sent = self.channel.data_bytes(bytes).await;
        sent.map_err(|_| self.lost("the device takes no more"))
    }

    /// Says that no more is wanted.
    pub(super) async fn close(self) {
        let _ = self.channel.close().await;
    }

    fn lost(&self, what: &str) -> Failure {
        self.session.lost(Stage::Command, what)
    }

    /// Waits for the next message; `false` when no more will come.
    async fn more(&mut self) -> Result<bool, Failure> {
        let Ok(message) = timeout(self.silence, self.channel.wait()).await else {
            let _ = self.channel.close().await;
            return Err(timed_out(Stage::Command, self.silence, "more of the file"));
        };
        match message {
            Some(ChannelMsg::Data { data }) => self.incoming.extend_from_slice(&data),
            Some(ChannelMsg::ExtendedData { data, .. }) => {
                let room = MOST_ERRORS.saturating_sub(self.errors.len());
                self.errors.extend(data.iter().take(room));
            }
            Some(ChannelMsg::ExitStatus { exit_status }) => self.status = Some(exit_status),
            Some(ChannelMsg::Close) => self.has_ended = true,
            None => (self.has_ended, self.is_lost) = (true, self.status.is_none()),
            Some(_) => {}
        }
        Ok(!self.has_ended)
    }

    /// Waits for a piece of at most `most` bytes; none when no more will come.
    pub(super) async fn some(&mut self, most: usize) -> Result<Vec<u8>, Failure> {
        while self.incoming.is_empty() && !self.has_ended && self.more().await? {}
        let count = self.incoming.len().min(most);
        Ok(self.incoming.drain(..count).collect())
    }

    /// Exactly so many bytes; `None` when fewer come before the end.
    pub(super) async fn exactly(&mut self, count: usize) -> Result<Option<Vec<u8>>, Failure> {
        while self.incoming.len() < count && !self.has_ended && self.more().await? {}
        Ok((self.incoming.len() >= count).then(|| self.incoming.drain(..count).collect()))
    }

    /// Waits for the end and gives the exit status.
    pub(super) async fn status(&mut self) -> Result<Option<u32>, Failure> {
        while !self.has_ended && self.more().await? {}
        Ok(self.status)
    }

    /// The failure that means: the file ended too soon, after `what`.
    pub(super) fn cut(&self, what: &str) -> Failure {
        if self.is_lost {
            return self.lost(&format!("the connection broke off {what}"));
        }
        let errors = String::from_utf8_lossy(&self.errors).into_owned();
        let said = match errors.lines().next() {
            Some(line) => format!("; the device said: {}", visible(line)),
            None => String::new(),
        };
        Failure::new(FailureClass::Truncated, Stage::Command, format!("the transfer ended {what}{said}"))
    }

    /// The first line of what the device complained about beside the file.
    pub(super) fn complaint(&self) -> Option<String> {
        let errors = String::from_utf8_lossy(&self.errors);
        errors.lines().next().map(visible)
    }
}
