//! HTTPS from the queue to the version: one try, exact bytes, and neither password nor key in anything that people see.

use std::collections::BTreeMap;

use netraven::{
    domain::{
        device::{Port, Transport},
        failure::{FailureClass as Class, Stage},
        job::{Job, JobState, Outcome},
        secret::Secret,
    },
    platform::{Changed, Platforms},
    service::{
        devices, host_keys,
        jobs::{self, transcript},
    },
    simulate::{Device, Fault, Faults, Identity, Platform, Running, Seen},
};

use crate::support::{
    fleet::patient,
    house::{House, quick},
    process::until,
    stock,
};

/// What a form and a header would break on.
const OURS: &str = "Geh31m &=%+ß-Wort";
/// Its beginning as a form has it.
const ENCODED: &str = "Geh31m+%26";

fn device(name: &str) -> Device {
    Device { password: Secret::new(OURS), ..Device::new(Platform::PaloaltoPanosApi, name) }
}

fn faults(text: &str) -> Faults {
    text.split(' ').filter(|fault| !fault.is_empty()).map(|fault| fault.parse::<Fault>().unwrap()).collect()
}

async fn log(house: &House, job: &Job) -> String {
    house.log(job.id).await.iter().map(|entry| format!("{}\n", entry.text)).collect()
}

/// Nothing that people see of a job holds the password or the key; gives the recorded session.
async fn is_silent(house: &House, (fault, key): (&str, &str), job: &Job) -> String {
    let transcript = transcript::raw(&house.core, &house.grant(), job.id).await.unwrap();
    let transcript = transcript.map(|(_, text)| text).unwrap_or_default();
    let screen = house.screen(job.id).await.unwrap_or_default();
    for text in [&log(house, job).await, &screen, &transcript, &format!("{job:?}")] {
        for secret in [OURS, ENCODED, key, "Geh31m"] {
            assert!(!text.contains(secret), "{fault}: {text}");
        }
    }
    transcript
}

/// What is wrong, how the job ends, what its message says, and how many passwords the device was given.
type Case = (&'static str, Class, Stage, &'static str, u64);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("stall=connect", Class::Unreachable, Stage::Connect, "no answer within 2 s", 0),
    ("refuse", Class::Refused, Stage::Connect, "refused", 0),
    ("stall=banner", Class::Timeout, Stage::KeyExchange, "waited 2 s for the TLS handshake", 0),
    ("stall=key_exchange", Class::Timeout, Stage::KeyExchange, "waited 2 s for the TLS handshake", 0),
    ("stall=auth", Class::Timeout, Stage::Auth, "waited 2 s for the answer to `type=keygen`", 1),
    ("stall=prompt", Class::Timeout, Stage::Command, "waited 2 s for the answer to `type=export", 1),
    ("stall=command", Class::Timeout, Stage::Command, "waited 2 s for more of the answer to `type=export", 1),
    ("wrong-password", Class::AuthFailed, Stage::Auth, "netraven was refused: the answer to `type=keygen` is 403", 1),
    ("wrong-password http-status=200", Class::AuthFailed, Stage::Auth, "netraven was refused: the device said `", 1),
    ("cut=4000", Class::Truncated, Stage::Command, "was cut off after ", 1),
    ("cut=4000 chunked", Class::Truncated, Stage::Command, "was cut off after ", 1),
    ("cut-clean=4000", Class::Truncated, Stage::Check, "the XML element <config> is not complete", 1),
    ("error-text", Class::ErrorOutput, Stage::Check, "the device answered: <response status = 'error'", 1),
    ("empty", Class::Truncated, Stage::Check, "printed nothing", 1),
    ("http-status=404", Class::ErrorOutput, Stage::Command, "is 404", 1),
    ("http-status=500", Class::ErrorOutput, Stage::Command, "is 500", 1),
    ("http-status=503", Class::Refused, Stage::Command, "too busy", 1),
    ("http-status=401", Class::PermissionDenied, Stage::Command, "netraven may not ask for `type=export", 1),
    ("redirect", Class::ErrorOutput, Stage::Command, "302 Found, which points to https://198.51.100.7; it is not followed", 1),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_its_class_and_stage_and_one_password_is_sent() {
    let house = House::new().await;
    // As patient as the others here.
    let shipped = house.core.platforms.get("paloalto_panos_api").unwrap();
    let source = shipped.source().replace("command = 180\ntotal = 1800", "command = 2\ntotal = 20");
    let in_use = BTreeMap::from([(shipped.key().to_owned(), Platforms::parse(&source).unwrap())]);
    house.core.platforms.change(Changed { in_use, ..Changed::default() });
    let wanted = (0..CASES.len()).map(|n| device(&format!("device-{n}")));
    let (ids, fleet) = house.fleet(wanted).await;
    for (running, case) in fleet.iter().zip(CASES) {
        running.set_faults(faults(case.0));
    }
    // The ports of two of them close a moment after they were told to.
    let closed = async || {
        let knock = |at: usize| tokio::net::TcpStream::connect(fleet[at].address());
        let knocks = async { (knock(0).await.is_ok(), knock(1).await.is_ok()) };
        let short = std::time::Duration::from_millis(100);
        tokio::time::timeout(short, knocks).await.map_or(Some(()), |(_, open)| (!open).then_some(()))
    };
    until(10, closed, || "the port stays open".to_owned()).await;
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
        let session = is_silent(&house, (fault, &fleet[n].device().api_key()), job).await;
        assert!(sent == 0 || session.contains("password={password}&type=keygen"), "{fault}: {session}");
        assert!(house.versions(ids[n]).await.is_empty(), "{fault}: a doubtful version was kept");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_are_kept_as_they_came_and_the_second_time_is_no_change() {
    let table =
        ["", "chunked", "one-request", "one-request chunked", "slow=300", "drip=60000", "stall=logout"];
    let house = House::new().await;
    let wanted = (0..table.len()).map(|n| device(&format!("device-{n}")).with_faults(faults(table[n])));
    let (ids, fleet) = house.fleet(wanted).await;
    let jobs = house.back_up_with(&ids, patient()).await;
    for (n, job) in jobs.iter().enumerate() {
        let fault = table[n];
        let told = log(&house, job).await;
        assert_eq!(job.outcome, Some(Outcome::Stored), "{fault}: {job:#?}\n{told}");
        assert_eq!(
            house.raw(&house.versions(ids[n]).await[0]).await,
            fleet[n].config().as_bytes(),
            "{fault}"
        );
        is_silent(&house, (fault, &fleet[n].device().api_key()), job).await;
        assert_eq!(fleet[n].seen().passwords, 1, "{fault}");
        for words in
            ["by https in", "TLS 1.3 in", "pinned at first contact", "let in by password", "model PA-440"]
        {
            assert!(told.contains(words), "{fault}: {words}: {told}");
        }
        assert_eq!(fleet[n].seen().connections, if fault.contains("one-request") { 3 } else { 1 }, "{fault}");
    }
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.outcome, Some(Outcome::Unchanged), "{job:#?}");
    }
    for id in ids {
        assert_eq!(house.versions(id).await.len(), 1);
    }
    house.close().await;
}

/// S-56, S-59: the key of the certificate is pinned, and another one ends the job before anything is asked.
#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_key_stops_the_job_before_anything_is_sent() {
    let house = House::new().await;
    let (ids, fleet) = house.fleet([device("same-kind"), device("other-kind")]).await;
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}");
    }
    let found = devices::find(&house.core, &house.grant(), ids[0]).await.unwrap().unwrap();
    let pinned = found.pins[0].key.clone();
    assert_eq!(pinned.algorithm, "tls");
    fleet[0].replace_host_key(Identity::ed25519().unwrap());
    fleet[1].replace_host_key(Identity::ecdsa().unwrap());
    let before: Vec<Seen> = fleet.iter().map(Running::seen).collect();
    for (n, job) in house.back_up_with(&ids, patient()).await.iter().enumerate() {
        assert_eq!((job.class, job.stage), (Some(Class::HostKeyChanged), Some(Stage::HostKey)), "{job:#?}");
        assert!(job.message.as_deref().unwrap().contains("another certificate key: pinned is tls SHA256:"));
        let after = fleet[n].seen();
        assert_eq!((after.passwords, after.commands), (before[n].passwords, before[n].commands));
        assert_eq!(after.connections, before[n].connections + 1);
    }
    // A person has compared it.
    let found = devices::find(&house.core, &house.grant(), ids[0]).await.unwrap().unwrap();
    let refused = found.pins[0].refused.clone().unwrap().0;
    assert_ne!(refused, pinned);
    let (core, by) = (&house.core, house.grant());
    assert!(host_keys::accept(core, &by, ids[0], &refused.fingerprint).await.unwrap());
    let job = house.back_up_with(&ids[..1], patient()).await.remove(0);
    assert_eq!(job.outcome, Some(Outcome::Unchanged), "{job:#?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_looks_at_the_certificate_and_asks_nothing() {
    let house = House::new().await;
    let (id, running) = house.device(device("fw-1")).await;
    let which = jobs::Which::These(vec![id]);
    let started = jobs::check(&house.core, &house.grant(), which).await.unwrap().unwrap();
    let engine = netraven::engine::Engine::start(house.core.clone(), quick()).await.unwrap();
    let job = house.ended(&[started.jobs[0].0]).await.remove(0);
    engine.stop().await;
    assert_eq!(job.state, JobState::Succeeded, "{job:#?}");
    let found = devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap();
    let note = found.device.reachability.unwrap().note;
    assert!(note.contains("TLS 1.3 with the certificate key SHA256:"), "{note}");
    assert_eq!((running.seen().passwords, running.seen().commands, found.pins.len()), (0, 0, 0));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_is_reached_in_its_own_way_only() {
    let house = House::new().await;
    let add = async |name: &str, platform: &str, transport: Transport| {
        let new = netraven::domain::device::NewDevice {
            transport,
            port: Port::HTTPS,
            platform: platform.to_owned(),
            ..stock::new_device(name, &format!("{name}.example.net"), "x")
        };
        let created = devices::create(&house.core, &house.grant(), new).await;
        created.map_or_else(|error| error.to_string(), |_| "added".to_owned())
    };
    assert!(add("a", "paloalto_panos_api", Transport::Ssh).await.contains("reached by https only"));
    assert!(add("a", "cisco_ios", Transport::Https).await.contains("reached by ssh and telnet only"));
    assert!(add("a", "auto", Transport::Https).await.contains("reached by ssh"));
    assert_eq!(add("a", "paloalto_panos_api", Transport::Https).await, "added");
    house.close().await;
}

/// On the pages: the choice, the port that goes with it, and the pinned key.
#[tokio::test(flavor = "multi_thread")]
async fn the_form_takes_https_and_its_port() {
    let house = House::new().await;
    let person = house.signed_in(netraven::domain::access::Role::Operator).await;
    assert!(person.page("/devices/new").await.contains("value=\"https\""));
    let form = [
        ("name", "fw-1"),
        ("address", "fw-1.example.net"),
        ("platform", "paloalto_panos_api"),
        ("transport", "https"),
        ("is_enabled", "on"),
        ("username", "netraven"),
        ("password", "x"),
    ];
    let reply = person.post("/devices/new", &form).await;
    assert_eq!(reply.status(), reqwest::StatusCode::SEE_OTHER, "{}", reply.text().await.unwrap());
    let page = person.page(&format!("/devices/{}", house.id_of("fw-1").await)).await;
    assert!(page.contains("fw-1.example.net:443</span> by https"), "{page}");
    assert!(page.contains("<dt>Certificate key</dt>") && !page.contains("<dt>Host key</dt>"), "{page}");
    let page = person.page("/platforms/paloalto_panos_api").await;
    assert!(page.contains("<dt>Reached by</dt><dd>HTTPS</dd>"), "{page}");
    house.close().await;
}
