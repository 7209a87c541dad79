//! Many readers of live logs: what each gets and what they cost together.

use std::{ops::Range, time::Duration};

use netraven::{
    app,
    crypt::password::Passwords,
    domain::{
        access::Role,
        entry::{Cut, Entry, Level},
        failure::{Failure, FailureClass, Stage},
        job::{Claimed, Ended},
    },
    service::{
        Core,
        capture::{self, Brought},
        queue,
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

use super::queries::{asked, count_queries};
use crate::support::{
    events::Events,
    house::{House, Visitor},
    process::until,
    stock,
};

/// Another node on the same database.
async fn node(house: &House) -> Core {
    let clock = house.clock.clone();
    app::open_with(&house.places, std::sync::Arc::new(move || clock.now()), Passwords::cheap()).await.unwrap()
}

/// Running jobs of so many devices, in the hands of a worker elsewhere.
pub async fn running(core: &Core, count: usize) -> Vec<Claimed> {
    let mut claimed = Vec::new();
    for number in 0..count {
        let device = stock::device(core, &format!("core-{number}")).await;
        claimed.push(stock::claimed(core, device).await);
    }
    claimed
}

/// Stores lines as the journal does.
pub async fn say(core: &Core, job: &Claimed, numbers: Range<i64>, text: &str) {
    let line = |seq| Entry {
        seq,
        at: core.now(),
        level: Level::Info,
        stage: None,
        text: format!("{seq} {text}"),
        was_truncated: (seq % 100 == 0).then_some(Cut::Line),
    };
    let lines: Vec<_> = numbers.map(|seq| (job.hold(), line(seq))).collect();
    queue::keep_entries(core, &lines).await.unwrap();
}

async fn end(house: &House, core: &Core, job: &Claimed) {
    let failure = Failure::new(FailureClass::Timeout, Stage::Command, "It took too long.");
    let brought = Brought {
        job,
        platform: None,
        known: None,
        ended: Ended::Failed(failure),
        lines: Vec::new(),
        duration_ms: 1,
        transcript: None,
        accepted: None,
    };
    capture::record(core, brought).await.unwrap().unwrap();
    // Its log is complete a moment later.
    house.clock.advance(2 * Duration::from_secs(1));
}

pub fn path(job: &Claimed) -> String {
    format!("/jobs/{}/events", job.id)
}

/// Reads to the end and comes back after so many lines each time, as a browser does.
async fn read_all(visitor: &Visitor, path: &str, enough: usize) -> Vec<i64> {
    let mut read: Vec<i64> = Vec::new();
    loop {
        let mut events = Events::open(visitor, path, read.last().copied()).await;
        let (lines, is_done) = events.lines(enough).await;
        read.extend(lines);
        if is_done {
            return read;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_readers_of_a_job_elsewhere_get_every_line_once_whatever_they_lose() {
    let house = House::new().await;
    let visitor = house.signed_in(Role::Viewer).await;
    let elsewhere = node(&house).await;
    let jobs = running(&elsewhere, 2).await;
    say(&elsewhere, &jobs[0], 1..250, "before anybody listened").await;
    let readers = (0..50).map(|n| {
        // Some stay, some lose the line every seventh line, every two hundredth.
        let enough = [usize::MAX, 200, 7][n % 3];
        let (visitor, path) = (&visitor, path(&jobs[usize::from(n % 5 == 0)]));
        async move { read_all(visitor, &path, enough).await }
    });
    let writing = async {
        for from in (250..1_000).step_by(30) {
            say(&elsewhere, &jobs[0], from..from + 30, "while they listen").await;
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        say(&elsewhere, &jobs[1], 1..300, "all at once").await;
        for job in &jobs {
            end(&house, &elsewhere, job).await;
        }
    };
    let (read, ()) = tokio::join!(futures_util::future::join_all(readers), writing);
    for (n, read) in read.iter().enumerate() {
        let last = if n % 5 == 0 { 299 } else { 999 };
        assert_eq!(*read, (1..=last).collect::<Vec<i64>>(), "reader {n}");
    }
    // Whoever hung up is missed when the next comment is due, at the latest.
    let left = async || (house.core.following.readers() == 0).then_some(());
    until(40, left, || format!("{} readers are not forgotten", house.core.following.readers())).await;
    house.close().await;
}

// readers do not multiply the questions to the database.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_readers_ask_the_database_no_more_often_than_one() {
    count_queries();
    let house = House::new().await;
    let visitor = house.signed_in(Role::Viewer).await;
    let jobs = running(&house.core, 6).await;
    let mut open = Vec::new();
    let mut costs = Vec::new();
    for count in [1, 60] {
        while open.len() < count {
            open.push(Events::open(&visitor, &path(&jobs[open.len() % jobs.len()]), None).await);
        }
        // What each asks for at its start is over.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = asked();
        tokio::time::sleep(Duration::from_secs(3)).await;
        costs.push(asked() - before);
    }
    println!("{costs:?} queries in 3 s with 1 and with 60 readers");
    // Ten beats of two queries, and one or two looks at the sessions.
    assert!(costs[0] >= 10, "{costs:?}: queries are not counted");
    assert!(costs[1] <= 26, "{costs:?}");
    house.close().await;
}

// a reader that takes nothing costs a bounded buffer, is cut, and comes back without gap or repetition.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_does_not_read_is_cut_and_resumes() {
    const LINES: i64 = 6_000;
    let house = House::new().await;
    let visitor = house.signed_in(Role::Viewer).await;
    let job = running(&house.core, 1).await.remove(0);
    let cookie = cookie(&house).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8 << 10).unwrap();
    let address = house.url("").trim_start_matches("http://").parse().unwrap();
    let mut slow = socket.connect(address).await.unwrap();
    let ask = format!("GET {} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n\r\n", path(&job));
    slow.write_all(ask.as_bytes()).await.unwrap();
    let mut quick = Events::open(&visitor, &path(&job), None).await;
    let here = async || (house.core.following.readers() == 2).then_some(());
    until(10, here, || "the readers are not there".to_owned()).await;
    say(&house.core, &job, 1..2, "the first").await;
    assert_eq!(quick.lines(1).await.0, [1]);
    let text = "x".repeat(4_000);
    for from in (2..LINES).step_by(500) {
        say(&house.core, &job, from..(from + 500).min(LINES + 1), &text).await;
    }
    let whole = quick.lines(usize::try_from(LINES - 1).unwrap()).await.0;
    assert_eq!(whole, (2..=LINES).collect::<Vec<_>>(), "a reader that reads is not cut");
    let mut bytes = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(30), slow.read_to_end(&mut bytes));
    let told = async {
        // The connection outlives the stream; its last chunk is what ends it.
        let _ = reading.await;
    };
    let ended = async || (house.core.following.readers() == 1).then_some(());
    tokio::join!(told, until(20, ended, || "the slow reader was not cut".to_owned()));
    let text = String::from_utf8_lossy(&bytes);
    let ids: Vec<i64> = text
        .lines()
        .filter_map(|line| line.strip_prefix("id: "))
        .map(|id| id.trim().parse().unwrap())
        .collect();
    assert!(!ids.is_empty() && ids.len() < usize::try_from(LINES).unwrap(), "{} lines", ids.len());
    assert_eq!(ids, (1..=i64::try_from(ids.len()).unwrap()).collect::<Vec<_>>());
    end(&house, &house.core, &job).await;
    let mut again = Events::open(&visitor, &path(&job), ids.last().copied()).await;
    let (rest, is_done) = again.lines(usize::MAX).await;
    assert!(is_done);
    assert_eq!(rest, (ids.last().unwrap() + 1..=LINES).collect::<Vec<_>>());
    house.close().await;
}

/// The cookie of a viewer's session, for a request by hand.
async fn cookie(house: &House) -> String {
    let visitor = house.visitor();
    let fields = [("username", "viewer"), ("password", crate::support::house::PASSWORD)];
    let reply = visitor.post("/login", &fields).await;
    reply.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}
