//! Faults of text, speed and mood.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{
    client::{Client, End, PATIENCE, SILENCE, up},
    faults::{broken, fetched, ios, ready},
};
use crate::simulate::{Fault, Faults, Platform};

#[tokio::test]
async fn too_much_and_too_slow() {
    let big = fetched("big=1000000").await;
    assert!(big.len() > 1_000_000 && big.ends_with("\r\nend\r\ndut#"));
    let (_running, _client, mut terminal) = ready("endless").await;
    terminal.send("show running-config\n").await;
    let mut printed = 0;
    while printed < 5_000_000 {
        let message = timeout(PATIENCE, terminal.channel.wait()).await.unwrap();
        if let Some(russh::ChannelMsg::Data { data }) = message {
            printed += data.len();
        }
    }
    let (_running, _client, mut terminal) = ready("drip=2000").await;
    terminal.send("show running-config\n").await;
    assert_eq!(terminal.read("", SILENCE).await, End::Silent);
    let (_running, _client, mut terminal) = ready("slow=400").await;
    let started = Instant::now();
    terminal.ask("show clock", "dut#").await;
    assert!(started.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn strange_texts() {
    assert!(fetched("garbage").await.contains("\x1b[2J"));
    let coloured = fetched("escapes").await;
    assert!(coloured.contains("\x1b[1;32mhostname dut\x1b[0m"), "{coloured}");
    assert_eq!(
        fetched("error-text=% Authorization failed").await,
        "show running-config\r\n% Authorization failed\r\ndut#"
    );
    assert!(fetched("error-text").await.contains("% Invalid input"));
    let twice = fetched("prompt-in-config").await;
    assert!(twice.contains("\r\ndut#\r\n description uplink to dut#\r\n"), "{twice}");
    let (_running, _client, mut terminal) = ios("double-prompt").await;
    assert_eq!(terminal.until("dut#\r\ndut#").await, "\r\ndut#\r\ndut#");
    let running = up(broken(Platform::CiscoIos, "banner-password")).await;
    let client = Client::inside(&running).await;
    assert!(client.banner().contains("Password:"));
    assert!(client.shell().await.until("\ndut#").await.contains("\r\nPassword:\r\n"));
}

#[tokio::test]
async fn pagers() {
    let (_running, _client, mut terminal) = ready("pager-stays").await;
    terminal.ask("show running-config", " --More-- ").await;
    terminal.ask("q", "dut#").await;
    let (_running, _client, mut terminal) = ready("pager-stuck").await;
    let first = terminal.ask("show running-config", " --More-- ").await;
    for _ in 0..3 {
        terminal.send(" ").await;
        let next = terminal.until(" --More-- ").await;
        assert!(next.len() < 20 && first.len() > 100, "{next:?}");
    }
}

#[tokio::test]
async fn changes_of_mind() {
    let mut device = broken(Platform::CiscoIos, "mutate=1");
    device.faults = Faults::from(Fault::Mutate(Duration::from_millis(250)));
    let running = up(device).await;
    let client = Client::inside(&running).await;
    let routes = |text: String| text.matches("Null0").count();
    assert_eq!(routes(client.exec("show running-config").await.0), 0);
    tokio::time::sleep(Duration::from_millis(260)).await;
    let (text, _) = client.exec("show running-config").await;
    assert!(
        text.contains("ip route 198.51.100.2 255.255.255.255 Null0\n") || text.contains("198.51.100.3"),
        "{text}"
    );

    let running = up(broken(Platform::CiscoIos, "flap")).await;
    let mut dropped = 0;
    for _ in 0..12 {
        let Ok(mut client) = Client::connect(&running).await else {
            dropped += 1;
            continue;
        };
        if client.password("simulated").await.is_err() {
            dropped += 1;
            continue;
        }
        let closed = async {
            while !client.handle.is_closed() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        dropped += u32::from(timeout(Duration::from_millis(350), closed).await.is_ok());
    }
    assert!((1..12).contains(&dropped), "{dropped}");
}
