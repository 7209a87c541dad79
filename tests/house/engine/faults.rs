//! Every fault of the simulator ends in its own class and stage, harms nothing that is kept, and is told.

use std::time::Duration;

use netraven::{
    domain::{
        failure::{FailureClass as Class, Stage},
        id::DeviceId,
        job::{Job, JobState, Outcome},
        secret::Secret,
    },
    simulate::{Device, Fault, Faults, Platform, Running, Seen},
};
use tokio::{net::TcpStream, time::timeout};

use crate::support::{
    fleet::{assert_visible, patient},
    house::{House, quick},
    process::until,
};

/// On the device and nowhere else.
const OURS: &str = "Geh31m-Wort";
const ENABLE: &str = "Aufg3macht-Wort";
/// In every line of its configuration.
const THEIRS: &str = "0822455D0A16";

fn device(platform: Platform, name: &str) -> Device {
    let mut device = Device::new(platform, name);
    device.password = Secret::new(OURS);
    if platform == Platform::CiscoIos {
        let users: String = (0..200).map(|n| format!("username u{n} password 7 {THEIRS}{n}\n")).collect();
        device.configuration = format!("version 17.9\nhostname {name}\n!\n{users}!\nend\n").into();
    }
    device
}

/// What is wrong, how the job ends, and what its message must say.
type Case = (Platform, &'static str, Class, Stage, &'static str);

const IOS: Platform = Platform::CiscoIos;

#[rustfmt::skip]
const CASES: &[Case] = &[
    (IOS, "stall=connect", Class::Unreachable, Stage::Connect, "no answer within 2 s"),
    (IOS, "stall=banner", Class::Timeout, Stage::Banner, "waited 2 s for the SSH identification string"),
    (IOS, "stall=key_exchange", Class::Timeout, Stage::KeyExchange, "waited 2 s for the key exchange"),
    (IOS, "stall=auth", Class::Timeout, Stage::Auth, "waited 2 s for an answer to our authentication"),
    (IOS, "stall=shell", Class::Timeout, Stage::Shell, "waited 2 s for a shell"),
    (IOS, "stall=prompt", Class::Timeout, Stage::Prompt, "waited 2 s for a prompt; "),
    (IOS, "stall=paging", Class::Timeout, Stage::Paging, "waited 2 s for the end of `terminal length 0`; "),
    (IOS, "stall=enable", Class::Timeout, Stage::Enable, "waited 2 s for privileged mode"),
    (IOS, "stall=command", Class::Timeout, Stage::Command, "waited 2 s for the end of `show running-config`; "),
    (IOS, "cut=4000", Class::ConnectionLost, Stage::Command, "the connection broke off"),
    (IOS, "cut-clean=4000", Class::Truncated, Stage::Check, "the last line is none that matches"),
    (IOS, "escapes cut=4000", Class::ConnectionLost, Stage::Command, "the connection broke off"),
    (IOS, "refuse", Class::Refused, Stage::Connect, "refused"),
    (IOS, "wrong-password", Class::AuthFailed, Stage::Auth, "netraven was refused by password; "),
    (IOS, "wrong-enable", Class::EnableFailed, Stage::Enable, "refused the password of privileged mode"),
    (IOS, "changed-key", Class::HostKeyChanged, Stage::HostKey, "pinned is ssh-ed25519 SHA256:"),
    (IOS, "changed-key-type", Class::HostKeyChanged, Stage::HostKey, "shown was ecdsa-sha2-nistp256 SHA256:"),
    (IOS, "error-text", Class::ErrorOutput, Stage::Check, "the device answered: % Invalid input detected"),
    (IOS, "error-text=% Authorization failed.", Class::PermissionDenied, Stage::Check, "the device answered: % Authorization failed"),
    (IOS, "error-text=% Invalid input \u{1b}[1m\u{7}here", Class::ErrorOutput, Stage::Check, "the device answered: % Invalid input"),
    (IOS, "empty", Class::Truncated, Stage::Check, "printed nothing"),
    (IOS, "pager-stuck", Class::Timeout, Stage::Paging, "the pager was answered 8 times and shows no further line"),
    (Platform::AristaEos, "cut=3000", Class::ConnectionLost, Stage::Command, "the connection broke off"),
    (Platform::AristaEos, "error-text", Class::ErrorOutput, Stage::Check, "the device answered: % Invalid input"),
    (Platform::AristaEos, "wrong-password", Class::AuthFailed, Stage::Auth, "refused by keyboard-interactive; "),
    (Platform::JuniperJunos, "no-exit-status", Class::Truncated, Stage::Check, "without an exit status"),
    (Platform::JuniperJunos, "cut=4000", Class::ConnectionLost, Stage::Command, "the connection broke off"),
    (Platform::JuniperJunos, "cut-clean=4000", Class::Truncated, Stage::Check, ""),
    (Platform::JuniperJunos, "stall=command", Class::Timeout, Stage::Command, "waited 2 s"),
    (Platform::JuniperJunos, "stall=shell", Class::Timeout, Stage::Shell, "waited 2 s for the device to take `show version`"),
    (Platform::JuniperJunos, "escapes", Class::Truncated, Stage::Check, ""),
    (Platform::JuniperJunos, "error-text", Class::ErrorOutput, Stage::Check, "error: "),
    (Platform::MikrotikRouteros, "empty", Class::Truncated, Stage::Check, "printed nothing"),
    (Platform::MikrotikRouteros, "cut=2000", Class::ConnectionLost, Stage::Command, "the connection broke off"),
    (Platform::Frr, "cut-clean=2000", Class::Truncated, Stage::Check, "the last line is none"),
    (Platform::Frr, "error-text", Class::ErrorOutput, Stage::Check, "% Unknown command"),
    (Platform::Linux, "cut-clean=2000", Class::Truncated, Stage::Check, "the last line is none"),
    (Platform::Linux, "empty", Class::Truncated, Stage::Check, "printed nothing"),
];

fn faults(text: &str) -> Faults {
    // A value may hold spaces: only a known word begins another fault.
    let mut parts: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match (word.parse::<Fault>(), parts.last_mut()) {
            (Ok(_), _) | (_, None) => parts.push(word.to_owned()),
            (Err(_), Some(last)) => *last = format!("{last} {word}"),
        }
    }
    parts.iter().map(|part| part.parse::<Fault>().unwrap()).collect()
}

/// The devices of a table, each with one good version.
async fn with_good_backups(house: &House, table: &[(Platform, &str)]) -> (Vec<DeviceId>, Vec<Running>) {
    let devices = table.iter().enumerate().map(|(n, (platform, faults))| {
        let device = device(*platform, &format!("device-{n}"));
        if faults.contains("enable") { device.with_enable(ENABLE) } else { device }
    });
    let (ids, fleet) = house.fleet(devices).await;
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}");
    }
    for (running, (_, text)) in fleet.iter().zip(table) {
        running.set_faults(faults(text));
        if text.contains("refuse") || text.contains("connect") {
            // The port closes a moment after it was told to.
            let shut = async || {
                let knock = timeout(Duration::from_millis(100), TcpStream::connect(running.address())).await;
                (!matches!(knock, Ok(Ok(_)))).then_some(())
            };
            until(10, shut, || format!("{text}: the port stays open")).await;
        }
    }
    (ids, fleet)
}

fn tries(before: Seen, after: Seen) -> [u64; 3] {
    [
        after.passwords - before.passwords,
        after.keyboard_interactive - before.keyboard_interactive,
        after.public_keys,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_its_class_and_stage_and_leaves_the_good_backup_alone() {
    let house = House::new().await;
    let table: Vec<_> = CASES.iter().map(|case| (case.0, case.1)).collect();
    let (ids, fleet) = with_good_backups(&house, &table).await;
    let before: Vec<Seen> = fleet.iter().map(Running::seen).collect();
    let jobs = house.back_up_with(&ids, quick()).await;
    let mut wrong = Vec::new();
    for (n, (case, job)) in CASES.iter().zip(&jobs).enumerate() {
        let (platform, fault, class, stage, told) = *case;
        let message = job.message.as_deref().unwrap_or_default();
        let ended = (job.state, job.outcome, job.class, job.stage);
        println!("| {platform} | {} | {:?} | {:?} |", fault.escape_debug(), job.class, job.stage);
        if ended != (JobState::Failed, Some(Outcome::Error), Some(class), Some(stage))
            || !message.contains(told)
        {
            wrong.push(format!("{platform} {fault}: {ended:?} {message}"));
        }
        assert!(house.versions(ids[n]).await.len() == 1, "{fault}: a doubtful version was kept");
        told_without_secrets(&house, fault, job).await;
        let [passwords, answers, _] = tries(before[n], fleet[n].seen());
        assert!(passwords <= 1 && answers <= 1, "{fault}: {passwords} passwords, {answers} answers");
        if fault.starts_with("changed-key") {
            assert_eq!(
                before[n].auth_attempts,
                fleet[n].seen().auth_attempts,
                "{fault}: authenticated all the same"
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The slot is free and the version still the current one: repaired, each device is unchanged.
    fleet.iter().for_each(Running::clear_faults);
    for (running, job) in fleet.iter().zip(house.back_up_with(&ids, patient()).await) {
        assert_eq!(job.outcome, Some(Outcome::Unchanged), "{}: {job:#?}", running.address());
    }
    house.close().await;
}

/// The log ends with class and message; neither it nor the last screen holds what it must not.
async fn told_without_secrets(house: &House, fault: &str, job: &Job) {
    let (log, screen) = (house.log(job.id).await, house.screen(job.id).await.unwrap_or_default());
    let message = job.message.as_deref().unwrap();
    let class = job.class.unwrap();
    let last = log.last().unwrap_or_else(|| panic!("{fault}: no log"));
    assert_eq!((last.stage, &last.text), (job.stage, &format!("{class}: {message}")), "{fault}");
    let log: Vec<String> = log.into_iter().map(|entry| entry.text).collect();
    for (what, text) in [("log", log.join("\n").as_str()), ("screen", &screen), ("message", message)] {
        assert_visible(&format!("{fault}: the {what}"), text);
        for secret in [OURS, ENABLE, THEIRS] {
            assert!(!text.contains(secret), "{fault}: the {what} holds {secret}: {text}");
        }
    }
    if fault.starts_with("cut") || fault.contains("error-text") || fault == "stall=command" {
        assert!(!screen.is_empty(), "{fault}: the last lines are not kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oddities_that_harm_nothing_change_nothing() {
    let table = [
        (IOS, "escapes"),
        (IOS, "drip=3000"),
        (IOS, "pager-stays"),
        (IOS, "banner-password"),
        (IOS, "double-prompt"),
        (IOS, "stall=logout"),
        (IOS, "slow=300"),
        (Platform::AristaEos, "pager-stays"),
        (Platform::AristaEos, "banner-password"),
        (Platform::JuniperJunos, "banner-password"),
        (Platform::MikrotikRouteros, "drip=4000"),
        (Platform::Frr, "double-prompt"),
        (Platform::Linux, "banner-password"),
    ];
    let house = House::new().await;
    let (ids, fleet) = with_good_backups(&house, &table).await;
    let before: Vec<Seen> = fleet.iter().map(Running::seen).collect();
    let jobs = house.back_up_with(&ids, quick()).await;
    let mut wrong = Vec::new();
    for (n, ((platform, fault), job)) in table.iter().zip(&jobs).enumerate() {
        println!("| {platform} | {fault} | {:?} |", job.outcome);
        if job.outcome != Some(Outcome::Unchanged) {
            wrong.push(format!("{platform} {fault}: {job:#?}"));
        }
        // What is typed where nothing asks for it would be one more command.
        let (first, second) = (before[n].commands, fleet[n].seen().commands - before[n].commands);
        assert_eq!(first, second, "{platform} {fault}: other commands than before");
        let log: String = house.log(job.id).await.into_iter().map(|entry| entry.text).collect();
        assert!(!log.contains(OURS), "{fault}: {log}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    house.close().await;
}
