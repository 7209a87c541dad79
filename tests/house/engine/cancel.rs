//! Canceling: what waits ends at once, what runs lets go of its device within seconds.

use std::time::{Duration, Instant};

use netraven::{
    config::Config,
    domain::{
        access::{Role, ViewDevices},
        id::{BatchId, JobId},
        job::{JobFilter, JobState},
        page::PageRequest,
    },
    engine::Options,
    service::jobs::{self, Which},
    simulate::{Device, Fault, Platform, Running},
};
use reqwest::StatusCode;

use crate::support::{
    fleet::patient,
    house::{House, Visitor},
    process::until,
};

/// How many run at once; the others wait.
const AT_ONCE: usize = 4;

struct Hanging {
    house: House,
    fleet: Vec<Running>,
    batch: BatchId,
    jobs: Vec<JobId>,
    operator: Visitor,
}

impl Hanging {
    /// Ten devices that stop answering in different stages; four of them are being talked to, the others wait.
    async fn new() -> Self {
        let options = Options { concurrency: Some(AT_ONCE), ..patient() };
        let house = House::with(Config::default(), Some(options)).await;
        let stages = ["banner", "auth", "prompt", "command"];
        let wanted = (0..10).map(|number| {
            let fault: Fault = format!("stall={}", stages[number % stages.len()]).parse().unwrap();
            Device::new(Platform::CiscoIos, &format!("hung-{number}")).with_faults(fault)
        });
        let (ids, fleet) = house.fleet(wanted).await;
        let operator = house.signed_in(Role::Operator).await;
        let started = jobs::back_up(&house.core, &house.grant(), Which::These(ids)).await.unwrap().unwrap();
        let ids = started.jobs.iter().map(|(job, _)| *job).collect();
        let hanging = Self { house, fleet, batch: started.batch, jobs: ids, operator };
        let open = async || (hanging.open() == 4).then_some(());
        until(20, open, || format!("{} connections are open", hanging.open())).await;
        hanging
    }

    /// Connections that are open at the devices' side. The kernel is asked: a device that hangs while it checks a
    /// password does not look at its socket.
    fn open(&self) -> usize {
        self.fleet.iter().map(open).sum()
    }

    async fn in_state(&self, state: JobState) -> i64 {
        let filter = JobFilter { batch: Some(self.batch), state: Some(state), ..JobFilter::default() };
        let by = self.house.grant::<ViewDevices>();
        jobs::list(&self.house.core, &by, &filter, PageRequest::first(1)).await.unwrap().total
    }
}

/// The connections of a device whose other side has not hung up.
fn open(device: &Running) -> usize {
    const ESTABLISHED: &str = "01";
    let port = format!(":{:04X}", device.address().port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let is_open = |line: &&str| {
        let mut words = line.split_whitespace().skip(1);
        words.next().is_some_and(|local| local.ends_with(&port)) && words.nth(1) == Some(ESTABLISHED)
    };
    table.lines().filter(is_open).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_batch_closes_its_sockets_within_five_seconds() {
    let hanging = Hanging::new().await;
    let path = format!("/batches/{}/cancel", hanging.batch);
    let asks = hanging.operator.page(&path).await;
    for told in ["6 jobs that wait", "4 jobs that run", "0 jobs that are over"] {
        assert!(asks.contains(told), "{told} is not in {asks}");
    }
    assert_eq!(hanging.open(), 4, "the question stops nothing");
    let began = Instant::now();
    let reply = hanging.operator.post(&path, &[]).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
    assert_eq!(hanging.in_state(JobState::Canceled).await, 6, "what waits ends at once");
    let closed = async || (hanging.open() == 0).then_some(());
    until(10, closed, || format!("{} connections are still open", hanging.open())).await;
    let took = began.elapsed();
    println!("the last socket was closed after {took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    let ended = hanging.house.ended(&hanging.jobs).await;
    assert!(ended.iter().all(|job| job.state == JobState::Canceled), "{ended:?}");
    let connections: u64 = hanging.fleet.iter().map(|device| device.seen().connections).sum();
    assert_eq!(connections, 4, "nobody was called who had waited");
    let text = hanging.operator.page(&format!("/batches/{}", hanging.batch)).await;
    assert!(text.contains("10 of 10 finished") && text.contains("Canceled"), "{text}");
    hanging.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_job_closes_its_socket_and_the_others_go_on() {
    let hanging = Hanging::new().await;
    let first = hanging.jobs[0];
    let began = Instant::now();
    hanging.operator.post(&format!("/jobs/{first}/cancel"), &[]).await;
    let closed = async || (open(&hanging.fleet[0]) == 0).then_some(());
    until(10, closed, || "its connection is still open".to_owned()).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(hanging.house.ended(&[first]).await[0].state, JobState::Canceled);
    // Its place goes to one that waited.
    let next = async || (hanging.open() == 4).then_some(());
    until(10, next, || format!("{} connections are open", hanging.open())).await;
    assert_eq!(hanging.in_state(JobState::Failed).await, 0);
    let stop = format!("/batches/{}/cancel", hanging.batch);
    hanging.operator.post(&stop, &[]).await;
    hanging.house.close().await;
}
