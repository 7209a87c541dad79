//! One SSH connection, stage by stage, each with its own deadline and its own words for what went wrong.

use std::{io, sync::Arc, time::Instant};

use russh::client::{self, Handle};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    HostKeys, Log, Pace, Tape, Target, algorithms, auth,
    client::{Client, Traces},
    tcp::{connect, timed_out},
    watched::Watched,
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
    tape: Option<Arc<Tape>>,
    _cut: DropGuard,
}

impl Session {
    /// Resolves, connects, agrees on keys, has the host key judged and then proves who we are.
    pub async fn open(
        target: &Target,
        pace: Pace<'_>,
        host_keys: Arc<dyn HostKeys>,
        log: &dyn Log,
    ) -> Result<Self, Failure> {
        let stream = connect(target, pace, log).await?;
        let mut session = handshake(stream, pace, host_keys, log).await?;
        let start = Instant::now();
        let limit = pace.of(Stage::Auth);
        let proven = timeout(limit, auth::authenticate(&mut session, target)).await;
        let method =
            proven.map_err(|_| timed_out(Stage::Auth, limit, "an answer to our authentication"))??;
        target.let_in.cancel();
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
            Some(reason) => format!("{what}: {}", visible(&reason)),
            None => what.to_owned(),
        };
        Failure::new(FailureClass::ConnectionLost, stage, message)
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
        let Self { handle, _cut, .. } = self;
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
    let stream = connect(target, pace, log).await?;
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

async fn handshake(
    stream: TcpStream,
    pace: Pace<'_>,
    host_keys: Arc<dyn HostKeys>,
    log: &dyn Log,
) -> Result<Session, Failure> {
    let start = Instant::now();
    let (stage, mut told) = watch::channel(Stage::Banner);
    let cut = CancellationToken::new();
    let guard = cut.clone().drop_guard();
    let traces = Arc::new(Traces::default());
    let config = Arc::new(algorithms::config(&host_keys.pinned_algorithms(), pace.keepalive()));
    let stream = Watched::new(stream, stage.clone(), cut);
    let client = Client { host_keys, stage, traces: traces.clone() };
    let mut connecting = Box::pin(client::connect_stream(config, stream, client));
    let outcome = loop {
        let stage = *told.borrow_and_update();
        let limit = pace.of(stage);
        tokio::select! {
            done = &mut connecting => break done,
            Ok(()) = told.changed() => {}
            () = sleep(limit) => {
                log_traces(&traces, stage, log);
                return Err(timed_out(stage, limit, waited_for(stage)));
            }
        }
    };
    let stage = *told.borrow();
    let handle = match outcome {
        Ok(handle) => handle,
        Err(error) => {
            log_traces(&traces, Stage::HostKey, log);
            return Err(traces.refused().unwrap_or_else(|| broken(stage, &error)));
        }
    };
    log_traces(&traces, Stage::HostKey, log);
    log.say(Level::Info, Stage::KeyExchange, &format!("keys agreed in {} ms", start.elapsed().as_millis()));
    Ok(Session { handle, traces, tape: log.tape(), _cut: guard })
}

fn waited_for(stage: Stage) -> &'static str {
    if stage == Stage::Banner {
        "the SSH identification string"
    } else if stage == Stage::HostKey {
        "the verdict about the host key"
    } else {
        "the key exchange"
    }
}

/// The words for a handshake that failed.
fn broken(stage: Stage, error: &russh::Error) -> Failure {
    if let russh::Error::NoCommonAlgo { kind, ours, theirs } = error {
        let kind = format!("{kind:?}").to_lowercase();
        let (ours, theirs) = (ours.join(", "), theirs.join(", "));
        let message = format!("no common {kind} algorithm: we offer {ours}; the device offers {theirs}");
        return Failure::new(FailureClass::NoCommonAlgorithm, Stage::KeyExchange, message);
    }
    let message = if stage == Stage::Banner {
        format!("the device does not identify itself as an SSH server: {error}")
    } else {
        format!("the handshake broke off: {error}")
    };
    Failure::new(FailureClass::ConnectionLost, stage, message)
}

/// Puts what the callbacks had to say into the log.
pub fn log_traces(traces: &Traces, stage: Stage, log: &dyn Log) {
    for line in traces.said() {
        log.say(Level::Info, stage, &visible(&line));
    }
}
