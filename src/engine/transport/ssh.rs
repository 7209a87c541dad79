//! One SSH connection, stage by stage, each with its own deadline and its own words for what went wrong.

use std::{io, sync::Arc, time::Instant};

use russh::client::Handle;
use tokio::time::timeout;
use tokio_util::sync::DropGuard;

use super::{
    HostKeys, Log, Pace, Tape, Target, auth,
    client::{Client, Ending, Traces},
    handshake::{handshake, log_traces, waited_for},
    tcp::{connect, timed_out},
};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    platform::visible,
};

/// An authenticated connection. Dropping it ends the connection.
pub struct Session {
    pub(super) handle: Handle<Client>,
    pub(super) traces: Arc<Traces>,
    pub(super) tape: Option<Arc<Tape>>,
    pub(super) cut: DropGuard,
}

impl Session {
    /// Resolves, connects, agrees on keys, has the host key judged and then proves who we are. The caller says that we are
    /// let in: some devices let everybody in so far.
    pub async fn open(
        target: &Target,
        pace: Pace<'_>,
        host_keys: Arc<dyn HostKeys>,
        log: &dyn Log,
    ) -> Result<Self, Failure> {
        let connected = connect(target, pace, log).await?;
        let mut session = handshake(connected, target.algorithms, pace, host_keys, log).await?;
        let start = Instant::now();
        let limit = pace.of(Stage::Auth);
        let proven = timeout(limit, auth::authenticate(&mut session, target)).await;
        let method =
            proven.map_err(|_| timed_out(Stage::Auth, limit, "an answer to our authentication"))??;
        log_traces(&session.traces, Stage::Auth, log);
        log.say(
            Level::Info,
            Stage::Auth,
            &format!("let in by {method} in {} ms", start.elapsed().as_millis()),
        );
        Ok(session)
    }

    /// What the server calls itself (RFC 4253, 4.2).
    pub fn identification(&self) -> String {
        self.traces.identification()
    }

    /// The failure that means: the connection is gone.
    pub(super) fn lost(&self, stage: Stage, what: &str) -> Failure {
        let message = match self.traces.ended() {
            Some(Ending { told, .. }) => format!("{what}: {}", visible(&told)),
            None => what.to_owned(),
        };
        Failure::new(FailureClass::ConnectionLost, stage, message)
    }

    /// Whether the device hung up because it takes no more of our proofs.
    pub(super) fn is_refused(&self) -> bool {
        self.traces.ended().is_some_and(|ending| ending.is_refusal)
    }

    /// Something goes to the device on a channel.
    pub(super) fn sent(&self, bytes: &[u8]) {
        if let Some(tape) = &self.tape {
            tape.sent(bytes);
        }
    }

    /// Something came from the device on a channel.
    pub(super) fn received(&self, bytes: &[u8]) {
        if let Some(tape) = &self.tape {
            tape.received(bytes);
        }
    }

    /// Says goodbye and lets it go out.
    pub async fn close(self, pace: Pace<'_>) {
        let Self { handle, cut: _cut, .. } = self;
        let goodbye = async {
            handle.disconnect(russh::Disconnect::ByApplication, "", "").await?;
            handle.await
        };
        // A device that does not take the goodbye loses the connection all the same.
        let _ = timeout(pace.of(Stage::Logout), goodbye).await;
    }
}

/// Whether the device can be reached: connects and reads how it identifies itself. Gives the words for it, with the
/// times (RFC 4253, 4.2: the server speaks first).
pub async fn greet(target: &Target, pace: Pace<'_>, log: &dyn Log) -> Result<String, Failure> {
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
    let start = Instant::now();
    let (stream, _) = connect(target, pace, log).await?;
    let connected = start.elapsed().as_millis();
    let limit = pace.of(Stage::Banner);
    let mut lines = BufReader::new(stream.take(16 << 10)).lines();
    let banner = async {
        while let Some(line) = lines.next_line().await? {
            // Servers may say something else before.
            if line.starts_with("SSH-") {
                return Ok(line);
            }
        }
        Err(io::Error::from(io::ErrorKind::UnexpectedEof))
    };
    let banner = timeout(limit, banner).await;
    let banner = banner.map_err(|_| timed_out(Stage::Banner, limit, waited_for(Stage::Banner)))?;
    let banner = banner.map_err(|error| {
        let text = format!("the device does not identify itself as an SSH server: {error}");
        Failure::new(FailureClass::ConnectionLost, Stage::Banner, text)
    })?;
    let banner: String = visible(&banner).chars().take(120).collect();
    let all = start.elapsed().as_millis();
    Ok(format!("connected in {connected} ms, {banner} after {all} ms"))
}
