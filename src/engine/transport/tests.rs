//! The real way: a socket, and an SSH server that misbehaves on request.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use russh::{
    Channel, ChannelId, MethodKind, MethodSet,
    keys::{PrivateKey, ssh_key::private::Ed25519Keypair},
    server::{self, Auth, Msg, Response, Session},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    time::sleep,
};

use super::{Deadlines, HostKeys, Log, Target};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        host_key::{HostKey, HostKeyVerdict},
        secret::Secret,
    },
    engine::dialogue::collect,
    platform::{Capture, Platforms},
};

/// What the server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Good,
    QuestionsOnly,
    StallAuth,
    StallShell,
    StallCommand,
    NoStatus,
    DropsInTheMiddle,
    RefusesExec,
}

#[derive(Clone)]
struct Device {
    manner: Manner,
    tries: Arc<AtomicUsize>,
}

impl Device {
    fn judged(&self, password: &str) -> Auth {
        self.tries.fetch_add(1, Ordering::SeqCst);
        if password == "right" { Auth::Accept } else { Auth::reject() }
    }
}

const EXPORT: &str = "# 2024-10-25 06:08:35 by RouterOS 7.10.1\r\n#\r\n/ip address\r\nadd address=10.0.0.1/24\r\n";

impl server::Handler for Device {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, Self::Error> {
        if self.manner == Manner::StallAuth {
            sleep(Duration::from_secs(5)).await;
        }
        Ok(self.judged(password))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut response) = response else {
            let prompts = vec![("Password: ".into(), false)].into();
            return Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts });
        };
        let answer = response.next().unwrap_or_default();
        Ok(self.judged(&String::from_utf8_lossy(&answer)))
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: server::ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        if self.manner == Manner::StallShell {
            return Ok(());
        }
        session.channel_success(channel)?;
        session.data(channel, "\r\nr1#")
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        let typed = String::from_utf8_lossy(data).trim_end().to_owned();
        let answer = match typed.as_str() {
            "show running-config" if self.manner == Manner::StallCommand => "version 17.9\r\nhos".to_owned(),
            "show running-config" => format!("version 17.9\r\n{}end\r\n\r\nr1#", "! line\r\n".repeat(20_000)),
            "exit" => return session.close(channel),
            _ => "r1#".to_owned(),
        };
        session.data(channel, format!("{typed}\r\n{answer}"))
    }

    async fn exec_request(&mut self, channel: ChannelId, command: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        if self.manner == Manner::RefusesExec {
            return session.channel_failure(channel);
        }
        session.channel_success(channel)?;
        if !command.starts_with(b"/export") {
            session.data(channel, "     version: 7.10.1 (stable)\r\n")?;
        } else if self.manner == Manner::DropsInTheMiddle {
            return Err(russh::Error::Disconnect);
        } else {
            session.data(channel, EXPORT)?;
        }
        if self.manner != Manner::NoStatus {
            session.exit_status_request(channel, 0)?;
        }
        session.eof(channel)?;
        session.close(channel)
    }
}

/// Listens and serves every connection in this manner.
async fn device(manner: Manner) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let device = Device { manner, tries: Arc::default() };
    let tries = device.tries.clone();
    let methods = match manner {
        Manner::QuestionsOnly => MethodSet::from(&[MethodKind::KeyboardInteractive][..]),
        _ => MethodSet::from(&[MethodKind::Password, MethodKind::KeyboardInteractive][..]),
    };
    let config = Arc::new(server::Config {
        keys: vec![PrivateKey::from(Ed25519Keypair::from_seed(&[3; 32]))],
        methods,
        auth_rejection_time: Duration::from_millis(1),
        ..server::Config::default()
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(session) = server::run_stream(config.clone(), stream, device.clone()).await {
                tokio::spawn(session);
            }
        }
    });
    (port, tries)
}

/// Pins at first contact, and keeps what it saw; `changed` refuses everything.
#[derive(Default)]
struct Pins {
    changed: bool,
    seen: Mutex<Vec<HostKey>>,
}

impl HostKeys for Pins {
    fn judge(&self, shown: HostKey) -> BoxFuture<'_, Result<HostKeyVerdict, String>> {
        self.seen.lock().unwrap().push(shown.clone());
        let verdict =
            if self.changed { HostKeyVerdict::Changed { pinned: shown } } else { HostKeyVerdict::Pinned };
        Box::pin(async move { Ok(verdict) })
    }

    fn pinned_algorithms(&self) -> Vec<String> {
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
        username: "nr".to_owned(),
        password: Some(Secret::new(password)),
        enable: None,
        private_key: None,
        passphrase: None,
        deadlines: Deadlines { handshake: short, auth: short, shell: short, silence: short, ..Deadlines::default() },
    }
}

async fn taken(key: &str, port: u16, password: &str, pins: Arc<Pins>) -> Result<Capture, Failure> {
    let platform = Platforms::shipped().unwrap().get(key).unwrap();
    collect(&target(port, password), &platform, pins, &Silent).await
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
async fn questions_are_answered_and_bad_passwords_tried_once_per_method() {
    let (port, tries) = device(Manner::QuestionsOnly).await;
    taken("mikrotik_routeros", port, "right", Arc::default()).await.unwrap();
    assert_eq!(tries.load(Ordering::SeqCst), 1);

    let (port, tries) = device(Manner::Good).await;
    let failure = taken("mikrotik_routeros", port, "wrong", Arc::default()).await.unwrap_err();
    assert_eq!((failure.class, failure.stage), (FailureClass::AuthFailed, Stage::Auth));
    assert_eq!(tries.load(Ordering::SeqCst), 2, "{failure}");
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
            if hold {
                sleep(Duration::from_secs(2)).await;
            }
        });
        let failure = taken("cisco_ios", port, "right", Arc::default()).await.unwrap_err();
        assert_eq!((failure.class, failure.stage), expected, "{failure}");
        served.abort();
    }
    let failure = taken("cisco_ios", 1, "right", Arc::default()).await.unwrap_err();
    assert_eq!((failure.class, failure.stage), (Refused, Stage::Connect), "{failure}");
    let nowhere = Target { host: "no-such-host.invalid".to_owned(), ..target(22, "x") };
    let platform = Platforms::shipped().unwrap().get("frr").unwrap();
    let failure = collect(&nowhere, &platform, Arc::new(Pins::default()), &Silent).await.unwrap_err();
    assert_eq!((failure.class, failure.stage), (Unresolvable, Stage::Resolve), "{failure}");
}
