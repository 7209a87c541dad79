//! The real program, killed in the middle of its work and started again (R-01, short).

use std::process::Command;

use crate::support::{
    process::{Daemon, run, until},
    program::Program,
};

/// What a query on the database says, one line for each row.
fn sql(program: &Program, query: &str) -> String {
    let file = program.data().join("netraven.db");
    let script = "import sqlite3,sys\nfor r in sqlite3.connect('file:'+sys.argv[1]+'?mode=ro',uri=True,timeout=10).execute(sys.argv[2]): print(*r)";
    run(Command::new("python3").args(["-c", script]).arg(file).arg(query))
        .trim()
        .to_owned()
}

fn serve(program: &Program, log: &str) -> Daemon {
    program.start(&["serve", "--listen", "127.0.0.1:0"], log)
}

/// Asks until the query says this.
async fn says(program: &Program, query: &str, wanted: impl Fn(&str) -> bool, seconds: u64) {
    let asked = async || wanted(&sql(program, query)).then_some(());
    until(seconds, asked, || format!("{query}: {}", sql(program, query))).await;
}

fn kill(daemon: &mut Daemon) {
    run(Command::new("kill").args(["-KILL", &daemon.id().to_string()]));
    daemon.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_three_times_during_a_batch_every_job_ends_and_no_version_is_doubled() {
    const DEVICES: usize = 60;
    let program = Program::new();
    let (_fleet, csv) = program
        .fleet(&["cisco_ios", "--count", "60", "--latency", "60"], "fleet")
        .await;
    program.well(&["device", "import", csv.to_str().unwrap()]);
    std::fs::write(program.data().join("netraven.toml"), "concurrency = 6\n").unwrap();
    let mut asker = Command::new(crate::support::program::NETRAVEN)
        .args(["backup", "run", "--all"])
        .arg("--data-dir")
        .arg(program.data())
        .args(["--concurrency", "6"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let ended = "SELECT count(*) FROM jobs WHERE state IN ('succeeded','failed','canceled','discarded')";
    let reached = |count: usize| move |text: &str| text.parse::<usize>().unwrap_or(0) >= count;
    says(&program, ended, reached(8), 30).await;
    asker.kill().unwrap();
    asker.wait().unwrap();
    for (n, count) in [18, 28].into_iter().enumerate() {
        let mut house = serve(&program, &format!("serve-{n}.log"));
        says(&program, ended, reached(count), 30).await;
        kill(&mut house);
    }
    let left = sql(&program, "SELECT count(*) FROM jobs WHERE state = 'running'");
    assert_ne!(left, "0", "nothing was interrupted");
    // What the dead held is free when its lease of a minute is over.
    let mut house = serve(&program, "serve-last.log");
    says(&program, ended, reached(DEVICES), 110).await;
    house.stop();
    assert_eq!(
        sql(&program, "SELECT state, count(*) FROM jobs GROUP BY state"),
        format!("succeeded {DEVICES}")
    );
    let doubled = "SELECT device_id, count(*) FROM backups GROUP BY device_id HAVING count(*) > 1";
    assert_eq!(sql(&program, doubled), "");
    assert_eq!(sql(&program, "SELECT count(*) FROM backups"), DEVICES.to_string());
    assert_eq!(sql(&program, "PRAGMA integrity_check"), "ok");
    assert_eq!(sql(&program, "PRAGMA foreign_key_check"), "");
    let interrupted = sql(&program, "SELECT count(*) FROM jobs WHERE attempt > 1");
    assert_eq!(
        interrupted,
        sql(
            &program,
            "SELECT count(DISTINCT job_id) FROM entries WHERE text LIKE '%interrupted%'"
        )
    );
    // And every version still reads back as what it was.
    for line in program
        .run(&["backup", "list", "sim-cisco-ios-7", "--json"])
        .json()
    {
        let raw = program.run(&["backup", "show", "sim-cisco-ios-7", "--raw"]);
        assert_eq!(
            Some(netraven::crypt::token::sha256(&raw.bytes).as_str()),
            line["sha256"].as_str()
        );
    }
}
