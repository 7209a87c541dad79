//! Telnet from the queue to the version: allowed twice or not at all, one try, and nothing of its protocol in the text.

use netraven::{
    domain::{
        access::{Actor, Role},
        device::{NewDevice, Port, Transport},
        failure::{FailureClass as Class, Stage},
        job::{Job, JobState, Outcome},
        secret::Secret,
    },
    service::{
        devices,
        jobs::{self, transcript},
    },
    simulate::{Device, Fault, Faults, Platform, Running, Seen},
};

use crate::support::{
    fleet::{password, patient},
    house::{House, quick},
    stock,
    telnetd::{CONFIG, Telnetd},
};

/// On the device and nowhere else.
const OURS: &str = "Geh31m-Wort";
const ENABLE: &str = "Aufg3macht-Wort";
const IOS: Platform = Platform::CiscoIos;
const ALLOW: &str = "security.devices.allow_telnet";

async fn allowing() -> House {
    let house = House::new().await;
    stock::set(&house.core, ALLOW, "true").await;
    house
}

fn device(platform: Platform, name: &str, faults: &str) -> Device {
    let mut device = Device::new(platform, name).by_telnet();
    device.password = Secret::new(OURS);
    if faults.contains("enable") { device.with_enable(ENABLE) } else { device }
}

fn faults(text: &str) -> Faults {
    text.split(' ').filter(|fault| !fault.is_empty()).map(|fault| fault.parse::<Fault>().unwrap()).collect()
}

async fn log(house: &House, job: &Job) -> String {
    house.log(job.id).await.iter().map(|entry| format!("{}\n", entry.text)).collect()
}

/// Nothing that people see of a job holds a password.
async fn is_silent(house: &House, fault: &str, job: &Job) {
    let transcript = transcript::raw(&house.core, &house.grant(), job.id).await.unwrap();
    let transcript = transcript.map(|(_, text)| text).unwrap_or_default();
    assert!(!transcript.contains('\u{fffd}') || fault.contains("garbage"), "{fault}: {transcript}");
    let screen = house.screen(job.id).await.unwrap_or_default();
    for text in [log(house, job).await, screen, transcript, format!("{job:?}")] {
        assert!(!text.contains(OURS) && !text.contains(ENABLE), "{fault}: {text}");
    }
}

/// What is wrong, how the job ends, what its message says, and how many passwords the device was given.
type Case = (&'static str, Class, Stage, &'static str, u64);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("stall=connect", Class::Unreachable, Stage::Connect, "no answer within 2 s", 0),
    ("refuse", Class::Refused, Stage::Connect, "refused", 0),
    ("stall=banner", Class::Timeout, Stage::Banner, "waited 2 s for the question for a name or a password; nothing came", 0),
    ("stall=key_exchange", Class::Timeout, Stage::Banner, "waited 2 s for the question for a name or a password; nothing came", 0),
    ("stall=auth", Class::Timeout, Stage::Auth, "waited 2 s for a prompt or a refusal", 1),
    ("stall=shell", Class::Timeout, Stage::Auth, "waited 2 s for a prompt or a refusal", 1),
    ("stall=prompt", Class::Timeout, Stage::Auth, "waited 2 s for a prompt or a refusal", 1),
    ("stall=paging", Class::Timeout, Stage::Paging, "waited 2 s for the end of `terminal length 0`; ", 1),
    ("stall=enable", Class::Timeout, Stage::Enable, "waited 2 s for privileged mode", 1),
    ("stall=command", Class::Timeout, Stage::Command, "waited 2 s for the end of `show running-config`; ", 1),
    ("wrong-password", Class::AuthFailed, Stage::Auth, "netraven was refused: the device said `% Login invalid`", 1),
    ("wrong-password no-username", Class::AuthFailed, Stage::Auth, "netraven was refused: the device said `% Login invalid`", 1),
    ("wrong-password telnet-noise", Class::AuthFailed, Stage::Auth, "netraven was refused: the device said `% Login invalid`", 1),
    ("wrong-password echo-password", Class::AuthFailed, Stage::Auth, "netraven was refused", 1),
    ("wrong-password hang-up", Class::ConnectionLost, Stage::Auth, "the device ended the connection", 1),
    ("wrong-password banner-password", Class::AuthFailed, Stage::Auth, "netraven was refused", 1),
    ("wrong-enable", Class::EnableFailed, Stage::Enable, "refused the password of privileged mode", 1),
    ("cut=4000", Class::ConnectionLost, Stage::Command, "the device ended the connection", 1),
    ("cut=4000 telnet-noise", Class::ConnectionLost, Stage::Command, "the ", 1),
    ("cut-clean=4000", Class::Truncated, Stage::Check, "the last line is none that matches", 1),
    ("error-text", Class::ErrorOutput, Stage::Check, "the device answered: % Invalid input detected", 1),
    ("empty", Class::Truncated, Stage::Check, "printed nothing", 1),
    ("pager-stuck", Class::Timeout, Stage::Paging, "the pager was answered 8 times and shows no further line", 1),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_its_class_and_stage_and_one_password_is_sent() {
    let house = allowing().await;
    let wanted = CASES.iter().enumerate().map(|(n, case)| device(IOS, &format!("device-{n}"), case.0));
    let (ids, fleet) = house.fleet(wanted.map(|it| Device { faults: Faults::none(), ..it })).await;
    for (running, case) in fleet.iter().zip(CASES) {
        running.set_faults(faults(case.0));
    }
    // The ports of two of them close a moment after they were told to.
    crate::support::process::until(
        10,
        async || {
            let knock = |at: usize| tokio::net::TcpStream::connect(fleet[at].address());
            let knocks = async { (knock(0).await.is_ok(), knock(1).await.is_ok()) };
            let short = std::time::Duration::from_millis(100);
            tokio::time::timeout(short, knocks).await.map_or(Some(()), |(_, open)| (!open).then_some(()))
        },
        || "the port stays open".to_owned(),
    )
    .await;
    let before: Vec<Seen> = fleet.iter().map(Running::seen).collect();
    let jobs = house.back_up_with(&ids, quick()).await;
    let mut wrong = Vec::new();
    for (n, (case, job)) in CASES.iter().zip(&jobs).enumerate() {
        let (fault, class, stage, told, sent) = *case;
        let message = job.message.as_deref().unwrap_or_default();
        println!("| {fault} | {:?} | {:?} | {message} |", job.class, job.stage);
        let tries = fleet[n].seen().passwords - before[n].passwords;
        let ended = (job.state, job.class, job.stage, tries);
        if ended != (JobState::Failed, Some(class), Some(stage), sent) || !message.contains(told) {
            wrong.push(format!("{fault}: {ended:?} {message}"));
        }
        is_silent(&house, fault, job).await;
        assert!(house.versions(ids[n]).await.is_empty(), "{fault}: a doubtful version was kept");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_harms_nothing_changes_nothing_and_the_text_is_that_of_ssh() {
    let table = [
        (IOS, ""),
        (IOS, "telnet-noise"),
        (IOS, "no-username"),
        (IOS, "echo-password"),
        (IOS, "banner-password"),
        (IOS, "banner-password telnet-noise"),
        (IOS, "escapes"),
        (IOS, "pager-stays telnet-noise"),
        (IOS, "double-prompt"),
        (IOS, "stall=logout"),
        (Platform::AristaEos, ""),
        (Platform::AristaEos, "telnet-noise"),
        (Platform::AristaEos, "pager-stays"),
    ];
    let house = allowing().await;
    let telnet = table.iter().enumerate().map(|(n, (platform, text))| {
        device(*platform, &format!("device-{n}"), text).with_enable(ENABLE).with_faults(faults(text))
    });
    let (ids, fleet) = house.fleet(telnet).await;
    for (n, job) in house.back_up_with(&ids, patient()).await.iter().enumerate() {
        let (platform, fault) = table[n];
        assert_eq!(job.outcome, Some(Outcome::Stored), "{platform} {fault}: {job:#?}");
        let log = log(&house, job).await;
        assert!(log.contains("by telnet in") && log.contains("in clear text"), "{log}");
        assert!(log.contains("let in by password in"), "{log}");
        is_silent(&house, fault, job).await;
        assert_eq!(fleet[n].seen().passwords, 1, "{platform} {fault}");
        // The same device by SSH gives the same.
        let ssh = House::new().await;
        let (id, _running) =
            ssh.device(Device::new(platform, &format!("device-{n}")).with_enable(ENABLE)).await;
        assert_eq!(ssh.back_up(&[id]).await[0].outcome, Some(Outcome::Stored));
        let (ours, theirs) = (house.versions(ids[n]).await, ssh.versions(id).await);
        let platform = house.core.platforms.get(platform.as_str()).unwrap();
        let ours = platform.normalised(&house.raw(&ours[0]).await);
        assert_eq!(ours, platform.normalised(&ssh.raw(&theirs[0]).await), "{fault}");
        ssh.close().await;
    }
    house.close().await;
}

/// Off, nothing is connected to; on, only an admin chooses it (S-62).
#[tokio::test(flavor = "multi_thread")]
async fn telnet_needs_an_admin_twice() {
    let house = allowing().await;
    let (id, running) = house.device(device(IOS, "old-1", "")).await;
    stock::set(&house.core, ALLOW, "false").await;
    let job = house.back_up(&[id]).await.remove(0);
    assert_eq!((job.class, job.stage), (Some(Class::DestinationDenied), Some(Stage::Connect)), "{job:#?}");
    assert!(job.message.unwrap().starts_with("Telnet is off"));
    assert_eq!(running.seen().connections, 0);

    let new = |name: &str, platform: &str| NewDevice {
        transport: Transport::Telnet,
        port: Port::TELNET,
        platform: platform.to_owned(),
        ..stock::new_device(name, &format!("{name}.example.net"), "x")
    };
    let said = async |role: Role, new: NewDevice| {
        let by = Actor { role, ..Actor::console() };
        let created = devices::create(&house.core, &by.grant().unwrap(), new).await;
        created.map_or_else(|error| error.to_string(), |_| "added".to_owned())
    };
    assert!(said(Role::Admin, new("a", "cisco_ios")).await.starts_with("Telnet is off"));
    stock::set(&house.core, ALLOW, "true").await;
    assert!(said(Role::Operator, new("a", "cisco_ios")).await.contains("only an admin"));
    assert!(said(Role::Admin, new("a", "cisco_asa")).await.contains("reached by ssh only"));
    assert_eq!(said(Role::Admin, new("a", "cisco_ios")).await, "added");
    // What an admin has chosen stays when others edit the device.
    let known = devices::find_by_name(&house.core, &house.grant(), "a").await.unwrap().unwrap();
    let edit = NewDevice { description: "edited".to_owned(), ..new("a", "cisco_ios") };
    let operator = Actor { role: Role::Operator, ..Actor::console() };
    devices::update(&house.core, &operator.grant().unwrap(), (known.id, known.version), edit).await.unwrap();
    house.close().await;
}

/// Reachability and a try of the credential, without a backup.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_reads_the_first_words_and_sends_nothing() {
    let house = allowing().await;
    let (id, running) = house.device(device(IOS, "old-1", "")).await;
    let started =
        jobs::check(&house.core, &house.grant(), jobs::Which::These(vec![id])).await.unwrap().unwrap();
    let engine = netraven::engine::Engine::start(house.core.clone(), quick()).await.unwrap();
    let job = house.ended(&[started.jobs[0].0]).await.remove(0);
    engine.stop().await;
    assert_eq!(job.state, JobState::Succeeded, "{job:#?}");
    let found = devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap();
    let note = found.device.reachability.unwrap().note;
    assert!(note.contains("by telnet") && note.contains("Username:"), "{note}");
    assert_eq!(running.seen().passwords, 0);
    house.close().await;
}

/// Debian's telnet server with its real login: it negotiates about more than we know, doubles the byte 255 in the text
/// and thinks for seconds before it refuses.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_telnet_server_gives_its_configuration_and_refuses_once() {
    let house = allowing().await;
    let server = Telnetd::start().await;
    let add = async |name: &str, host: &str, secret: &str| {
        let new = NewDevice {
            transport: Transport::Telnet,
            port: server.port.to_string().parse().unwrap(),
            address: host.parse().unwrap(),
            credential: Some(password(server.account.name(), secret)),
            ..stock::new_device(name, "127.0.0.1", "x")
        };
        devices::create(&house.core, &house.grant(), new).await.unwrap()
    };
    let good = add("r1", "127.0.0.1", server.account.password()).await;
    let wrong = add("r2", "localhost", "not the password").await;
    let job = house.back_up_with(&[good], patient()).await.remove(0);
    assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}\n{}", log(&house, &job).await);
    let kept = house.versions(good).await;
    assert_eq!(house.raw(&kept[0]).await, CONFIG);
    let job = house.back_up_with(&[wrong], patient()).await.remove(0);
    assert_eq!((job.class, job.stage), (Some(Class::AuthFailed), Some(Stage::Auth)), "{job:#?}");
    assert!(job.message.unwrap().contains("the device said `Login incorrect`"));
    house.close().await;
}
