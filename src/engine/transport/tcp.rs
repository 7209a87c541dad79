//! The TCP connection below every transport, and the words for waiting in vain.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::{Log, Pace, Place, Session, Target, algorithms, jump, stream::Stream};
use crate::domain::{
    device::Transport,
    entry::Level,
    failure::{Failure, FailureClass, Stage},
};

/// What was waited for in vain.
pub fn timed_out(stage: Stage, limit: Duration, waited_for: &str) -> Failure {
    let message = format!("waited {} s for {waited_for}", limit.as_secs_f32());
    Failure::new(FailureClass::Timeout, stage, message)
}

/// Connects to the first place of the device's where something answers, over its jump hosts, and says which place it is.
/// Nothing was sent to the device before that, so that going on to the next place can do no harm.
pub async fn connect(target: &Target, pace: Pace<'_>, log: &dyn Log) -> Result<(Stream, Place), Failure> {
    let way = Arc::new(jump::open(&target.way, pace, log).await?);
    let places = target.places();
    let mut failures: Vec<Failure> = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let connected = match (way.last(), target.way.last()) {
            (Some(session), Some(hop)) => {
                over(place, (session, &hop.name), (target.transport, pace), log).await
            }
            _ => connect_to(place, target.transport, pace, log).await.map(Stream::straight),
        };
        let failure = match connected {
            Ok(stream) => return Ok((stream.keeping(way), place.clone())),
            Err(failure) => failure,
        };
        if let Some((next, port)) = places.get(at + 1) {
            let text = format!("{}; trying the next address, {next} port {port}", failure.message);
            log.say(Level::Warning, failure.stage, &text);
        }
        failures.push(failure);
    }
    Err(nowhere(failures))
}

/// Connects from the last jump host on the way.
async fn over(
    whereto: &Place,
    (last, name): (&Session, &str),
    (transport, pace): (Transport, Pace<'_>),
    log: &dyn Log,
) -> Result<Stream, Failure> {
    let start = Instant::now();
    let stream = jump::to_device((last, name), whereto, pace.of(Stage::Connect)).await?;
    let (host, port) = whereto;
    let took = start.elapsed().as_millis();
    let text =
        format!("connected to {host} port {port} by {transport} through the jump host {name} in {took} ms");
    log.say(Level::Info, Stage::Connect, &text);
    Ok(stream)
}

/// Nothing answered; the device's own address decides what kind of failure it is.
fn nowhere(failures: Vec<Failure>) -> Failure {
    let all: Vec<String> = failures.iter().map(|failure| failure.message.clone()).collect();
    let count = failures.len();
    let none = || Failure::new(FailureClass::Unresolvable, Stage::Resolve, "there is no address to try");
    let mut first = failures.into_iter().next().unwrap_or_else(none);
    if count > 1 {
        first.message = format!("none of the {count} addresses answers: {}", all.join("; "));
    }
    first
}

/// Resolves the name and connects to the first address that answers. The log says to which, and by what.
pub async fn connect_to(
    (host, port): &Place,
    transport: Transport,
    pace: Pace<'_>,
    log: &dyn Log,
) -> Result<TcpStream, Failure> {
    let start = Instant::now();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let unresolvable = |why: String| {
        Failure::new(FailureClass::Unresolvable, Stage::Resolve, format!("{host} has no address: {why}"))
    };
    let found = timeout(pace.of(Stage::Resolve), lookup_host((host, *port))).await;
    let found = found.map_err(|_| unresolvable("no name server answered".to_owned()))?;
    let addresses: Vec<SocketAddr> = found.map_err(|error| unresolvable(error.to_string()))?.collect();

    let limit = pace.of(Stage::Connect);
    let stream = match first_that_answers(&addresses, limit).await {
        Ok(stream) => stream,
        Err(None) => return Err(unresolvable("the name server knows the name only".to_owned())),
        Err(Some((address, error))) => {
            let refused = error.kind() == io::ErrorKind::ConnectionRefused;
            let class = if refused { FailureClass::Refused } else { FailureClass::Unreachable };
            return Err(Failure::new(class, Stage::Connect, format!("{address}: {error}")));
        }
    };
    // Only costs time when it fails, as does the next.
    let _ = stream.set_nodelay(true);
    let _ = keep_alive(&stream, pace.keepalive());
    let peer = stream.peer_addr().map_or_else(|_| host.to_owned(), |peer| peer.to_string());
    log.say(
        Level::Info,
        Stage::Connect,
        &format!("connected to {peer} by {transport} in {} ms", start.elapsed().as_millis()),
    );
    Ok(stream)
}

/// Has the operating system look whether the other side is still there: before SSH can ask, where nothing of what is sent
/// arrives, and over telnet, which cannot ask at all.
pub fn keep_alive(stream: &TcpStream, interval: Duration) -> io::Result<()> {
    let questions = u32::try_from(algorithms::UNANSWERED).unwrap_or(u32::MAX);
    let asking = TcpKeepalive::new().with_time(interval).with_interval(interval).with_retries(questions);
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&asking)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(interval * (questions + 1)))?;
    Ok(())
}

/// The first address that lets us connect, or what the last one said. The addresses share the time, so that a
/// silent one leaves some to the next.
async fn first_that_answers(
    addresses: &[SocketAddr],
    limit: Duration,
) -> Result<TcpStream, Option<(SocketAddr, io::Error)>> {
    let share = limit / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let mut last = None;
    for &address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = Some((address, error)),
            Err(_) => {
                let message = format!("no answer within {} s", share.as_secs_f32());
                last = Some((address, io::Error::new(io::ErrorKind::TimedOut, message)));
            }
        }
    }
    Err(last)
}
