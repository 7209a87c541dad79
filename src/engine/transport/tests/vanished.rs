//! Peers that vanish without a word: no FIN, no RST, and everything that is sent to them arrives nowhere.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use super::{Deadlines, HostKeys, Log, Manner, Pins, device, target};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    engine::{
        dialogue::collect,
        transport::{Target, tcp},
    },
    platform::{Capture, Platforms},
};

/// A cable between us and the device: until it is pulled, everything passes.
async fn cable(device: u16, pulled: CancellationToken) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut ours, _) = listener.accept().await.unwrap();
        let mut theirs = TcpStream::connect(("127.0.0.1", device)).await.unwrap();
        tokio::select! {
            _ = copy_bidirectional(&mut ours, &mut theirs) => {}
            // Both connections stay open, and nobody reads or writes any more.
            () = pulled.cancelled() => std::future::pending().await,
        }
    });
    port
}

/// Pulls the cable once the device has shown its prompt.
struct Puller(CancellationToken);

impl Log for Puller {
    fn say(&self, _: Level, stage: Stage, _: &str) {
        if stage == Stage::Prompt {
            self.0.cancel();
        }
    }
}

async fn talk(port: u16, deadlines: Deadlines, pulled: CancellationToken) -> Result<Capture, Failure> {
    let target = Target { deadlines, ..target(port, "right") };
    let ios = Platforms::shipped().unwrap().get("cisco_ios").unwrap();
    let keys: Arc<dyn HostKeys> = Arc::new(Pins::default());
    collect(&target, &ios, keys, &Puller(pulled)).await
}

/// Patient with a silent device, eager to know whether it lives.
fn patient() -> Deadlines {
    let minute = Duration::from_mins(1);
    Deadlines { silence: minute, keepalive: Duration::from_millis(200), ..Deadlines::default() }
}

#[tokio::test]
async fn a_device_that_vanishes_is_found_long_before_patience_with_a_silent_one_ends() {
    let (port, _) = device(Manner::Good).await;
    let pulled = CancellationToken::new();
    let port = cable(port, pulled.clone()).await;
    let began = Instant::now();
    let failure = talk(port, patient(), pulled).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::ConnectionLost, "{failure}");
    assert!(failure.message.contains("no sign of life"), "{failure}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_silent_device_that_lives_is_waited_for() {
    let (port, _) = device(Manner::StallCommand).await;
    let keepalive = Duration::from_millis(20);
    let deadlines = Deadlines { silence: Duration::from_secs(1), keepalive, ..Deadlines::default() };
    let failure = talk(port, deadlines, CancellationToken::new()).await.unwrap_err();
    assert_eq!((failure.class, failure.stage), (FailureClass::Timeout, Stage::Command), "{failure}");
}

#[tokio::test]
async fn the_operating_system_looks_too_and_both_find_a_dead_device_within_a_minute() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let interval = Deadlines::default().keepalive;
    tcp::keep_alive(&stream, interval).unwrap();
    let socket = socket2::SockRef::from(&stream);
    let (first, next) = (socket.tcp_keepalive_time().unwrap(), socket.tcp_keepalive_interval().unwrap());
    let questions = socket.tcp_keepalive_retries().unwrap();
    assert!(socket.keepalive().unwrap() && first + next * questions <= Duration::from_mins(1));
    assert!(socket.tcp_user_timeout().unwrap().unwrap() <= Duration::from_mins(1));
    assert!(interval * 4 <= Duration::from_mins(1), "of SSH, an interval after the third question");
}
