//! What is kept of a session that went wrong, and of one that did not.

use std::sync::Arc;

use netraven::{
    domain::{
        job::Outcome,
        replay::Line,
        secret::Secret,
        transcript::{Transcript, Way},
    },
    service::{
        jobs::transcript,
        platforms::{replayed, revisions},
    },
    simulate::{Device, Platform},
};

use crate::support::{house::House, sql, stock};

const PASSWORD: &str = "Geh31m-Wort";
const ENABLE: &str = "Aufg3macht-Wort";

async fn session(house: &House, job: netraven::domain::id::JobId) -> Option<Transcript> {
    transcript::masked(&house.core, &house.grant(), job).await.unwrap().map(|(_, session)| session)
}

fn said(session: &Transcript, way: Way) -> String {
    session.pieces.iter().filter(|piece| piece.way == way).map(|piece| piece.text.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_session_is_kept_without_our_secrets_and_a_good_one_is_not() {
    let house = House::new().await;
    let mut device = Device::new(Platform::CiscoIos, "sw1").with_enable(ENABLE);
    device.password = Secret::new(PASSWORD);
    let linux = Device::new(Platform::Linux, "host1");
    let (ids, fleet) = house.fleet([device, linux]).await;
    for job in house.back_up(&ids).await {
        assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}");
        assert!(session(&house, job.id).await.is_none(), "a good job's raw text is its backup");
    }
    for running in &fleet {
        running.set_faults("error-text".parse::<netraven::simulate::Fault>().unwrap());
    }
    let jobs = house.back_up(&ids).await;
    assert!(jobs.iter().all(|job| job.outcome == Some(Outcome::Error)), "{jobs:#?}");
    let shell = session(&house, jobs[0].id).await.unwrap();
    assert!(said(&shell, Way::Sent).contains("show running-config"), "{shell:?}");
    assert!(said(&shell, Way::Sent).contains("●●●"), "the enable password was sent: {shell:?}");
    assert!(said(&shell, Way::Received).contains("sw1#"), "{shell:?}");
    let exec = session(&house, jobs[1].id).await.unwrap();
    assert!(!said(&exec, Way::Sent).is_empty(), "{exec:?}");
    for job in &jobs {
        let (_, raw) = transcript::raw(&house.core, &house.grant(), job.id).await.unwrap().unwrap();
        assert!(!raw.contains(PASSWORD) && !raw.contains(ENABLE), "{raw}");
    }
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM transcripts").await, 2);
    house.close().await;
}

// A trial reaches its device and no other, and the recorded session of a failed job shows where other rules stop.
#[tokio::test(flavor = "multi_thread")]
async fn a_platform_on_trial_is_that_of_its_device_alone_and_sessions_are_heard_again() {
    let house = House::new().await;
    let device = |name| {
        let mut device = Device::new(Platform::CiscoIos, name).with_enable(ENABLE);
        device.password = Secret::new(PASSWORD);
        device
    };
    let (ids, _fleet) = house.fleet([device("sw1"), device("sw2")]).await;
    // By these rules every configuration has an error in it.
    let saved = stock::revision(&house.core, "^x ", Some("sw2")).await;
    sql::run(
        &house.core,
        "UPDATE platform_revisions SET source = replace(source, 'errors = [', 'errors = [ ''enable secret '',')",
    )
    .await;
    house.core.platforms.change(netraven::platform::Changed::default());
    revisions::refresh(&house.core).await.unwrap();
    let jobs = house.back_up(&ids).await;
    assert_eq!(jobs[0].outcome, Some(Outcome::Stored), "{jobs:#?}");
    assert_eq!(jobs[1].outcome, Some(Outcome::Error), "{jobs:#?}");
    let kept = replayed::recorded(&house.core, &stock::grant(), "cisco_ios").await.unwrap();
    assert_eq!(kept.iter().map(|job| job.id).collect::<Vec<_>>(), [jobs[1].id]);
    let hear = async |platform: &Arc<netraven::platform::Platform>| {
        replayed::heard(&house.core, &stock::grant(), (jobs[1].id, platform)).await.unwrap().unwrap()
    };
    let shipped = house.core.platforms.get("cisco_ios").unwrap();
    let heard = hear(&shipped).await;
    assert!(matches!(heard.configuration, Some(Ok(_))), "the shipped rules take it: {heard:#?}");
    assert!(heard.heard.iter().any(|step| step.is == Line::Prompt), "{heard:#?}");
    assert!(!format!("{heard:?}").contains(PASSWORD) && !format!("{heard:?}").contains(ENABLE));
    let tried = house.core.platforms.for_device(ids[1], "cisco_ios").unwrap();
    let heard = hear(&tried).await;
    assert!(matches!(&heard.configuration, Some(Err(why)) if why.contains("is an error")), "{heard:#?}");
    // The line that is quoted may hold a secret: it is covered wherever it is told.
    let quoted = heard.heard.iter().find_map(|step| step.complaint.clone()).unwrap();
    let message = jobs[1].message.as_deref().unwrap();
    for told in [quoted.as_str(), message] {
        assert!(told.contains("enable secret") && told.contains("<secret:"), "{told}");
    }
    // By the rules of another platform nothing of it is heard: they do not know what is secret there.
    let frr = house.core.platforms.get("frr").unwrap();
    assert_eq!(replayed::heard(&house.core, &stock::grant(), (jobs[1].id, &frr)).await.unwrap(), None);
    // Taken up, it is for all.
    revisions::take_up(&house.core, &stock::grant(), saved.id).await.unwrap();
    let jobs = house.back_up(&ids).await;
    assert!(jobs.iter().all(|job| job.outcome == Some(Outcome::Error)), "{jobs:#?}");
    house.close().await;
}
