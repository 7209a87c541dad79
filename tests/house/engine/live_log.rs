//! The live log: lines in order, without gaps, from wherever a reader comes back.

use std::time::Duration;

use futures_util::StreamExt;
use netraven::{
    domain::{
        access::{Role, ViewDevices},
        entry::Entry,
        id::JobId,
    },
    engine::Engine,
    service::jobs,
    simulate::{Device, Platform},
};

use crate::support::{
    fleet::patient,
    house::{House, Visitor},
    process::until,
};

/// A device that takes a while, and its job, under way.
async fn under_way(house: &House) -> (JobId, Engine, netraven::simulate::Running) {
    let mut device = Device::new(Platform::CiscoIos, "slow");
    device.latency = Duration::from_millis(150);
    let (ids, mut fleet) = house.fleet([device]).await;
    let which = jobs::Which::These(ids);
    let started = jobs::back_up(&house.core, &house.grant(), which)
        .await
        .unwrap()
        .unwrap();
    let engine = Engine::start(house.core.clone(), patient()).await.unwrap();
    (started.jobs[0].0, engine, fleet.remove(0))
}

async fn after(house: &House, job: JobId, seq: i64) -> Vec<Entry> {
    jobs::entries(&house.core, &house.grant::<ViewDevices>(), job, (seq, 1000))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_stored_while_the_job_runs_in_order_and_without_gaps() {
    let house = House::new().await;
    let (job, engine, _device) = under_way(&house).await;
    let (mut read, mut looks) = (Vec::<Entry>::new(), 0);
    let follow = async || {
        let over = !jobs::over(&house.core, &house.grant(), &[job])
            .await
            .unwrap()
            .is_empty();
        let fresh = after(&house, job, read.last().map_or(0, |entry| entry.seq)).await;
        looks += usize::from(!fresh.is_empty());
        read.extend(fresh);
        over.then_some(())
    };
    until(30, follow, || "the job does not end".to_owned()).await;
    read.extend(after(&house, job, read.last().unwrap().seq).await);
    let whole = house.log(job).await;
    assert_eq!(read, whole, "read live, and read afterwards");
    assert!(looks > 2, "everything came at once, in {looks} looks");
    let numbers: Vec<i64> = whole.iter().map(|entry| entry.seq).collect();
    assert_eq!(
        numbers,
        (1..=i64::try_from(whole.len()).unwrap()).collect::<Vec<_>>()
    );
    for seq in 0..=i64::try_from(whole.len()).unwrap() {
        assert_eq!(
            after(&house, job, seq).await,
            whole[usize::try_from(seq).unwrap()..],
            "from {seq}"
        );
    }
    engine.stop().await;
    house.close().await;
}

/// Follows the events from behind `last` until `enough` lines came, or the end; gives ids and whether it was the end.
async fn follow(visitor: &Visitor, path: &str, last: Option<i64>, enough: usize) -> (Vec<i64>, bool) {
    let mut request = visitor.client().get(path);
    if let Some(last) = last {
        request = request.header("Last-Event-ID", last.to_string());
    }
    let reply = request.send().await.unwrap();
    assert_eq!(reply.status(), 200);
    assert!(
        reply.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/event-stream")
    );
    let (mut text, mut stream) = (String::new(), reply.bytes_stream());
    loop {
        let whole = text.rfind("\n\n").map_or("", |end| &text[..end]);
        let ids: Vec<i64> = whole
            .lines()
            .filter_map(|line| line.strip_prefix("id:"))
            .map(|id| id.trim().parse().unwrap())
            .collect();
        let done = whole
            .lines()
            .any(|line| line.trim_end() == "event: done" || line.trim_end() == "event:done");
        if done || ids.len() >= enough {
            return (ids, done);
        }
        let piece = tokio::time::timeout(Duration::from_secs(30), stream.next())
            .await
            .expect("silence");
        match piece {
            Some(piece) => text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap()),
            None => panic!("the stream ended without `done`: {text}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_comes_back_misses_and_repeats_nothing() {
    let house = House::new().await;
    let visitor = house.signed_in(Role::Viewer).await;
    let (job, engine, _device) = under_way(&house).await;
    let path = house.url(&format!("/jobs/{job}/events"));
    let mut seen: Vec<i64> = Vec::new();
    let mut visits = 0;
    let reading = async {
        loop {
            let (ids, done) = follow(&visitor, &path, seen.last().copied(), 3).await;
            seen.extend(ids);
            visits += 1;
            if done {
                break;
            }
        }
    };
    // The stream stays open a while behind the job's end, by a clock that stands still here.
    let later = async {
        house.ended(&[job]).await;
        house.clock.advance(Duration::from_secs(60));
    };
    tokio::join!(reading, later);
    let whole: Vec<i64> = house.log(job).await.iter().map(|entry| entry.seq).collect();
    // A piece may hold more lines than were waited for, never others.
    assert_eq!(seen, whole);
    assert!(visits > 2, "{visits} visits for {whole:?}");
    for from in [0, whole.len() - 1, whole.len()] {
        let last = i64::try_from(from).unwrap();
        let (ids, done) = follow(&visitor, &path, (last > 0).then_some(last), 1000).await;
        assert_eq!((ids.as_slice(), done), (&whole[from..], true), "from {last}");
    }
    engine.stop().await;
    house.close().await;
}
