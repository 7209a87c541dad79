//! Too much, too little, and noise.

use netraven::{
    domain::{
        backup::count_lines,
        failure::{FailureClass as Class, Stage},
        job::{JobState, Outcome},
    },
    engine::{Options, transport::Deadlines},
    service::backups::{self, care},
    simulate::{Device, Fault, Faults, Platform},
};

use crate::support::{
    fleet::{assert_visible, most_memory, patient},
    house::{House, quick},
    sql,
};

/// 20 MB, read by a program that is not optimised.
fn very_patient() -> Options {
    let total = std::time::Duration::from_mins(1);
    Options { deadlines: Deadlines { total, ..Deadlines::default() }, ..quick() }
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_output_ends_at_a_limit_in_flat_memory() {
    let house = House::new().await;
    let (ids, fleet) =
        house.fleet([Platform::CiscoIos, Platform::Linux].map(|p| Device::new(p, p.as_str()))).await;
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}");
    }
    for device in &fleet {
        device.set_faults(Fault::Endless);
    }
    for job in house.back_up_with(&ids, quick()).await {
        println!("{}: {:?} {:?} {:?}", job.device_name, job.class, job.stage, job.message);
        // How fast this machine is decides which of the two limits comes first.
        assert!(matches!(job.class, Some(Class::OutputLimit | Class::Timeout)), "{job:#?}");
        assert_eq!((job.state, job.stage), (JobState::Failed, Some(Stage::Command)), "{job:#?}");
    }
    assert!(most_memory() < 300 + 2 * 64, "{} MiB", most_memory());
    for id in ids {
        assert_eq!(house.versions(id).await.len(), 1);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_megabytes_are_stored_whole() {
    let house = House::new().await;
    let device = Device::new(Platform::Frr, "big").with_faults(Fault::Big(20_000_000));
    let (ids, _fleet) = house.fleet([device]).await;
    let job = house.back_up_with(&ids, very_patient()).await.remove(0);
    assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}");
    assert!(job.bytes.unwrap() >= 20_000_000, "{job:#?}");
    let version = house.versions(ids[0]).await.remove(0);
    let raw = house.raw(&version).await;
    assert!(raw.ends_with(b"\nend\n"));
    assert_eq!(netraven::crypt::token::sha256(&raw), version.sha256);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn line_noise_shows_nowhere_as_it_is() {
    let house = House::new().await;
    let devices = (0..12).map(|n| {
        let platform = [Platform::CiscoIos, Platform::AristaEos, Platform::Frr, Platform::Linux][n % 4];
        Device::new(platform, &format!("noise-{n}")).with_faults(Fault::Garbage)
    });
    let (ids, _fleet) = house.fleet(devices).await;
    for (id, job) in ids.iter().zip(house.back_up_with(&ids, quick()).await) {
        assert!(job.state.is_over(), "{job:#?}");
        let log: Vec<String> = house.log(job.id).await.into_iter().map(|entry| entry.text).collect();
        assert_visible("the log", &log.join("\n"));
        assert_visible("the screen", &house.screen(job.id).await.unwrap_or_default());
        assert_visible("the message", job.message.as_deref().unwrap_or_default());
        for version in house.versions(*id).await {
            assert_visible("the masked text", &house.masked(&version).await);
            assert_eq!(netraven::crypt::token::sha256(&house.raw(&version).await), version.sha256);
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_inside_the_configuration_do_not_end_it() {
    let house = House::new().await;
    let devices = Platform::ALL.iter().map(|platform| {
        Device::new(*platform, &format!("p-{}", platform.as_str())).with_faults(Fault::PromptInConfig)
    });
    let (ids, fleet) = house.fleet(devices).await;
    for ((id, running), job) in ids.iter().zip(&fleet).zip(house.back_up_with(&ids, patient()).await) {
        let platform = running.device().platform;
        // Lines that look like prompts are no Junos: its braces do not care, and neither do the others.
        assert_eq!(job.outcome, Some(Outcome::Stored), "{platform}: {job:#?}");
        let text = String::from_utf8(house.raw(&house.versions(*id).await[0]).await).unwrap();
        assert!(text.contains(" description ends in #\n"), "{platform}");
        let last = running.config().lines().last().unwrap().to_owned();
        assert!(text.trim_end().ends_with(&last), "{platform}: ends before `{last}`");
        assert!(count_lines(text.as_bytes()) > running.config().lines().count(), "{platform}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_falls_silent_is_asked_for_its_configuration_and_no_more() {
    let house = House::new().await;
    let device = Device::new(Platform::JuniperJunos, "mute").with_faults(Fault::Stall(Stage::Prompt));
    let (ids, _fleet) = house.fleet([device]).await;
    let job = house.back_up_with(&ids, quick()).await.remove(0);
    assert_eq!((job.state, job.class), (JobState::Failed, Some(Class::Timeout)), "{job:#?}");
    let log: Vec<String> = house.log(job.id).await.into_iter().map(|entry| entry.text).collect();
    let asked = |command: &str| log.iter().any(|line| line.contains(&format!("`{command}")));
    assert!(asked("show version") && asked("show configuration"), "{log:#?}");
    assert!(!asked("show chassis"), "{log:#?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shrunken_capture_is_taken_twice_and_kept_apart() {
    let house = House::new().await;
    let devices = Platform::ALL.iter().map(|p| Device::new(*p, &format!("s-{}", p.as_str())));
    let (ids, fleet) = house.fleet(devices).await;
    house.back_up_with(&ids, patient()).await;
    let before: Vec<_> = fleet.iter().map(|device| device.seen().sessions).collect();
    for device in &fleet {
        device.set_faults(Fault::Shrink);
    }
    for (n, job) in house.back_up_with(&ids, patient()).await.iter().enumerate() {
        let name = &job.device_name;
        let wanted = (JobState::Failed, Some(Outcome::Suspect), Some(Class::Suspect), Some(Stage::Check));
        assert_eq!((job.state, job.outcome, job.class, job.stage), wanted, "{job:#?}");
        assert_eq!(fleet[n].seen().sessions - before[n], 2, "{name}: not fetched again");
        let versions = house.versions(ids[n]).await;
        assert_eq!(versions.len(), 1, "{name}: the suspect became a version");
        let suspects = backups::suspects(&house.core, &house.grant(), ids[n]).await.unwrap();
        assert_eq!(suspects.len(), 1, "{name}");
        assert_eq!((job.suspect, job.backup), (Some(suspects[0].id), None), "{name}");
        assert!(job.message.as_deref().unwrap().contains(&format!("had {}", versions[0].lines)), "{job:#?}");
        let log: Vec<String> = house.log(job.id).await.into_iter().map(|entry| entry.text).collect();
        assert!(log.iter().any(|line| line.ends_with("Taking it again.")), "{log:#?}");
    }
    // Accepted by a person, it is a version the next time, and only where it is that short.
    let accepted = backups::suspects(&house.core, &house.grant(), ids[0]).await.unwrap().remove(0);
    care::accept(&house.core, &house.grant(), accepted.id).await.unwrap();
    let jobs = house.back_up_with(&ids[..2], patient()).await;
    let outcomes = [jobs[0].outcome, jobs[1].outcome];
    assert_eq!(outcomes, [Some(Outcome::Stored), Some(Outcome::Suspect)], "{jobs:#?}");
    let again = backups::suspects(&house.core, &house.grant(), ids[1]).await.unwrap().remove(0);
    care::accept(&house.core, &house.grant(), again.id).await.unwrap();
    let ids = &ids[1..];
    // Grown again, it is the version it was.
    fleet.iter().for_each(simulate_repaired);
    for job in house.back_up_with(ids, patient()).await {
        assert_eq!(job.outcome, Some(Outcome::Unchanged), "{job:#?}");
    }
    // A good backup ends what was accepted, and what is shorter than that is doubtful, too.
    fleet[1].set_faults(Fault::Shrink);
    let job = house.back_up_with(&ids[..1], patient()).await.remove(0);
    assert_eq!(job.outcome, Some(Outcome::Suspect), "{job:#?}");
    sql::run(&house.core, "UPDATE backups SET accepted_lines = lines").await;
    let job = house.back_up_with(&ids[..1], patient()).await.remove(0);
    assert_eq!(job.outcome, Some(Outcome::Suspect), "{job:#?}");
    house.close().await;
}

fn simulate_repaired(device: &netraven::simulate::Running) {
    device.set_faults(Faults::none());
}
