//! The TCP connection below every transport, and the words for waiting in vain.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::{Log, Pace, Target, algorithms};
use crate::domain::{
    entry::Level,
    failure::{Failure, FailureClass, Stage},
};

/// What was waited for in vain.
pub fn timed_out(stage: Stage, limit: Duration, waited_for: &str) -> Failure {
    let message = format!("waited {} s for {waited_for}", limit.as_secs_f32());
    Failure::new(FailureClass::Timeout, stage, message)
}

/// Resolves the name and connects to the first address that answers. The log says to which, and by what.
pub async fn connect(target: &Target, pace: Pace<'_>, log: &dyn Log) -> Result<TcpStream, Failure> {
    let start = Instant::now();
    let host = target.host.trim_start_matches('[').trim_end_matches(']');
    let unresolvable = |why: String| {
        Failure::new(FailureClass::Unresolvable, Stage::Resolve, format!("{host} has no address: {why}"))
    };
    let found = timeout(pace.of(Stage::Resolve), lookup_host((host, target.port))).await;
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
        &format!("connected to {peer} by {} in {} ms", target.transport, start.elapsed().as_millis()),
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
