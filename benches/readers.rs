//! What readers of live logs cost: the memory of one process before and while 500 people follow running jobs.
//!
//! `cargo bench --bench readers [-- READERS [SECONDS]]` starts a house in a process of its own, in which jobs say a
//! line twice a second, opens the streams, reads them for a while, and prints the resident memory and what arrived. Once
//! all follow one job, once each another, and once each another without taking anything. Budget: 100 MB for 500.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot run should say so and stop"
)]

#[path = "../tests/house/support/sql.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod sql;
#[path = "../tests/house/support/stock.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod stock;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use netraven::{
    app::{self, House, Places},
    config::Config,
    domain::{
        access::Role,
        entry::{Entry, Level},
        secret::Secret,
        user::NewUser,
    },
    service::{
        jobs::{self, Which},
        queue, users,
    },
};
use reqwest::{Client, Response, redirect::Policy};

const PASSWORD: &str = "correct horse battery staple";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, folder, jobs] = arguments.as_slice()
        && word == "house"
    {
        return serve(Path::new(folder), jobs.parse().unwrap()).await;
    }
    let number =
        |at: usize, usual: usize| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (readers, seconds) = (number(0, 500), number(1, 20));
    println!("| readers | of | memory before | with them | more | lines to each |");
    println!("|--:|---|--:|--:|--:|--:|");
    for (name, jobs, reads) in
        [("one job", 1, true), ("a job each", readers, true), ("a job each, taking nothing", readers, false)]
    {
        let folder = tempfile::tempdir().unwrap();
        let (house, base) = start(folder.path(), jobs);
        let client = sign_in(&base).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let before = memory(house.0.id());
        let lines = Arc::new(AtomicUsize::new(0));
        let mut idle: Vec<Response> = Vec::new();
        for reader in 0..readers {
            let url = format!("{base}/jobs/{}/events", reader % jobs + 1);
            let reply = client.get(url).send().await.unwrap();
            assert!(reply.status().is_success(), "{}", reply.status());
            if reads {
                tokio::spawn(read(reply, lines.clone()));
            } else {
                idle.push(reply);
            }
        }
        let seconds = u64::try_from(seconds).unwrap();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let with = memory(house.0.id());
        println!(
            "| {readers} | {name} | {} MB | {} MB | {} MB | {} |",
            before / 1024,
            with / 1024,
            with.saturating_sub(before) / 1024,
            lines.load(Ordering::Relaxed) / readers
        );
    }
}

async fn read(reply: Response, lines: Arc<AtomicUsize>) {
    let mut bytes = reply.bytes_stream();
    while let Some(Ok(piece)) = bytes.next().await {
        let came = String::from_utf8_lossy(&piece).matches("event: line").count();
        lines.fetch_add(came, Ordering::Relaxed);
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(folder: &Path, jobs: usize) -> (Running, String) {
    let mut child = Command::new(env::current_exe().unwrap())
        .arg("house")
        .arg(folder)
        .arg(jobs.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Running(child), line.trim().to_owned())
}

/// Resident memory of a process, in KB.
fn memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn sign_in(base: &str) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap();
    let page = client.get(format!("{base}/login")).send().await.unwrap().text().await.unwrap();
    let token = page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap();
    let form = [("csrf", token), ("username", "viewer"), ("password", PASSWORD)];
    let reply = client.post(format!("{base}/login")).form(&form).send().await.unwrap();
    assert_eq!(reply.status(), 303);
    client
}

/// A house with so many running jobs that say a line twice a second.
async fn serve(folder: &Path, count: usize) {
    let config = Config { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Config::default() };
    let core = app::open(&Places::new(folder, &config)).await.unwrap();
    let viewer = NewUser::new("viewer".parse().unwrap(), Role::Viewer, Secret::new(PASSWORD));
    users::create(&core, &stock::grant(), viewer).await.unwrap();
    for number in 0..count {
        stock::device(&core, &format!("core-{number}")).await;
    }
    jobs::back_up(&core, &stock::grant(), Which::All).await.unwrap();
    let held = stock::claim(&core, "bench", i64::try_from(count).unwrap()).await;
    assert_eq!(held.len(), count);
    let house = House::start(core.clone(), &config, None).await.unwrap();
    println!("http://{}", house.address());
    let mut beat = tokio::time::interval(Duration::from_millis(500));
    for seq in 1.. {
        beat.tick().await;
        let line = Entry {
            seq,
            at: core.now(),
            level: Level::Info,
            stage: None,
            text: format!("Line {seq} of what a job says while it works on its device."),
            was_truncated: None,
        };
        let lines: Vec<_> = held.iter().map(|job| (job.hold(), line.clone())).collect();
        queue::keep_entries(&core, &lines).await.unwrap();
    }
}
