//! Each fault does what its name says.

use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use super::client::{Client, End, PATIENCE, SILENCE, Terminal, up};
use crate::simulate::{
    Device, Fault, Platform, Running,
    configuration::{Wanted, generate},
};

pub(super) fn broken(platform: Platform, fault: &str) -> Device {
    let mut device = Device::new(platform, "dut");
    device.configuration = generate(&Wanted { platform, hostname: "dut", seed: 3, bytes: 8000 }).into();
    device.with_faults(fault.parse::<Fault>().unwrap())
}

pub(super) async fn ios(fault: &str) -> (Running, Client, Terminal) {
    let running = up(broken(Platform::CiscoIos, fault)).await;
    let client = Client::inside(&running).await;
    let terminal = client.shell().await;
    (running, client, terminal)
}

/// A terminal at the prompt with the pager off.
pub(super) async fn ready(fault: &str) -> (Running, Client, Terminal) {
    let (running, client, mut terminal) = ios(fault).await;
    terminal.until("\ndut#").await;
    terminal.ask("terminal length 0", "\ndut#").await;
    (running, client, terminal)
}

pub(super) async fn fetched(fault: &str) -> String {
    let (_running, _client, mut terminal) = ready(fault).await;
    terminal.send("show running-config\n").await;
    let mark = if fault == "escapes" { "\x1b[?25hdut#" } else { "\r\ndut#" };
    let end = terminal.read(mark, PATIENCE).await;
    assert_ne!(end, End::Silent, "{fault}");
    format!("{}{}", terminal.screen, if end == End::Closed { "<closed>" } else { "" })
}

#[tokio::test]
async fn stalls_before_authentication() {
    for (fault, expected) in [("stall=banner", ""), ("stall=key_exchange", "SSH-2.0-Cisco-1.25\r\n")] {
        let running = up(broken(Platform::CiscoIos, fault)).await;
        let mut stream = TcpStream::connect(running.address()).await.unwrap();
        let mut text = Vec::new();
        assert!(timeout(SILENCE, stream.read_to_end(&mut text)).await.is_err(), "{fault}");
        assert_eq!(String::from_utf8(text).unwrap(), expected);
        assert_eq!(running.seen().connections, 1);
    }
    let running = up(broken(Platform::CiscoIos, "stall=connect")).await;
    assert!(timeout(SILENCE, TcpStream::connect(running.address())).await.is_err());
    running.clear_faults();
    tokio::time::sleep(SILENCE).await;
    Client::inside(&running).await.leave().await;
    let running = up(broken(Platform::CiscoIos, "stall=auth")).await;
    let mut client = Client::connect(&running).await.unwrap();
    assert!(timeout(SILENCE, client.password("simulated")).await.is_err());
    assert_eq!(running.seen().passwords, 1);
}

#[tokio::test]
async fn stalls_after_authentication() {
    let (_running, _client, mut terminal) = ios("stall=shell").await;
    assert_eq!(terminal.read("", SILENCE).await, End::Silent);
    assert_eq!(terminal.screen, "");
    let (_running, _client, mut terminal) = ios("stall=prompt").await;
    assert_eq!(terminal.read("", SILENCE).await, End::Silent);
    assert_eq!(terminal.screen, "\r\n");
    for (stage, command) in [("paging", "terminal length 0"), ("enable", "enable"), ("logout", "exit")] {
        let (_running, _client, mut terminal) = ios(&format!("stall={stage}")).await;
        terminal.until("dut#").await;
        terminal.send(&format!("{command}\n")).await;
        assert_eq!(terminal.read("", SILENCE).await, End::Silent, "{stage}");
        assert_eq!(terminal.screen, format!("{command}\r\n"));
    }
    let (running, _client, mut terminal) = ready("stall=command").await;
    terminal.send("show running-config\n").await;
    assert_eq!(terminal.read("\r\ndut#", SILENCE).await, End::Silent);
    let half = running.config().len() / 2;
    assert!((half..half + 700).contains(&terminal.screen.len()), "{}", terminal.screen.len());
}

#[tokio::test]
async fn cuts_and_truncations() {
    let cut = fetched("cut=3000").await;
    assert!(cut.ends_with("<closed>"));
    assert_eq!(cut.len() - "show running-config\r\n<closed>".len(), 3000);
    let clean = fetched("cut-clean=3000").await;
    assert!(clean.ends_with("\r\ndut#") && (3000..3250).contains(&clean.len()), "{}", clean.len());
    assert!(!clean.contains("\r\nend\r\n"));
    let shrunk = fetched("shrink").await;
    assert!(shrunk.ends_with("\r\nend\r\ndut#") && shrunk.len() < 3000, "{}", shrunk.len());
    assert_eq!(fetched("empty").await, "show running-config\r\ndut#");

    let junos = up(broken(Platform::JuniperJunos, "cut-clean=2000")).await;
    let (text, status) = Client::inside(&junos).await.exec("show configuration").await;
    assert_eq!((text.len() <= 2001, status), (true, Some(0)));
    junos.set_faults("cut=2000".parse::<Fault>().unwrap());
    let (text, status) = Client::inside(&junos).await.exec("show configuration").await;
    assert_eq!((text.len(), status), (2000, None));
    junos.set_faults(Fault::Shrink);
    let (text, status) = Client::inside(&junos).await.exec("show configuration").await;
    assert_eq!(status, Some(0));
    assert_eq!(text.matches('{').count(), text.matches('}').count());
    junos.set_faults(Fault::NoExitStatus);
    assert_eq!(Client::inside(&junos).await.exec("show configuration").await.1, None);
}

#[tokio::test]
async fn refusals() {
    let running = up(broken(Platform::CiscoIos, "refuse")).await;
    let refused = TcpStream::connect(running.address()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    running.clear_faults();
    tokio::time::sleep(SILENCE).await;
    Client::inside(&running).await.leave().await;
    running.set_faults(Fault::Refuse);
    tokio::time::sleep(SILENCE).await;
    assert!(TcpStream::connect(running.address()).await.is_err());

    let running = up(broken(Platform::CiscoIos, "wrong-password")).await;
    let mut client = Client::connect(&running).await.unwrap();
    assert!(!client.password("simulated").await.unwrap().success());
    let said = client.keyboard("simulated").await;
    assert!(matches!(said, russh::client::KeyboardInteractiveAuthResponse::Failure { .. }));
    let seen = running.seen();
    assert_eq!((seen.passwords, seen.keyboard_interactive, seen.auth_attempts, seen.sessions), (1, 1, 2, 0));

    let running = up(broken(Platform::CiscoIos, "wrong-enable").with_enable("geheim")).await;
    let client = Client::inside(&running).await;
    let mut terminal = client.shell().await;
    terminal.until("dut>").await;
    terminal.ask("enable", "Password: ").await;
    terminal.ask("geheim", "Password: ").await;
}

#[tokio::test]
async fn host_keys_change_after_the_first_session() {
    for (fault, kind) in [("changed-key", "ssh-ed25519"), ("changed-key-type", "ecdsa-sha2-nistp256")] {
        let running = up(broken(Platform::CiscoIos, fault)).await;
        let before = Client::connect(&running).await.unwrap().fingerprint();
        assert_eq!(before, Client::inside(&running).await.fingerprint());
        let changed = Client::connect(&running).await.unwrap();
        assert_ne!(before, changed.fingerprint());
        assert_eq!(changed.fingerprint(), running.host_key_fingerprint());
        assert_eq!(changed.key_type(), kind);
        assert_eq!(changed.fingerprint(), Client::connect(&running).await.unwrap().fingerprint());
    }
    let running = up(Device::new(Platform::CiscoIos, "dut")).await;
    let other = crate::simulate::Identity::ed25519().unwrap();
    running.replace_host_key(other.clone());
    assert_eq!(Client::connect(&running).await.unwrap().fingerprint(), other.fingerprint());
}
