//! The real way: a socket, and an SSH server that misbehaves on request.

mod cost;
mod device;
mod vanished;

use std::{
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use self::device::{EXPORT, Manner, device};
use super::{Deadlines, HostKeys, Log, Place, Target};
use crate::{
    domain::{
        device::{Algorithms, Transport},
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        host_key::{HostKey, HostKeyVerdict},
        secret::Secret,
    },
    engine::dialogue::collect,
    platform::{Capture, Platforms},
};

/// Pins at first contact, and keeps what it saw; `changed` refuses everything.
#[derive(Default)]
struct Pins {
    changed: bool,
    seen: Mutex<Vec<HostKey>>,
}

impl HostKeys for Pins {
    fn judge<'a>(&'a self, _: &'a Place, shown: HostKey) -> BoxFuture<'a, Result<HostKeyVerdict, String>> {
        self.seen.lock().unwrap().push(shown.clone());
        let verdict =
            if self.changed { HostKeyVerdict::Changed { pinned: shown } } else { HostKeyVerdict::Pinned };
        Box::pin(async move { Ok(verdict) })
    }

    fn pinned_algorithms(&self, _: &Place) -> Vec<String> {
        Vec::new()
    }
}

struct Silent;

impl Log for Silent {
    fn say(&self, _: Level, _: Stage, text: &str) {
        assert!(!text.contains("right"), "{text}");
    }
}

fn target(port: u16, password: &str) -> Target {
    let short = Duration::from_millis(400);
    Target {
        host: "127.0.0.1".to_owned(),
        port,
        further: Vec::new(),
        way: Vec::new(),
        transport: Transport::Ssh,
        algorithms: Algorithms::Modern,
        username: "nr".to_owned(),
        password: Some(Secret::new(password)),
        enable: None,
        private_key: None,
        passphrase: None,
        let_in: tokio_util::sync::CancellationToken::new(),
        deadlines: Deadlines {
            handshake: short,
            auth: short,
            shell: short,
            silence: short,
            ..Deadlines::default()
        },
    }
}

async fn taken(key: &str, port: u16, password: &str, pins: Arc<Pins>) -> Result<Capture, Failure> {
    let platform = Platforms::shipped().unwrap().get(key).unwrap();
    collect(&target(port, password), &platform, pins, &Silent).await
}

/// A worker spawns it.
#[tokio::test]
async fn a_conversation_may_move_between_threads() {
    fn movable<T: Send>(future: T) -> T {
        future
    }
    let (port, _) = device(Manner::Good).await;
    assert!(movable(taken("mikrotik_routeros", port, "right", Arc::default())).await.is_ok());
}

async fn failed(key: &str, manner: Manner) -> (FailureClass, Stage) {
    let (port, _) = device(manner).await;
    let failure = taken(key, port, "right", Arc::default()).await.unwrap_err();
    println!("{failure}");
    (failure.class, failure.stage)
}

#[tokio::test]
async fn shell_and_exec_bring_the_configuration_home() {
    let platforms = Platforms::shipped().unwrap();
    let (port, tries) = device(Manner::Good).await;
    let pins = Arc::new(Pins::default());
    let start = Instant::now();
    let capture = taken("cisco_ios", port, "right", pins.clone()).await.unwrap();
    println!("a shell session took {:?}", start.elapsed());
    assert_eq!(platforms.get("cisco_ios").unwrap().judge(&capture), Ok(()));
    assert_eq!(capture.raw.len(), 13 + 7 * 20_000 + 5);
    assert_eq!(tries.load(Ordering::SeqCst), 1);

    let capture = taken("mikrotik_routeros", port, "right", pins.clone()).await.unwrap();
    assert_eq!(platforms.get("mikrotik_routeros").unwrap().judge(&capture), Ok(()));
    assert_eq!(String::from_utf8(capture.raw).unwrap(), EXPORT.replace('\r', ""));
    assert_eq!((capture.exit_status, capture.info.len()), (Some(0), 2));

    let seen = pins.seen.lock().unwrap().first().unwrap().clone();
    assert!(seen.algorithm == "ssh-ed25519" && seen.fingerprint.starts_with("SHA256:"));
    assert!(seen.public_key.starts_with("ssh-ed25519 AAAA") && seen.public_key.split(' ').count() == 2);
}

#[tokio::test]
async fn questions_are_answered_and_a_bad_password_is_heard_once() {
    let (port, tries) = device(Manner::QuestionsOnly).await;
    taken("mikrotik_routeros", port, "right", Arc::default()).await.unwrap();
    assert_eq!(tries.load(Ordering::SeqCst), 1);

    for (manner, method) in [(Manner::Good, "password"), (Manner::QuestionsOnly, "keyboard-interactive")] {
        let (port, tries) = device(manner).await;
        let failure = taken("mikrotik_routeros", port, "wrong", Arc::default()).await.unwrap_err();
        assert_eq!((failure.class, failure.stage), (FailureClass::AuthFailed, Stage::Auth));
        assert!(failure.message.contains(&format!("refused by {method};")), "{failure}");
        assert_eq!(tries.load(Ordering::SeqCst), 1, "{failure}");
    }
}

#[tokio::test]
async fn a_changed_host_key_stops_before_anything_is_proven() {
    let (port, tries) = device(Manner::Good).await;
    let pins = Arc::new(Pins { changed: true, ..Pins::default() });
    let failure = taken("cisco_ios", port, "right", pins).await.unwrap_err();
    assert_eq!((failure.class, failure.stage), (FailureClass::HostKeyChanged, Stage::HostKey));
    assert_eq!(tries.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn every_stall_names_its_stage() {
    use FailureClass::{ConnectionLost, ErrorOutput, Timeout};
    assert_eq!(failed("cisco_ios", Manner::StallAuth).await, (Timeout, Stage::Auth));
    assert_eq!(failed("cisco_ios", Manner::StallShell).await, (Timeout, Stage::Shell));
    assert_eq!(failed("cisco_ios", Manner::StallCommand).await, (Timeout, Stage::Command));
    assert_eq!(failed("mikrotik_routeros", Manner::DropsInTheMiddle).await, (ConnectionLost, Stage::Command));
    assert_eq!(failed("mikrotik_routeros", Manner::RefusesExec).await, (ErrorOutput, Stage::Command));

    let (port, _) = device(Manner::NoStatus).await;
    let torn = taken("mikrotik_routeros", port, "right", Arc::default()).await.unwrap();
    let doubt = Platforms::shipped().unwrap().get("mikrotik_routeros").unwrap().judge(&torn).unwrap_err();
    assert_eq!(doubt.class, FailureClass::Truncated);
}

#[tokio::test]
async fn servers_that_are_no_ssh_servers_name_their_stage() {
    use FailureClass::{ConnectionLost, Refused, Timeout, Unresolvable};
    for (greeting, hold, expected) in [
        ("", true, (Timeout, Stage::Banner)),
        ("", false, (ConnectionLost, Stage::Banner)),
        ("SSH-2.0-x\r\n", true, (Timeout, Stage::KeyExchange)),
        ("SSH-2.0-x\r\n", false, (ConnectionLost, Stage::KeyExchange)),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = tokio::spawn(async move {
            let mut stream: TcpStream = listener.accept().await.unwrap().0;
            stream.write_all(greeting.as_bytes()).await.unwrap();
            // Whoever gave up must have closed the connection too, not only forgotten it.
            !hold || timeout(Duration::from_secs(3), stream.read_to_end(&mut Vec::new())).await.is_ok()
        });
        let failure = taken("cisco_ios", port, "right", Arc::default()).await.unwrap_err();
        assert_eq!((failure.class, failure.stage), expected, "{failure}");
        assert!(served.await.unwrap(), "the connection stayed open: {failure}");
    }
    let failure = taken("cisco_ios", 1, "right", Arc::default()).await.unwrap_err();
    assert_eq!((failure.class, failure.stage), (Refused, Stage::Connect), "{failure}");
    let nowhere = Target { host: "no-such-host.invalid".to_owned(), ..target(22, "x") };
    let platform = Platforms::shipped().unwrap().get("frr").unwrap();
    let failure = collect(&nowhere, &platform, Arc::new(Pins::default()), &Silent).await.unwrap_err();
    assert_eq!((failure.class, failure.stage), (Unresolvable, Stage::Resolve), "{failure}");
}
