//! What sound devices say.

use super::client::{Client, End, PATIENCE, up};
use crate::simulate::{
    Device, Platform,
    configuration::{Wanted, generate},
};

fn small(platform: Platform, name: &str) -> Device {
    let mut device = Device::new(platform, name);
    device.configuration = generate(&Wanted { platform, hostname: name, seed: 3, bytes: 6000 }).into();
    device
}

/// The lines that do not move from fetch to fetch.
fn still(text: &str) -> Vec<&str> {
    let moving = ["! Last", "! NVRAM", "ntp clock-period", "Current configuration"];
    text.lines().filter(|line| !moving.iter().any(|start| line.starts_with(start))).collect()
}

#[tokio::test]
async fn ios_asks_for_the_enable_secret_and_pages_until_told_not_to() {
    let running = up(small(Platform::CiscoIos, "rtr1").with_enable("geheim")).await;
    let client = Client::inside(&running).await;
    let mut terminal = client.shell().await;
    terminal.until("rtr1>").await;
    assert!(
        terminal
            .ask("show running-config", "rtr1>")
            .await
            .contains("% Invalid input detected at '^' marker.")
    );
    assert_eq!(terminal.ask("enable", "Password: ").await, "enable\r\nPassword: ");
    assert_eq!(terminal.ask("geheim", "rtr1#").await, "\r\nrtr1#");

    let first = terminal.ask("show running-config", " --More-- ").await;
    assert_eq!(first.matches("\r\n").count(), 24, "echo and 23 lines: {first:?}");
    let mut whole = first;
    while !whole.ends_with("rtr1#") {
        terminal.send(" ").await;
        let end = terminal.read(" --More-- ", std::time::Duration::from_millis(200)).await;
        whole.push_str(&std::mem::take(&mut terminal.screen));
        assert_ne!(end, End::Closed);
    }
    let paged = whole.replace(" --More-- \r          \r", "");

    assert_eq!(terminal.ask("terminal length 0", "rtr1#").await, "terminal length 0\r\nrtr1#");
    terminal.ask("terminal width 0", "rtr1#").await;
    let plain = terminal.ask("show running-config", "\r\nrtr1#").await;
    assert_eq!(still(&paged), still(&plain));
    assert_ne!(paged, plain, "the moving lines moved");
    let kept: Vec<&str> = plain.lines().skip(8).filter(|l| !l.starts_with("ntp clock-period")).collect();
    let expected: Vec<&str> = running.device().configuration.lines().chain(["rtr1#"]).collect();
    assert_eq!(kept, expected);

    assert!(terminal.ask("show version", "rtr1#").await.contains("Cisco IOS XE Software"));
    assert!(terminal.ask("show inventory", "rtr1#").await.contains("SN: FOC"));
    terminal.send("exit\n").await;
    assert_eq!(terminal.read("", PATIENCE).await, End::Closed);
    let seen = running.seen();
    assert_eq!((seen.connections, seen.passwords, seen.sessions, seen.most_at_once), (1, 1, 1, 1));
    assert_eq!(seen.commands, 9);
}

#[tokio::test]
async fn a_wrong_enable_secret_stays_outside() {
    let running = up(small(Platform::CiscoIos, "rtr1").with_enable("geheim")).await;
    let client = Client::inside(&running).await;
    let mut terminal = client.shell().await;
    terminal.until("rtr1>").await;
    terminal.ask("enable", "Password: ").await;
    terminal.ask("one", "Password: ").await;
    terminal.ask("two", "Password: ").await;
    assert!(terminal.ask("three", "rtr1>").await.contains("% Bad secrets"));
}

#[tokio::test]
async fn eos_wants_keyboard_interactive_and_knows_pipes() {
    let running = up(small(Platform::AristaEos, "leaf1")).await;
    let mut refused = Client::connect(&running).await.unwrap();
    assert!(!refused.password("simulated").await.unwrap().success());
    let client = Client::inside(&running).await;
    let mut terminal = client.shell().await;
    terminal.until("leaf1#").await;
    let with = terminal.ask("show running-config | no-more", "\r\nleaf1#").await;
    assert!(with.contains("\r\n! Time: ") && with.contains("\r\nend\r\n") && !with.contains("--More--"));
    let without = terminal.ask("show running-config | no-more | exclude ! Time:", "\r\nleaf1#").await;
    assert!(!without.contains("! Time: "));
    assert!(terminal.ask("show running-config", "--More-- ").await.contains("! Command"));
    terminal.ask("q", "leaf1#").await;
    assert!(terminal.ask("terminal width 511", "leaf1#").await.contains("511"));
    assert!(terminal.ask("bogus", "leaf1#").await.contains("% Invalid input"));
}

#[tokio::test]
async fn junos_answers_one_command_per_channel() {
    let running = up(small(Platform::JuniperJunos, "mx1")).await;
    let client = Client::inside(&running).await;
    let (text, status) = client.exec("show configuration | display omit").await;
    assert!(text.starts_with("## Last commit: ") && !text.contains('\r'));
    assert_eq!(text.split_once('\n').unwrap().1, &*running.config());
    assert_eq!(status, Some(0));
    assert!(client.exec("show version").await.0.contains("Junos: 22.4R3"));
    let (text, status) = client.exec("bogus").await;
    assert_eq!((text.as_str(), status), ("error: unknown command: bogus\n", Some(1)));
    let mut terminal = client.shell().await;
    terminal.until("netraven@mx1> ").await;
    terminal.ask("set cli screen-length 0", "netraven@mx1> ").await;
    assert!(terminal.ask("show configuration", "netraven@mx1> ").await.contains("host-name mx1;"));
}

#[tokio::test]
async fn routeros_hides_secrets_unless_asked() {
    let running = up(small(Platform::MikrotikRouteros, "rb")).await;
    let client = Client::inside(&running).await;
    let (text, status) = client.exec("/export show-sensitive").await;
    assert!(text.starts_with("# 2") && text.contains(" by RouterOS 7") && text.contains("password="));
    assert!(text.ends_with(&*running.config()));
    assert_eq!(status, Some(0));
    assert!(!client.exec("/export").await.0.contains("password="));
    for command in ["/system resource print", "/system routerboard print", "/system package update print"] {
        assert_eq!(client.exec(command).await.1, Some(0), "{command}");
    }
    assert!(client.exec("/system history print without-paging").await.0.contains("by") || cfg!(test));
    assert!(client.exec("/bogus").await.0.starts_with("bad command name bogus"));
    let mut terminal = client.shell().await;
    terminal.until("\r[netraven@rb] > ").await;
}

#[tokio::test]
async fn frr_and_linux_answer_exec_channels() {
    let frr = up(small(Platform::Frr, "frr1")).await;
    let client = Client::inside(&frr).await;
    let (text, status) = client.exec("sudo vtysh -c 'show running-config'").await;
    assert!(text.contains("frr version 8.5.2") && text.ends_with("\nend\n"));
    assert_eq!(status, Some(0));
    let linux = up(small(Platform::Linux, "fw1")).await;
    let client = Client::inside(&linux).await;
    assert_eq!(client.exec("tail -n +1 /etc/*").await, (linux.config().to_string(), Some(0)));
    linux.set_config("changed\n");
    assert_eq!(client.exec("cat /etc/hosts").await.0, "changed\n");
}

#[tokio::test]
async fn a_stopped_device_is_gone_at_once() {
    let running = up(small(Platform::CiscoIos, "rtr1")).await;
    let client = Client::inside(&running).await;
    let mut terminal = client.shell().await;
    terminal.until("rtr1#").await;
    let address = running.address();
    drop(running);
    assert_eq!(terminal.read("", PATIENCE).await, End::Closed);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

async fn ask(running: &crate::simulate::Running) -> String {
    let client = Client::inside(running).await;
    assert_eq!(client.fingerprint(), running.host_key_fingerprint());
    client.exec("show running-config").await.0
}

#[tokio::test]
async fn a_fleet_shares_the_process() {
    let mut all = Vec::new();
    for device in crate::simulate::fleet::bench(200, 20_000).unwrap() {
        all.push(up(device).await);
    }
    let texts = futures_util::future::join_all(all.iter().map(ask)).await;
    assert!(texts[7].contains("hostname bench-00008\n") && texts[7].len() > 20_000);
}

#[tokio::test]
async fn a_known_key_opens_and_an_unknown_one_does_not() {
    let random = |seed| {
        let pair = russh::keys::ssh_key::private::Ed25519Keypair::from_seed(&[seed; 32]);
        std::sync::Arc::new(russh::keys::PrivateKey::from(pair))
    };
    let mut device = small(Platform::CiscoIos, "rtr1");
    device.authorized_key = Some(random(1).public_key().clone());
    let running = up(device).await;
    for (seed, opens) in [(1, true), (2, false)] {
        let mut client = Client::connect(&running).await.unwrap();
        let key = russh::keys::PrivateKeyWithHashAlg::new(random(seed), None);
        let result = client.handle.authenticate_publickey("netraven", key).await.unwrap();
        assert_eq!(result.success(), opens);
    }
    let seen = running.seen();
    assert_eq!((seen.public_keys, seen.sessions, seen.connections), (2, 1, 2));
}

#[tokio::test]
async fn the_demonstration_can_be_started_and_listed() {
    let mut listed = Vec::new();
    let mut all = Vec::new();
    for device in crate::simulate::fleet::demo(20) {
        let running = up(device.clone()).await;
        listed.push((device, running.address()));
        all.push(running);
    }
    let csv = crate::simulate::inventory_csv(&listed);
    assert_eq!(csv.lines().count(), 21);
    assert!(
        csv.contains(&format!("core-ber-1,127.0.0.1,{},cisco_ios,ssh,netraven,", all[0].address().port()))
    );
    let sound = Client::inside(&all[0]).await;
    let mut terminal = sound.shell().await;
    terminal.until("core-ber-1>").await;
}
