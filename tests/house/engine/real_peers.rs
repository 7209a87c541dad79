//! Real OpenSSH and real FRR on the other side.

use netraven::{
    domain::{
        credential::NewCredential,
        failure::{FailureClass as Class, Stage},
        id::DeviceId,
        job::{Job, Outcome},
        secret::Secret,
    },
    service::backups,
};

use crate::support::{
    fleet::{key, password, patient},
    frr::Frr,
    house::House,
    openssh::{Sshd, SshdOptions},
    process::run,
};

async fn add(
    house: &House,
    name: &str,
    server: &Sshd,
    platform: &str,
    credential: NewCredential,
) -> DeviceId {
    house.add(name, ("127.0.0.1", server.port()), platform, Some(credential)).await
}

async fn back_up(house: &House, id: DeviceId) -> Job {
    house.back_up_with(&[id], patient()).await.remove(0)
}

fn by_password(server: &Sshd) -> NewCredential {
    password(server.account().name(), server.account().password())
}

#[tokio::test(flavor = "multi_thread")]
async fn openssh_lets_linux_be_backed_up_by_each_way_in() {
    let house = House::new().await;
    let only = |method: &str| SshdOptions {
        password: method == "password",
        keyboard_interactive: method == "keyboard-interactive",
        public_key: method == "key",
        ..SshdOptions::default()
    };
    let folder = tempfile::tempdir().unwrap();
    for (n, method) in ["password", "keyboard-interactive", "key", "key"].into_iter().enumerate() {
        let server = Sshd::start(only(method)).await;
        let credential = match (method, n) {
            ("key", 2) => key(server.account().name(), &server.client_key(), None),
            ("key", _) => {
                // The same key under a passphrase.
                let locked = folder.path().join("locked");
                std::fs::copy(server.client_key(), &locked).unwrap();
                run(std::process::Command::new("/usr/bin/ssh-keygen")
                    .args(["-q", "-p", "-P", "", "-N", "open sesame", "-f"])
                    .arg(&locked));
                key(server.account().name(), &locked, Some("open sesame"))
            }
            _ => by_password(&server),
        };
        let id = add(&house, &format!("host-{n}"), &server, "linux", credential).await;
        let job = back_up(&house, id).await;
        assert_eq!(job.outcome, Some(Outcome::Stored), "{method}: {job:#?}\n{}", server.log());
        let log: Vec<String> = house.log(job.id).await.into_iter().map(|line| line.text).collect();
        assert!(log.iter().any(|line| line.starts_with(&format!("let in by {method} "))), "{log:#?}");
        let text = String::from_utf8(house.raw(&house.versions(id).await[0]).await).unwrap();
        let hosts = std::fs::read_to_string("/etc/hosts").unwrap();
        assert!(text.contains(&format!("### /etc/hosts\n{hosts}")) && text.ends_with("### end\n"), "{text}");
        assert_eq!(back_up(&house, id).await.outcome, Some(Outcome::Unchanged), "{method}");
    }
    house.close().await;
}

// whatever ways the server offers, it hears a wrong password once.
#[tokio::test(flavor = "multi_thread")]
async fn openssh_refuses_a_wrong_password_and_hears_it_once() {
    let house = House::new().await;
    for (n, (direct, questions)) in [(true, true), (true, false), (false, true)].into_iter().enumerate() {
        let options =
            SshdOptions { password: direct, keyboard_interactive: questions, ..SshdOptions::default() };
        let server = Sshd::start(options).await;
        let wrong = password(server.account().name(), "not the password");
        let id = add(&house, &format!("host-{n}"), &server, "linux", wrong).await;
        let job = back_up(&house, id).await;
        assert_eq!((job.class, job.stage), (Some(Class::AuthFailed), Some(Stage::Auth)), "{job:#?}");
        let log = server.log();
        let tries = |method: &str| log.matches(&format!("Failed {method} for")).count();
        let heard = (tries("password"), tries("keyboard-interactive/pam"));
        let expected = if direct { (1, 0) } else { (0, 1) };
        assert_eq!(heard, expected, "{n}\n{log}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openssh_with_another_host_key_hears_no_password() {
    let mut server = Sshd::start(SshdOptions::default()).await;
    let house = House::new().await;
    let id = add(&house, "host", &server, "linux", by_password(&server)).await;
    assert_eq!(back_up(&house, id).await.outcome, Some(Outcome::Stored));
    for kinds in [&["ed25519"], &["ecdsa"]] {
        server.change_host_keys(kinds).await;
        let job = back_up(&house, id).await;
        let ended = (job.class, job.stage);
        assert_eq!(ended, (Some(Class::HostKeyChanged), Some(Stage::HostKey)), "{kinds:?}: {job:#?}");
        // The server writes a line for each try; its log begins anew with each start.
        let log = server.log();
        assert!(!log.contains("Failed ") && !log.contains("Accepted "), "{kinds:?}: {log}");
        assert!(log.contains("127.0.0.1"), "{kinds:?}: nobody came\n{log}");
    }
    assert_eq!(house.versions(id).await.len(), 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frr_is_kept_as_vtysh_shows_it_and_a_change_is_exactly_the_difference() {
    let frr = Frr::start().await;
    let server = frr.sshd().await;
    let house = House::new().await;
    let id = add(&house, "frr", &server, "frr", by_password(&server)).await;
    let job = back_up(&house, id).await;
    assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}\n{}", server.log());
    let shown = frr.run("show running-config");
    let first = house.versions(id).await.remove(0);
    assert_eq!(String::from_utf8(house.raw(&first).await).unwrap(), shown);
    let rules = house.core.platforms.get("frr").unwrap();
    let kept = backups::normalised(&house.core, &house.grant(), &first).await.unwrap();
    assert_eq!(kept, rules.normalised(shown.as_bytes()));
    let masked = house.masked(&first).await;
    for secret in ["zebra-line-secret", "bgp-session-secret"] {
        assert!(shown.contains(secret) && !masked.contains(secret), "{masked}");
    }
    assert_eq!(back_up(&house, id).await.outcome, Some(Outcome::Unchanged));

    frr.configure(&[
        "router bgp 64512",
        "neighbor 198.51.100.3 remote-as 64514",
        "neighbor 198.51.100.3 shutdown",
        "no neighbor 198.51.100.2 description",
    ]);
    assert_eq!(back_up(&house, id).await.outcome, Some(Outcome::Stored));
    let versions = house.versions(id).await;
    assert_eq!(versions.len(), 2);
    assert_eq!(String::from_utf8(house.raw(&versions[0]).await).unwrap(), frr.run("show running-config"));
    let patch = backups::patch(&house.core, &house.grant(), (&versions[1], &versions[0])).await.unwrap();
    let changed: Vec<&str> = patch.lines().skip(2).filter(|line| line.starts_with(['+', '-'])).collect();
    let wanted = [
        "- neighbor 198.51.100.2 description customer with a password",
        "+ neighbor 198.51.100.3 remote-as 64514",
        "+ neighbor 198.51.100.3 shutdown",
    ];
    assert_eq!(changed, wanted, "{patch}");
    assert_eq!((versions[0].added, versions[0].removed), (2, 1));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frr_refuses_a_wrong_credential() {
    let frr = Frr::start().await;
    let server = frr.sshd().await;
    let house = House::new().await;
    let wrong = NewCredential { password: Some(Secret::new("nope-nope")), ..by_password(&server) };
    let id = add(&house, "frr", &server, "frr", wrong).await;
    let job = back_up(&house, id).await;
    assert_eq!((job.class, job.stage), (Some(Class::AuthFailed), Some(Stage::Auth)), "{job:#?}");
    house.close().await;
}
