//! A person presses the button and sees what comes of it.

use netraven::{
    domain::{
        access::Role,
        job::{JobState, Outcome},
    },
    simulate::{Device, Platform},
};

use super::{ask, job_of, open_house};

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_asked_for_on_a_page_is_taken_kept_and_shown() {
    let house = open_house().await;
    let person = house.signed_in(Role::Operator).await;
    for platform in Platform::ALL {
        let (id, running) = house.device(Device::new(*platform, &format!("one-{}", platform.as_str()))).await;
        let place = ask(&person, &[id]).await;
        let job = house.ended(&[job_of(&place)]).await.remove(0);
        assert_eq!((job.state, job.outcome), (JobState::Succeeded, Some(Outcome::Stored)), "{job:#?}");
        assert_eq!(job.started_by, "operator");
        // What is shown of it: the job with its log, the version on the device's page, the text itself.
        let page = person.page(&place).await;
        assert!(page.contains("The configuration is whole"), "{page}");
        let version = &house.versions(id).await[0];
        assert_eq!((Some(version.id), version.job), (job.backup, Some(job.id)));
        let address = format!("/backups/{}", version.id);
        assert!(person.page(&format!("/devices/{id}")).await.contains(&address));
        let text = person.page(&address).await;
        assert!(text.contains(&running.device().hostname), "{text}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_backup_tells_whether_anything_has_changed() {
    let house = open_house().await;
    let person = house.signed_in(Role::Operator).await;
    let (id, running) = house.device(Device::new(Platform::CiscoIos, "core")).await;
    let mut outcomes = Vec::new();
    for change in [None, None, Some("ip route 192.0.2.0 255.255.255.0 198.51.100.1")] {
        if let Some(line) = change {
            running.set_config(&running.config().replace("\nend", &format!("\n{line}\nend")));
        }
        let job = house.ended(&[job_of(&ask(&person, &[id]).await)]).await.remove(0);
        outcomes.push(job.outcome.unwrap());
    }
    assert_eq!(outcomes, [Outcome::Stored, Outcome::Unchanged, Outcome::Stored]);
    let versions = house.versions(id).await;
    assert_eq!((versions[0].added, versions[0].removed, versions[1].seen), (1, 0, 2));
    let reply = person.get(&format!("/backups/{}/diff", versions[0].id)).await;
    let diff = person.page(reply.headers()["location"].to_str().unwrap()).await;
    assert!(diff.contains("ip route 192.0.2.0"), "{diff}");
    house.close().await;
}
