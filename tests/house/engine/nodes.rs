//! The real program as several processes on one database, and as one that is told to stop.

use std::{process::Command, time::Duration};

use netraven::{
    app::{self, Places},
    config::Config,
    domain::{access::Actor, node::Duty},
    service::{
        Core,
        jobs::{self, Which},
        nodes,
    },
};

use crate::support::{
    postgres,
    process::{Daemon, free_port, run, until},
    program::Program,
    sql, stock,
};

const ENDED: &str = "SELECT count(*) FROM jobs WHERE state IN ('succeeded','failed','canceled','discarded')";

fn signal(daemon: &Daemon, name: &str) {
    run(Command::new("kill").args([name, &daemon.id().to_string()]));
}

async fn gone(daemon: &mut Daemon, seconds: u64) {
    until(seconds, async || daemon.has_ended().then_some(()), || "it does not end".to_owned()).await;
}

/// The program's database, as seen by another process.
async fn beside(program: &Program, database_url: Option<&String>) -> Core {
    let config = Config { database_url: database_url.cloned(), ..Config::default() };
    app::open(&Places::new(&program.data(), &config)).await.unwrap()
}

async fn counts(core: &Core, query: &str, wanted: i64, seconds: u64) {
    let asked = async || (sql::number(core, query).await >= wanted).then_some(());
    until(seconds, asked, || format!("{query}: fewer than {wanted}")).await;
}

fn with_database<'a>(args: &[&'a str], database_url: Option<&'a String>) -> Vec<&'a str> {
    let url = database_url.map(|url| ["--database-url", url.as_str()]);
    args.iter().copied().chain(url.into_iter().flatten()).collect()
}

async fn serve(program: &Program, database_url: Option<&String>) -> (Daemon, String) {
    let url = format!("127.0.0.1:{}", free_port());
    let serve = program.start(&with_database(&["serve", "--listen", &url], database_url), "serve.log");
    let url = format!("http://{url}");
    let answers = async || reqwest::get(format!("{url}/healthz")).await.is_ok().then_some(());
    until(30, answers, || format!("no pages: {}", serve.log())).await;
    (serve, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_shares_the_work_and_takes_over_when_the_other_dies() {
    let Some(url) = postgres::database_url().await else {
        let said = Program::new().run(&["worker"]);
        return said.tells(2, &["SQLite is a file of one machine", "--database-url", "netraven serve"]);
    };
    let (first, second) = (Program::new(), Program::new());
    let url = Some(&url);
    let (_fleet, csv) = first.fleet(&["cisco_ios", "--count", "60", "--latency", "40"], "fleet").await;
    first.well(&with_database(&["device", "import", csv.to_str().unwrap()], url));
    // Without the key that opens what is there, a worker is of no use, and says how to get it.
    second.run(&with_database(&["worker"], url)).tells(2, &["master key", "copy the master.key", "0600"]);
    std::fs::create_dir_all(second.data()).unwrap();
    std::fs::copy(first.data().join("master.key"), second.data().join("master.key")).unwrap();
    let (mut serving, _) = serve(&first, url).await;
    let core = beside(&first, url).await;
    let all = i64::try_from(Duty::ALL.len()).unwrap();
    counts(&core, "SELECT count(*) FROM duties WHERE held_until > now() AT TIME ZONE 'utc'", all, 20).await;
    let mut working = second.start(&with_database(&["worker", "--concurrency", "5"], url), "worker.log");
    counts(&core, "SELECT count(*) FROM nodes", 2, 20).await;

    jobs::back_up(&core, &stock::grant(), Which::All).await.unwrap();
    counts(&core, ENDED, 60, 60).await;
    assert_eq!(
        sql::number(&core, "SELECT count(*) FROM jobs WHERE state = 'succeeded' AND attempt = 1").await,
        60
    );
    assert_eq!(sql::number(&core, "SELECT count(*) FROM backups").await, 60);
    for daemon in [&serving, &working] {
        let done = daemon.log().matches(" done ").count();
        println!("{done} jobs");
        assert!(done >= 5, "one node did it all: {}", daemon.log());
    }

    let known = async || nodes::known(&core, &Actor::console().grant().unwrap()).await.unwrap();
    let owner = known().await.nodes.iter().find(|node| node.kind.as_str() == "worker").unwrap().name.clone();
    assert!(known().await.duties.iter().all(|held| held.owner != owner), "who came second leads");
    signal(&serving, "-KILL");
    let began = std::time::Instant::now();
    serving.stop();
    let taken = async || known().await.duties.iter().all(|held| held.owner == owner).then_some(());
    until(20, taken, || "nobody takes over".to_owned()).await;
    println!("taken over after {:?}", began.elapsed());

    signal(&working, "-TERM");
    gone(&mut working, 20).await;
    let left = known().await;
    assert!(left.nodes.iter().all(|node| node.name != owner), "it has said good-bye");
    assert!(left.duties.iter().all(|held| held.held_until <= left.now), "its duties are free at once");
    assert!(working.log().contains("Stopping."), "{}", working.log());
}

// readiness says so at once, running jobs may end, what is left is given back as if it had never been taken.
#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_is_not_ready_drains_and_burns_no_attempt() {
    let (program, url) = (Program::new(), postgres::database_url().await);
    let url = url.as_ref();
    let faults = ["cisco_ios", "--count", "6", "--fault", "stall=command"];
    let (_fleet, csv) = program.fleet(&faults, "fleet").await;
    program.well(&with_database(&["device", "import", csv.to_str().unwrap()], url));
    let toml = "stop_grace_seconds = 3\nread_timeout_seconds = 90\nconcurrency = 4\n";
    std::fs::write(program.data().join("netraven.toml"), toml).unwrap();
    let (mut serving, pages) = serve(&program, url).await;
    let core = beside(&program, url).await;
    jobs::back_up(&core, &stock::grant(), Which::All).await.unwrap();
    counts(&core, "SELECT count(*) FROM jobs WHERE state = 'running'", 4, 20).await;
    let ready = async || {
        let reply = reqwest::get(format!("{pages}/readyz")).await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    };
    assert_eq!(ready().await.0, 200);
    let began = std::time::Instant::now();
    signal(&serving, "-TERM");
    let refused = async || (ready().await.0 == 503).then_some(());
    until(2, refused, || "it still says that it is ready".to_owned()).await;
    println!("not ready after {:?}", began.elapsed());
    assert!(ready().await.1.contains("running: NetRaven has been told to stop"));
    gone(&mut serving, 20).await;
    println!("gone after {:?}", began.elapsed());
    assert!(began.elapsed() > Duration::from_secs(3), "it did not wait for what ran");
    let untouched = "SELECT count(*) FROM jobs WHERE state = 'queued' AND attempt = 0";
    assert_eq!(sql::number(&core, untouched).await, 6);
    assert_eq!(sql::number(&core, "SELECT count(*) FROM nodes").await, 0);
}
