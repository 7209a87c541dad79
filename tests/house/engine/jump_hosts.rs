//! Devices behind jump hosts: real OpenSSH servers on the way, one or two of them, and what they refuse.

use netraven::{
    domain::{
        credential::{NewCredential, SharedEdit},
        device::{NewDevice, Port, Reach, Transport},
        failure::{FailureClass as Class, Stage},
        host_key::HostKeyVerdict,
        id::{CredentialId, DeviceId, JumpHostId},
        job::{Job, JobState, Outcome},
        jump_host::NewJumpHost,
    },
    engine::Engine,
    service::{credentials, devices, jobs, jump_hosts},
    simulate::{self, Device, Identity, Platform, Running},
};

use crate::support::{
    fleet::{anywhere, key, password, patient},
    house::{House, quick},
    openssh::{Sshd, SshdOptions},
    process::free_port,
    sql, stock,
};

async fn shared(house: &House, name: &str, secrets: NewCredential) -> CredentialId {
    let edit = SharedEdit {
        name: name.parse().unwrap(),
        description: String::new(),
        most_sessions: None,
        secrets,
        keeps_old: false,
    };
    credentials::create(&house.core, &stock::grant(), &edit).await.unwrap()
}

fn new(name: &str, port: u16, credential: CredentialId, via: Option<JumpHostId>) -> NewJumpHost {
    NewJumpHost {
        name: name.parse().unwrap(),
        address: "127.0.0.1".parse().unwrap(),
        port: port.to_string().parse().unwrap(),
        credential,
        via,
    }
}

async fn jump(house: &House, name: &str, server: &Sshd, via: Option<JumpHostId>) -> JumpHostId {
    let secrets = password(server.account().name(), server.account().password());
    let credential = shared(house, &format!("{name} account"), secrets).await;
    let new = new(name, server.port(), credential, via);
    jump_hosts::create(&house.core, &stock::grant(), &new).await.unwrap()
}

async fn running(device: Device) -> Running {
    simulate::start(device, anywhere()).await.unwrap()
}

async fn add(house: &House, device: &Running, way: (Transport, JumpHostId)) -> DeviceId {
    let (name, port) = (device.device().hostname.clone(), device.address().port());
    let own = device.device();
    let new = NewDevice {
        port: port.to_string().parse::<Port>().unwrap(),
        transport: way.0,
        platform: own.platform_name().to_owned(),
        credential: Some(password(&own.username, own.password.expose())),
        reach: Reach { jump_host: Some(way.1), ..Reach::default() },
        ..stock::new_device(&name, "127.0.0.1", "x")
    };
    devices::create(&house.core, &house.grant(), new).await.unwrap()
}

fn ios(name: &str) -> Device {
    Device::new(Platform::CiscoIos, name)
}

async fn log(house: &House, job: &Job) -> String {
    house.log(job.id).await.iter().map(|entry| format!("{}\n", entry.text)).collect()
}

async fn back_up(house: &House, id: DeviceId) -> Job {
    house.back_up_with(&[id], patient()).await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_backed_up_over_one_jump_host_and_over_two_by_password_and_by_key() {
    let house = House::new().await;
    let (first, second) =
        (Sshd::start(SshdOptions::default()).await, Sshd::start(SshdOptions::default()).await);
    let outer = jump(&house, "outer", &first, None).await;
    let by_key = key(second.account().name(), &second.client_key(), None);
    let credential = shared(&house, "inner account", by_key).await;
    let inner = new("inner", second.port(), credential, Some(outer));
    let inner = jump_hosts::create(&house.core, &stock::grant(), &inner).await.unwrap();
    for (name, last, hops) in [("edge-1", outer, 1), ("edge-2", inner, 2)] {
        let device = running(ios(name)).await;
        let id = add(&house, &device, (Transport::Ssh, last)).await;
        let job = back_up(&house, id).await;
        let told = log(&house, &job).await;
        assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}\n{told}\n{}", first.log());
        assert_eq!(told.matches(": let in by ").count(), hops, "{told}");
        let through = format!("by ssh through the jump host {}", if hops == 1 { "outer" } else { "inner" });
        assert!(told.contains(&through), "{told}");
        assert!(!told.contains(first.account().password()), "{told}");
        assert_eq!(device.seen().connections, 1);
        let pins = devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap().pins;
        assert_eq!(pins[0].key.fingerprint, device.host_key_fingerprint());
    }
    // Both are known from here on, and each use of an account is in the trail.
    let pinned = "SELECT fingerprint AS value FROM jump_hosts WHERE fingerprint IS NOT NULL";
    assert_eq!(sql::texts(&house.core, pinned).await.len(), 2);
    let used =
        "SELECT count(*) FROM audit_events WHERE event = 'credential_used' AND object LIKE '%jump host%'";
    assert_eq!(sql::number(&house.core, used).await, 3);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telnet_goes_through_a_jump_host_and_a_check_looks_through_it() {
    let house = House::new().await;
    stock::set(&house.core, "security.devices.allow_telnet", "true").await;
    let server = Sshd::start(SshdOptions::default()).await;
    let host = jump(&house, "outer", &server, None).await;
    let device = running(ios("old-1").by_telnet()).await;
    let id = add(&house, &device, (Transport::Telnet, host)).await;
    let job = back_up(&house, id).await;
    assert_eq!(job.outcome, Some(Outcome::Stored), "{}", log(&house, &job).await);
    assert!(log(&house, &job).await.contains("by telnet through the jump host outer"));
    let which = jobs::Which::These(vec![id]);
    let started = jobs::check(&house.core, &house.grant(), which).await.unwrap().unwrap();
    let engine = Engine::start(house.core.clone(), patient()).await.unwrap();
    let job = house.ended(&[started.jobs[0].0]).await.remove(0);
    engine.stop().await;
    assert_eq!(job.state, JobState::Succeeded, "{}", log(&house, &job).await);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn https_goes_through_a_jump_host_and_the_certificate_pinned_is_the_devices() {
    let house = House::new().await;
    let server = Sshd::start(SshdOptions::default()).await;
    let host = jump(&house, "outer", &server, None).await;
    let device = running(Device::new(Platform::PaloaltoPanosApi, "fw-1")).await;
    let id = add(&house, &device, (Transport::Https, host)).await;
    for outcome in [Outcome::Stored, Outcome::Unchanged] {
        let job = back_up(&house, id).await;
        let told = log(&house, &job).await;
        assert_eq!(job.outcome, Some(outcome), "{job:#?}\n{told}\n{}", server.log());
        assert!(told.contains("by https through the jump host outer"), "{told}");
        assert!(!told.contains(device.device().password.expose()), "{told}");
    }
    assert_eq!((device.seen().connections, device.seen().passwords), (2, 2));
    device.replace_host_key(Identity::ecdsa().unwrap());
    let job = back_up(&house, id).await;
    assert_eq!(job.class, Some(Class::HostKeyChanged), "{job:#?}");
    house.close().await;
}

/// How a way ends, and what its words say.
async fn ends(house: &House, id: DeviceId, ended: (Class, Stage), words: &[&str]) {
    let job = back_up(house, id).await;
    assert_eq!(
        (job.class, job.stage),
        (Some(ended.0), Some(ended.1)),
        "{job:#?}\n{}",
        log(house, &job).await
    );
    let message = job.message.unwrap();
    assert!(message.starts_with("at the jump host outer: "), "{message}");
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_host_that_shows_another_key_hears_no_password_until_it_is_accepted() {
    let house = House::new().await;
    let mut server = Sshd::start(SshdOptions::default()).await;
    let host = jump(&house, "outer", &server, None).await;
    let device = running(ios("edge-1")).await;
    let id = add(&house, &device, (Transport::Ssh, host)).await;
    assert_eq!(back_up(&house, id).await.outcome, Some(Outcome::Stored));
    server.change_host_keys(&["ed25519"]).await;
    ends(&house, id, (Class::JumpHost, Stage::HostKey), &["shows another host key"]).await;
    assert!(!server.log().contains("Failed ") && !server.log().contains("Accepted "), "{}", server.log());
    assert_eq!(device.seen().connections, 1);
    let all = jump_hosts::list(&house.core, &stock::grant()).await.unwrap();
    let (shown, _) = all[0].pin.clone().unwrap().refused.unwrap();
    assert!(!jump_hosts::accept(&house.core, &stock::grant(), host, "SHA256:other").await.unwrap());
    assert!(jump_hosts::accept(&house.core, &stock::grant(), host, &shown.fingerprint).await.unwrap());
    let verdict =
        jump_hosts::judge(&house.core, host, (("127.0.0.1".to_owned(), server.port()), shown)).await;
    assert_eq!(verdict.unwrap(), HostKeyVerdict::Known);
    assert_eq!(back_up(&house, id).await.outcome, Some(Outcome::Unchanged));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_host_that_is_down_or_forbids_forwarding_is_told_from_the_device() {
    let house = House::new().await;
    let device = running(ios("edge-1")).await;
    let down = new("outer", free_port(), shared(&house, "x", password("a", "b")).await, None);
    let host = jump_hosts::create(&house.core, &stock::grant(), &down).await.unwrap();
    let id = add(&house, &device, (Transport::Ssh, host)).await;
    ends(&house, id, (Class::Refused, Stage::Connect), &["Connection refused"]).await;

    let options = SshdOptions { lines: vec!["AllowTcpForwarding no".to_owned()], ..SshdOptions::default() };
    let server = Sshd::start(options).await;
    let (name, secret) = (server.account().name(), server.account().password());
    let moved = new("outer", server.port(), shared(&house, "y", password(name, secret)).await, None);
    jump_hosts::update(&house.core, &stock::grant(), (host, 1), &moved).await.unwrap();
    ends(&house, id, (Class::JumpHost, Stage::Connect), &["its rules forbid it"]).await;
    assert_eq!(device.seen().connections, 0);
    house.close().await;

    // What is behind it and does not answer is no fault of its own.
    let house = House::new().await;
    let server = Sshd::start(SshdOptions::default()).await;
    let host = jump(&house, "outer", &server, None).await;
    let id = add(&house, &device, (Transport::Ssh, host)).await;
    let known = devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap().device;
    let gone = NewDevice {
        port: free_port().to_string().parse().unwrap(),
        credential: None,
        reach: Reach { jump_host: Some(host), ..Reach::default() },
        ..stock::new_device("edge-1", "127.0.0.1", "x")
    };
    devices::update(&house.core, &house.grant(), (id, known.version), gone).await.unwrap();
    ends(&house, id, (Class::Unreachable, Stage::Connect), &["nothing answers there"]).await;
    house.close().await;
}

/// many devices behind it, one wrong password, heard once; and none of the devices' own accounts pays for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_account_of_a_jump_host_is_heard_once_and_counts_against_no_device() {
    let house = House::new().await;
    let server = Sshd::start(SshdOptions::default()).await;
    let wrong = shared(&house, "wrong", password(server.account().name(), "not the password")).await;
    let host = new("outer", server.port(), wrong, None);
    let host = jump_hosts::create(&house.core, &stock::grant(), &host).await.unwrap();
    let (mut ids, mut fleet) = (Vec::new(), Vec::new());
    for n in 0..6 {
        let device = running(ios(&format!("edge-{n}"))).await;
        ids.push(add(&house, &device, (Transport::Ssh, host)).await);
        fleet.push(device);
    }
    let heard = || server.log().matches("Failed password for").count();
    for round in 0..2 {
        for job in house.back_up_with(&ids, patient()).await {
            assert_eq!(job.class, Some(Class::JumpHost), "{round}: {job:#?}");
        }
        assert_eq!(heard(), 1, "{round}: {}", server.log());
    }
    assert!(fleet.iter().all(|device| device.seen().connections == 0));
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM credential_answers").await, 0);
    let told = "SELECT count(*) FROM audit_events WHERE event = 'jump_host_refused'";
    assert_eq!(sql::number(&house.core, told).await, 1);

    // Saving it is asking for one more try; the right secrets are another revision, and need no asking.
    let same = new("outer", server.port(), wrong, None);
    jump_hosts::update(&house.core, &stock::grant(), (host, 1), &same).await.unwrap();
    back_up(&house, ids[0]).await;
    assert_eq!(heard(), 2);
    let right = SharedEdit {
        name: "wrong".parse().unwrap(),
        description: String::new(),
        most_sessions: None,
        secrets: password(server.account().name(), server.account().password()),
        keeps_old: false,
    };
    let version = sql::number(&house.core, "SELECT version FROM credentials WHERE name = 'wrong'").await;
    let version = i32::try_from(version).unwrap();
    credentials::update(&house.core, &stock::grant(), (wrong, version), &right).await.unwrap();
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.outcome, Some(Outcome::Stored), "{}", log(&house, &job).await);
    }
    assert_eq!(heard(), 2);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_address_is_tried_from_the_jump_host() {
    let house = House::new().await;
    let server = Sshd::start(SshdOptions::default()).await;
    let host = jump(&house, "outer", &server, None).await;
    let device = running(ios("edge-1")).await;
    let further = format!("127.0.0.1:{}", device.address().port());
    let new = NewDevice {
        port: free_port().to_string().parse().unwrap(),
        credential: Some(password(&device.device().username, device.device().password.expose())),
        reach: Reach {
            jump_host: Some(host),
            further: netraven::domain::device::FurtherAddress::list(&further).unwrap(),
            ..Reach::default()
        },
        ..stock::new_device("edge-1", "127.0.0.1", "x")
    };
    let id = devices::create(&house.core, &house.grant(), new).await.unwrap();
    let job = house.back_up_with(&[id], quick()).await.remove(0);
    assert_eq!(job.outcome, Some(Outcome::Stored), "{}", log(&house, &job).await);
    assert_eq!(server.log().matches("Accepted password for").count(), 1, "{}", server.log());
    house.close().await;
}
