//! A person stops some jobs of a batch; the others do not notice.

use netraven::{
    config::Config,
    domain::{
        access::Role,
        failure::Stage,
        id::JobId,
        job::{JobFilter, JobState, Outcome},
    },
    engine::Options,
    simulate::{Device, Fault, Faults, Platform},
};
use reqwest::StatusCode;

use super::{all_jobs, ask, over, running, well};
use crate::support::{
    fleet::patient,
    house::{House, Visitor},
};

async fn cancel(person: &Visitor, job: JobId) {
    let reply = person.post(&format!("/jobs/{job}/cancel"), &[]).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_batch_one_waiting_and_one_running_job_are_stopped_and_the_rest_is_done() {
    let options = Options { concurrency: Some(2), ..patient() };
    let house = House::with(Config::default(), Some(options)).await;
    let person = house.signed_in(Role::Operator).await;
    // Both places are taken by devices that never answer, so that what comes after them waits.
    let stuck =
        |n| Device::new(Platform::CiscoIos, &format!("stuck-{n}")).with_faults(Fault::Stall(Stage::Command));
    let (ids, fleet) = house.fleet((0..2).map(stuck).chain(well(4))).await;
    ask(&person, &ids).await;
    let held = running(&house, 2).await;
    let filter = JobFilter { state: Some(JobState::Queued), ..JobFilter::default() };
    let waiting = all_jobs(&house, &filter).await;
    assert_eq!(waiting.len(), 4);
    cancel(&person, waiting[0].id).await;
    let began = std::time::Instant::now();
    cancel(&person, held[0].id).await;
    let stopped = house.ended(&[held[0].id]).await.remove(0);
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    assert_eq!(stopped.state, JobState::Canceled, "{stopped:#?}");
    // The place that it left is enough for the rest; the other one that hangs is stopped at the end.
    let rest: Vec<JobId> = waiting.iter().skip(1).map(|job| job.id).collect();
    for job in house.ended(&rest).await {
        assert_eq!((job.state, job.outcome), (JobState::Succeeded, Some(Outcome::Stored)), "{job:#?}");
    }
    cancel(&person, held[1].id).await;
    let ended = over(&house, 6).await;
    let canceled: Vec<JobId> =
        ended.iter().filter(|job| job.state == JobState::Canceled).map(|job| job.id).collect();
    let mut wanted = vec![held[0].id, held[1].id, waiting[0].id];
    wanted.sort_unstable();
    assert_eq!(canceled, wanted);
    let never = fleet.iter().find(|it| it.device().hostname == waiting[0].device_name).unwrap();
    assert_eq!(never.seen().connections, 0, "what waited was stopped before anybody spoke to its device");
    for job in ended.iter().filter(|job| job.state == JobState::Canceled) {
        assert!(house.versions(job.device.unwrap()).await.is_empty());
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_job_leaves_the_last_version_and_the_device_ready_for_the_next() {
    let house = House::with(Config::default(), Some(patient())).await;
    let person = house.signed_in(Role::Operator).await;
    let (id, device) = house.device(Device::new(Platform::AristaEos, "leaf")).await;
    let first = super::job_of(&ask(&person, &[id]).await);
    house.ended(&[first]).await;
    let version = house.versions(id).await.remove(0);
    device.set_faults(Fault::Stall(Stage::Command));
    let stuck = super::job_of(&ask(&person, &[id]).await);
    running(&house, 1).await;
    cancel(&person, stuck).await;
    assert_eq!(house.ended(&[stuck]).await[0].state, JobState::Canceled);
    device.set_faults(Faults::none());
    let next = super::job_of(&ask(&person, &[id]).await);
    assert_eq!(house.ended(&[next]).await[0].outcome, Some(Outcome::Unchanged));
    let versions = house.versions(id).await;
    assert_eq!((versions.len(), versions[0].id, versions[0].seen), (1, version.id, 2));
    house.close().await;
}
