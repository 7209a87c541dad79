//! What is kept of a session that went wrong, and of one that did not.

use netraven::{
    domain::{
        job::Outcome,
        secret::Secret,
        transcript::{Transcript, Way},
    },
    service::jobs::transcript,
    simulate::{Device, Platform},
};

use crate::support::{house::House, sql};

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
