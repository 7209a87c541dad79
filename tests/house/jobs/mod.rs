//! The life of a backup job, one scenario or two for each side of it, from the front door to the device and back: asked
//! for on a page or by a schedule, worked off by a running engine, looked at through the same use cases as the pages.
//! What a single part does in detail is proven beside that part.

mod cancel;
mod errors;
mod execute;
mod many_at_once;
mod periodic;
mod schedule;
mod storage;

use std::time::Duration;

use netraven::{
    config::Config,
    domain::{
        access::ViewDevices,
        id::{DeviceId, JobId},
        job::{Job, JobFilter, JobState},
        page::PageRequest,
    },
    engine::Options,
    service::jobs,
    simulate::{Device, Platform},
};
use reqwest::StatusCode;

use crate::support::{
    fleet::patient,
    house::{House, Visitor},
    process::until,
};

/// A house that plans and works, with patience.
async fn open_house() -> House {
    House::with(Config::default(), Some(Options { is_planning: true, ..patient() })).await
}

/// A well device of each platform in turn.
fn well(count: usize) -> impl Iterator<Item = Device> {
    (0..count).map(|n| Device::new(Platform::ALL[n % Platform::ALL.len()], &format!("dev-{n}")))
}

/// The device with this much time before every answer.
fn slow(device: Device, latency: u64) -> Device {
    Device { latency: Duration::from_millis(latency), ..device }
}

/// All jobs that match, the oldest first.
async fn all_jobs(house: &House, filter: &JobFilter) -> Vec<Job> {
    let by = house.grant::<ViewDevices>();
    let mut rows = jobs::list(&house.core, &by, filter, PageRequest::first(5_000)).await.unwrap().rows;
    rows.reverse();
    rows
}

/// Waits until there are so many jobs and all of them are over; gives them, the oldest first.
async fn over(house: &House, count: usize) -> Vec<Job> {
    let ended = async || {
        let all = all_jobs(house, &JobFilter::default()).await;
        let over = all.iter().filter(|job| job.finished_at.is_some()).count();
        (all.len() == count && over == count).then_some(all)
    };
    until(60, ended, || format!("there are no {count} jobs that are over")).await
}

/// Waits until so many jobs run.
async fn running(house: &House, count: usize) -> Vec<Job> {
    let filter = JobFilter { state: Some(JobState::Running), ..JobFilter::default() };
    let all = async || Some(all_jobs(house, &filter).await).filter(|jobs| jobs.len() == count);
    until(60, all, || format!("{count} jobs do not run")).await
}

/// Asks on the page for backups of these devices; gives where it led.
async fn ask(person: &Visitor, devices: &[DeviceId]) -> String {
    let ids: Vec<String> = devices.iter().map(ToString::to_string).collect();
    let fields: Vec<(&str, &str)> = ids.iter().map(|id| ("devices", id.as_str())).collect();
    let reply = person.post("/backups/run", &fields).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
    reply.headers()["location"].to_str().unwrap().to_owned()
}

/// The job whose page this is.
fn job_of(place: &str) -> JobId {
    JobId(place.strip_prefix("/jobs/").and_then(|rest| rest.split('?').next()?.parse().ok()).expect(place))
}
