//! Which SSH algorithms are agreed on, with real OpenSSH and Dropbear: old ones only with devices that may use them, and
//! only where there is nothing better (S-61).

use netraven::{
    domain::{
        credential::NewCredential,
        device::{Algorithms, NewDevice, Reach},
        failure::{FailureClass as Class, Stage},
        id::DeviceId,
        job::{Job, Outcome},
    },
    service::devices,
};

use crate::support::{
    dropbear::Dropbear,
    fleet::{key, password, patient},
    house::House,
    openssh::{Sshd, SshdOptions},
    paramiko::{Manner, Paramiko},
    stock,
};

const SMALL: &str = "diffie-hellman-group1-sha1";
const SHA1_ONLY: &[&str] = &["Ciphers aes128-ctr", "MACs hmac-sha1"];

/// What a server has, by which host key, and which old algorithms are agreed on with it.
type Case = (&'static [&'static str], &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    (&["KexAlgorithms diffie-hellman-group1-sha1"], "ed25519", &[SMALL]),
    (&["KexAlgorithms diffie-hellman-group14-sha1"], "ed25519", &["diffie-hellman-group14-sha1"]),
    (
        &["KexAlgorithms diffie-hellman-group-exchange-sha1"],
        "ed25519",
        &["diffie-hellman-group-exchange-sha1"],
    ),
    (&["HostKeyAlgorithms ssh-rsa"], "rsa", &["ssh-rsa"]),
    (&["HostKeyAlgorithms ssh-dss"], "dsa", &["ssh-dss"]),
    (&["Ciphers aes128-cbc"], "ed25519", &["aes128-cbc"]),
    (&["Ciphers aes192-cbc"], "ed25519", &["aes192-cbc"]),
    (&["Ciphers aes256-cbc"], "ed25519", &["aes256-cbc"]),
    (&["Ciphers 3des-cbc"], "ed25519", &["3des-cbc"]),
    (SHA1_ONLY, "ed25519", &["hmac-sha1"]),
    (&["Ciphers aes128-ctr", "MACs hmac-sha1-etm@openssh.com"], "ed25519", &["hmac-sha1-etm@openssh.com"]),
    (
        &[
            "KexAlgorithms diffie-hellman-group1-sha1",
            "HostKeyAlgorithms ssh-dss",
            "Ciphers 3des-cbc",
            "MACs hmac-sha1",
        ],
        "dsa",
        &[SMALL, "ssh-dss", "3des-cbc", "hmac-sha1"],
    ),
];

fn options(lines: &[&str], key: &'static str) -> SshdOptions {
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    SshdOptions { host_keys: vec![key], lines, ..SshdOptions::default() }
}

/// One server as two devices: one that may use modern algorithms only, and one that may use old ones.
async fn both(house: &House, name: &str, port: u16, credential: impl Fn() -> NewCredential) -> [DeviceId; 2] {
    let add = async |algorithms: Algorithms, host: &str| {
        let new = NewDevice {
            address: host.parse().unwrap(),
            port: port.to_string().parse().unwrap(),
            platform: "linux".to_owned(),
            credential: Some(credential()),
            reach: Reach { algorithms, ..Reach::default() },
            ..stock::new_device(&format!("{name}-{algorithms}"), "127.0.0.1", "x")
        };
        devices::create(&house.core, &house.grant(), new).await.unwrap()
    };
    [add(Algorithms::Modern, "127.0.0.1").await, add(Algorithms::Legacy, "localhost").await]
}

async fn log(house: &House, job: &Job) -> String {
    house.log(job.id).await.iter().map(|entry| format!("{}\n", entry.text)).collect()
}

/// What was agreed on, as the log tells it.
async fn agreed(house: &House, job: &Job) -> String {
    let log = log(house, job).await;
    let line =
        log.lines().find(|line| line.starts_with("keys agreed in ")).unwrap_or_else(|| panic!("{log}"));
    line.split_once(": ").unwrap_or_else(|| panic!("{line}")).1.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_old_algorithm_is_refused_by_most_devices_and_taken_by_those_that_may() {
    let house = House::new().await;
    for (n, (lines, key, old)) in CASES.iter().enumerate() {
        let server = Sshd::start(options(lines, key)).await;
        let who = || password(server.account().name(), server.account().password());
        let ids = both(&house, &format!("case-{n}"), server.port(), who).await;
        let [modern, legacy] = house.back_up_with(&ids, patient()).await.try_into().unwrap();

        let message = modern.message.clone().unwrap_or_default();
        assert_eq!(
            (modern.class, modern.stage),
            (Some(Class::NoCommonAlgorithm), Some(Stage::KeyExchange)),
            "{lines:?}: {modern:#?}"
        );
        assert!(message.contains("has old algorithms only") && message.contains("also legacy"), "{message}");
        let told = log(&house, &modern).await;
        assert!(old.iter().all(|old| told.contains(old)), "{lines:?}: {told}");
        assert!(told.contains("the device offers: key exchange"), "{told}");
        assert!(told.contains("allowed for it are modern algorithms: key exchange"), "{told}");
        assert!(!server.log().contains("Failed "), "{}", server.log());

        assert_eq!(legacy.outcome, Some(Outcome::Stored), "{lines:?}: {legacy:#?}\n{}", server.log());
        let (names, told) = (agreed(&house, &legacy).await, log(&house, &legacy).await);
        println!("| {lines:?} | {key} | {names} |");
        let used: Vec<&str> = names.split(", ").filter(|name| old.contains(name)).collect();
        assert_eq!(used, *old, "{names}");
        assert!(told.contains(&format!("old algorithms are in use: {};", old.join(", "))), "{told}");
    }
    house.close().await;
}

/// A server that takes RSA keys by SHA-1 only, as old devices do: it lets in whoever may sign so, and whoever may not reads
/// what to do, whether the server says what it takes or not.
#[tokio::test(flavor = "multi_thread")]
async fn an_rsa_key_lets_in_by_sha1_only_where_that_is_allowed() {
    let house = House::new().await;
    for (n, (manner, class)) in
        [(Manner::Tells, Class::NoCommonAlgorithm), (Manner::Silent, Class::AuthFailed)]
            .into_iter()
            .enumerate()
    {
        let server = Paramiko::start(manner, &["ssh-rsa"]).await;
        let ids = both(&house, &format!("old-{n}"), server.port, || key("backup", &server.key(), None)).await;
        let [modern, legacy] = house.back_up_with(&ids, patient()).await.try_into().unwrap();
        assert_eq!((modern.class, modern.stage), (Some(class), Some(Stage::Auth)), "{modern:#?}");
        let message = modern.message.clone().unwrap_or_default();
        assert!(message.contains("by SHA-1") && message.contains("\"also legacy\""), "{message}");
        assert_eq!(legacy.outcome, Some(Outcome::Stored), "{legacy:#?}\n{}", server.log());
        assert!(log(&house, &legacy).await.contains("let in by key in"));
    }
    house.close().await;
}

/// Where a server takes better signatures, it gets those, and a refusal is not explained by something else.
#[tokio::test(flavor = "multi_thread")]
async fn an_rsa_key_signs_by_sha2_wherever_that_is_taken() {
    let house = House::new().await;
    let server = Paramiko::start(Manner::Tells, &["rsa-sha2-256", "ssh-rsa"]).await;
    let ids = both(&house, "told", server.port, || key("backup", &server.key(), None)).await;
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}\n{}", server.log());
    }
    let silent = Paramiko::start(Manner::Silent, &["rsa-sha2-512"]).await;
    let ids = both(&house, "silent", silent.port, || key("backup", &silent.key(), None)).await;
    let [modern, legacy] = house.back_up_with(&ids, patient()).await.try_into().unwrap();
    assert_eq!(modern.outcome, Some(Outcome::Stored), "{modern:#?}\n{}", silent.log());
    assert_eq!(legacy.class, Some(Class::AuthFailed), "{legacy:#?}");
    assert!(!legacy.message.unwrap_or_default().contains("by SHA-2"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_both_is_spoken_to_by_modern_ones_whatever_is_allowed() {
    let house = House::new().await;
    let all = [
        "KexAlgorithms diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,curve25519-sha256",
        "HostKeyAlgorithms ssh-rsa,rsa-sha2-512",
        "Ciphers 3des-cbc,aes128-cbc,aes128-ctr",
        "MACs hmac-md5,hmac-sha1,hmac-sha2-256",
    ];
    for (n, lines) in [all.as_slice(), &[]].into_iter().enumerate() {
        let server = Sshd::start(options(lines, "rsa")).await;
        let who = || password(server.account().name(), server.account().password());
        let ids = both(&house, &format!("both-{n}"), server.port(), who).await;
        let [modern, legacy] = house.back_up_with(&ids, patient()).await.try_into().unwrap();
        let names = agreed(&house, &modern).await;
        assert_eq!(agreed(&house, &legacy).await, names);
        if n == 0 {
            assert_eq!(names, "curve25519-sha256, rsa-sha2-512, aes128-ctr, hmac-sha2-256");
        }
        let told = log(&house, &legacy).await;
        assert!(told.contains("does not need the old ones") && !told.contains("in use"), "{told}");
        assert!(!log(&house, &modern).await.contains("old ones"));
        assert_eq!([modern.outcome, legacy.outcome], [Some(Outcome::Stored); 2]);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_for_us_is_told_and_names_no_way_that_leads_nowhere() {
    let house = House::new().await;
    let server = Sshd::start(options(&["Ciphers aes128-ctr", "MACs hmac-md5"], "ed25519")).await;
    let who = || password(server.account().name(), server.account().password());
    let ids = both(&house, "host", server.port(), who).await;
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.class, Some(Class::NoCommonAlgorithm), "{job:#?}");
        let message = job.message.unwrap_or_default();
        assert!(message.contains("It has no MAC algorithm that NetRaven knows"), "{message}");
        assert!(!message.contains("also legacy"), "{message}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dropbear_is_spoken_to_by_modern_ones_with_each_of_its_host_keys() {
    let house = House::new().await;
    for (kind, shown) in
        [("rsa", "rsa-sha2-256"), ("ecdsa", "ecdsa-sha2-nistp256"), ("ed25519", "ssh-ed25519")]
    {
        let server = Dropbear::start(kind).await;
        let who = || password(server.account.name(), server.account.password());
        let ids = both(&house, kind, server.port, who).await;
        for job in house.back_up_with(&ids, patient()).await {
            assert_eq!(job.outcome, Some(Outcome::Stored), "{kind}: {job:#?}\n{}", server.log());
            let names = agreed(&house, &job).await;
            println!("| dropbear | {kind} | {names} |");
            assert!(names.split(", ").any(|name| name == shown), "{names}");
            assert!(!names.contains("sha1") && !names.contains("cbc"), "{names}");
        }
    }
    house.close().await;
}
