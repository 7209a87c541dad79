//! The bare loop: what asking costs with `russh` alone, for somebody who keeps nothing.

use std::{fs, path::Path, sync::Arc};

use futures_util::StreamExt;
use russh::{ChannelMsg, client, keys::PublicKeyOrCertificate};

use super::AT_ONCE;

struct AnyKey;

impl client::Handler for AnyKey {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

/// What NetRaven's `cisco_ios` platform asks, in its order.
const COMMANDS: [&str; 8] = [
    "",
    "terminal length 0",
    "terminal width 0",
    "show version",
    "show inventory",
    "show vtp status",
    "show running-config",
    "exit",
];

/// Asks every device of the inventory.
#[tokio::main]
pub async fn ask(inventory: &Path) {
    let text = fs::read_to_string(inventory).unwrap();
    let places = text.lines().skip(1).map(|line| {
        let mut fields = line.split(',').skip(1);
        let (address, port) = (fields.next().unwrap(), fields.next().unwrap());
        format!("{address}:{port}")
    });
    // The library's own choice of algorithms, which is NetRaven's with such a peer: a hybrid with ML-KEM.
    let config = Arc::new(client::Config { nodelay: true, ..client::Config::default() });
    let talks = places.map(|place| {
        let config = config.clone();
        async move { tokio::spawn(talk(config, place)).await }
    });
    let mut done = futures_util::stream::iter(talks).buffer_unordered(AT_ONCE);
    while let Some(bytes) = done.next().await {
        assert!(bytes.unwrap() > 1_000);
    }
}

async fn talk(config: Arc<client::Config>, place: String) -> usize {
    let mut session = client::connect(config, place.as_str(), AnyKey).await.unwrap();
    assert!(session.authenticate_password("netraven", "simulated").await.unwrap().success());
    let mut channel = session.channel_open_session().await.unwrap();
    channel.request_pty(false, "vt100", 511, 1000, 0, 0, &[]).await.unwrap();
    channel.request_shell(false).await.unwrap();
    let mut sum = 0;
    for command in COMMANDS {
        sum += until_prompt(&mut channel).await;
        channel.data(format!("{command}\n").as_bytes()).await.unwrap();
    }
    sum
}

async fn until_prompt(channel: &mut russh::Channel<client::Msg>) -> usize {
    let mut sum = 0;
    while let Some(message) = channel.wait().await {
        if let ChannelMsg::Data { data } = message {
            sum += data.len();
            if data.ends_with(b"#") || data.ends_with(b"# ") {
                break;
            }
        }
    }
    sum
}
