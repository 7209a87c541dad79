//! What a session costs, beside a bare loop over the same library. Both include the server's half.
//! Run with `cargo test --release --lib cost -- --ignored --nocapture`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use russh::{ChannelMsg, client, keys::PublicKeyOrCertificate};

use super::{
    Pins, Silent,
    device::{Manner, device},
    target,
};
use crate::{
    engine::{dialogue::collect, transport::algorithms},
    platform::Platforms,
};

struct Bare;

impl client::Handler for Bare {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

/// Password, terminal, shell, one command, read to the prompt.
async fn bare_loop(port: u16) -> usize {
    let config = Arc::new(client::Config {
        nodelay: true,
        ..algorithms::config(crate::domain::device::Algorithms::Modern, &[], Duration::from_secs(12))
    });
    let mut session = client::connect(config, ("127.0.0.1", port), Bare).await.unwrap();
    assert!(session.authenticate_password("nr", "right").await.unwrap().success());
    let mut channel = session.channel_open_session().await.unwrap();
    channel.request_pty(false, "vt100", 511, 1000, 0, 0, &[]).await.unwrap();
    channel.request_shell(false).await.unwrap();
    channel.data_bytes(b"show running-config\n".to_vec()).await.unwrap();
    let mut text = Vec::new();
    while let Some(message) = channel.wait().await {
        if let ChannelMsg::Data { data } = message {
            text.extend_from_slice(&data);
            if text.ends_with(b"end\r\n\r\nr1#") {
                break;
            }
        }
    }
    text.len()
}

#[tokio::test]
#[ignore = "a measurement"]
async fn cost_of_a_session() {
    const SESSIONS: u32 = 100;
    let (port, _) = device(Manner::Good).await;
    let platform = Platforms::shipped().unwrap().get("cisco_ios").unwrap();
    for _ in 0..3 {
        let start = Instant::now();
        for _ in 0..SESSIONS {
            assert!(bare_loop(port).await > 140_000);
        }
        let bare = start.elapsed() / SESSIONS;
        let start = Instant::now();
        for _ in 0..SESSIONS {
            let pins = Arc::new(Pins::default());
            let capture = collect(&target(port, "right"), &platform, pins, &Silent).await.unwrap();
            assert!(platform.judge(&capture).is_ok());
        }
        println!("a bare loop {bare:?}, a capture {:?} per session of 160 kB", start.elapsed() / SESSIONS);
    }
}
