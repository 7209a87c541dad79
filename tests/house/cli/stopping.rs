//! Stopping the real program: readers are told at once, and whoever insists is obeyed at once.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use reqwest::StatusCode;

use crate::support::{
    events::Events,
    house::{PASSWORD, Visitor},
    process::{Daemon, run, until},
    program::Program,
};

fn terminate(daemon: &Daemon) {
    run(Command::new("kill").args(["-TERM", &daemon.id().to_string()]));
}

/// A program at work on a device that never answers, and somebody who reads the job's log.
async fn at_work(program: &Program) -> (Daemon, Daemon, Visitor) {
    let (fleet, csv) =
        program.fleet(&["cisco_ios", "--count", "1", "--fault", "stall=command"], "fleet").await;
    program.well(&["device", "import", csv.to_str().unwrap()]);
    let add = ["user", "add", "olga", "--role", "operator", "--password-stdin"];
    let added = program.run_with(&add, PASSWORD);
    assert_eq!(added.code, 0, "{added:?}");
    let house = program.start(&["serve", "--listen", "127.0.0.1:0"], "serve.log");
    let served = async || {
        let log = house.log();
        let rest = log.split_once("NetRaven serves ")?.1;
        rest.split_once('\n').map(|(base, _)| base.trim().to_owned())
    };
    let base = until(20, served, || house.log()).await;
    let visitor = Visitor::at(&base);
    let reply = visitor.post("/login", &[("username", "olga"), ("password", PASSWORD)]).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
    let reply = visitor.post("/backups/run", &[("which", "all")]).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
    let running = async || visitor.page("/jobs?state=running").await.contains("sim-").then_some(());
    until(20, running, || house.log()).await;
    (fleet, house, visitor)
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_are_told_at_once_and_a_second_signal_ends_the_program() {
    let program = Program::new();
    let (_fleet, mut house, visitor) = at_work(&program).await;
    let mut events = Events::open(&visitor, "/jobs/1/events", None).await;
    assert_eq!(events.next().await.unwrap().name, "line");
    let began = Instant::now();
    terminate(&house);
    let last = loop {
        match events.next().await {
            Some(event) if event.name == "line" => {}
            Some(event) => break event,
            None => panic!("the stream ended without a word: {}", house.log()),
        }
    };
    assert_eq!(last.name, "server-restarting");
    assert_eq!(events.next().await, None, "and that was all");
    assert!(began.elapsed() < Duration::from_secs(2), "told after {:?}", began.elapsed());
    // The job may finish for half a minute; nobody has to wait for that.
    assert!(!house.has_ended(), "it drains: {}", house.log());
    let began = Instant::now();
    terminate(&house);
    let mut ended = async || house.has_ended().then_some(());
    until(5, &mut ended, || "it did not end".to_owned()).await;
    assert!(began.elapsed() < Duration::from_secs(1), "ended after {:?}", began.elapsed());
    assert!(house.log().contains("told to stop a second time"), "{}", house.log());
}
