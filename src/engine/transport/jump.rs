//! The way over jump hosts: an SSH session with each, and in it a channel to the next (RFC 4254, 7.2).
//!
//! What goes through such a channel is the device's own session, encrypted for the device: the jump host sees nothing of it
//! but where it goes. Over telnet it sees everything, as everybody does who is on the way.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use russh::ChannelOpenFailure;
use tokio::{sync::OwnedMutexGuard, time::timeout};

use super::{
    HostKeys, Log, Pace, Place, Session, Target, auth,
    handshake::handshake,
    stream::Stream,
    tcp::{connect_to, timed_out},
};
use crate::domain::{
    entry::Level,
    failure::{Failure, FailureClass, Stage},
};

/// A jump host on the way to a device.
#[derive(Clone)]
pub struct Hop {
    /// What logs call it.
    pub name: String,
    /// Where it is, and what it is shown.
    pub target: Target,
    /// Who decides about it.
    pub side: Arc<dyn HopSide>,
}

impl fmt::Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hop").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Decides whether a jump host is signed in to, and hears of the answer.
pub trait HopSide: HostKeys {
    /// Waits until it may be shown its account, or says why it may not.
    fn turn(&self) -> BoxFuture<'_, Result<Turn, Failure>>;

    /// It has refused the account, which is written down before anything else happens.
    fn refused(&self) -> BoxFuture<'_, Result<(), Failure>>;
}

/// The permission to sign in. While nobody knows whether the secrets are right, one session at a time has it: a wrong password
/// must be heard once, not by as many sessions as devices are behind the jump host.
pub struct Turn {
    /// What is known to be right, and what these secrets are; `None` where they are known already.
    pub unproven: Option<(OwnedMutexGuard<Option<i32>>, i32)>,
}

impl Turn {
    /// It was let in: the others need not wait.
    fn proven(self) {
        if let Some((mut known, revision)) = self.unproven {
            *known = Some(revision);
        }
    }
}

/// Lines about a jump host say which.
struct OfHop<'a> {
    log: &'a dyn Log,
    name: &'a str,
}

impl Log for OfHop<'_> {
    fn say(&self, level: Level, stage: Stage, text: &str) {
        self.log.say(level, stage, &format!("jump host {}: {text}", self.name));
    }
}

/// Signs in to each jump host on the way; the sessions end when they are dropped.
pub async fn open(way: &[Hop], pace: Pace<'_>, log: &dyn Log) -> Result<Vec<Session>, Failure> {
    let mut sessions = Vec::with_capacity(way.len());
    for hop in way {
        let log = OfHop { log, name: &hop.name };
        let session = sign_in(hop, sessions.last(), pace, &log).await;
        sessions.push(session.map_err(|failure| at(&hop.name, failure))?);
    }
    Ok(sessions)
}

async fn sign_in(
    hop: &Hop,
    before: Option<&Session>,
    pace: Pace<'_>,
    log: &dyn Log,
) -> Result<Session, Failure> {
    let target = &hop.target;
    let whereto = (target.host.clone(), target.port);
    let stream = match before {
        None => Stream::straight(connect_to(&whereto, target.transport, pace, log).await?),
        Some(session) => through(session, &whereto, pace.of(Stage::Connect)).await?,
    };
    let mut session = handshake((stream, whereto), target.algorithms, pace, hop.side.clone(), log).await?;
    let limit = pace.of(Stage::Auth);
    let turn = timeout(limit, hop.side.turn()).await;
    // Nothing was shown to it by then, so that this may be tried again.
    let turn =
        turn.map_err(|_| timed_out(Stage::Connect, limit, "the answer to another session's account"))??;
    let proven = timeout(limit, auth::authenticate(&mut session, target)).await;
    let proven = proven.map_err(|_| timed_out(Stage::Auth, limit, "an answer to our authentication"))?;
    match proven {
        Ok(method) => {
            turn.proven();
            log.say(Level::Info, Stage::Auth, &format!("let in by {method}"));
            Ok(session)
        }
        Err(failure) => {
            if failure.class == FailureClass::AuthFailed {
                hop.side.refused().await?;
            }
            Err(failure)
        }
    }
}

/// A failure at a jump host. What it refused is no answer of the device's.
fn at(name: &str, failure: Failure) -> Failure {
    let is_its_answer = matches!(
        failure.class,
        FailureClass::AuthFailed
            | FailureClass::NoCredential
            | FailureClass::HostKeyChanged
            | FailureClass::NoCommonAlgorithm
    );
    let class = if is_its_answer { FailureClass::JumpHost } else { failure.class };
    Failure { class, message: format!("at the jump host {name}: {}", failure.message), ..failure }
}

/// Asks for a connection to `place` from where `session` leads.
pub async fn through(session: &Session, place: &Place, limit: Duration) -> Result<Stream, Failure> {
    let (host, port) = place;
    let failed = |class, why: &str| {
        Err(Failure::new(
            class,
            Stage::Connect,
            format!("it does not connect us to {host} port {port}: {why}"),
        ))
    };
    let opening = session.handle.channel_open_direct_tcpip(host.as_str(), u32::from(*port), "127.0.0.1", 0);
    match timeout(limit, opening).await {
        Ok(Ok(channel)) => Ok(Stream::through(channel.into_stream())),
        Ok(Err(russh::Error::ChannelOpenFailure(why))) => match why {
            ChannelOpenFailure::ConnectFailed => failed(FailureClass::Unreachable, "nothing answers there"),
            ChannelOpenFailure::AdministrativelyProhibited => {
                failed(FailureClass::JumpHost, "its rules forbid it (AllowTcpForwarding, PermitOpen)")
            }
            other @ (ChannelOpenFailure::UnknownChannelType
            | ChannelOpenFailure::ResourceShortage
            | ChannelOpenFailure::Other { .. }) => failed(FailureClass::JumpHost, &format!("{other:?}")),
        },
        Ok(Err(error)) => Err(session.lost(Stage::Connect, &error.to_string())),
        Err(_) => failed(FailureClass::Unreachable, &format!("no answer within {} s", limit.as_secs_f32())),
    }
}

/// The same from the last jump host of a way, in its name.
pub async fn to_device(
    (last, name): (&Session, &str),
    place: &Place,
    limit: Duration,
) -> Result<Stream, Failure> {
    through(last, place, limit).await.map_err(|failure| at(name, failure))
}
