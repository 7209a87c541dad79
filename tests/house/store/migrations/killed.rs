//! The real program, killed while it brings the database up: the next start finishes.

use std::{
    fs::File,
    process::{Child, Stdio},
};

use super::{FIRST, Ladder, rows, schema, steps};
use crate::support::{process::until, program::Program, second::Second};

/// Keeps every step that comes from being taken, until it is let go.
async fn hold(second: &mut Second) {
    let sql = if second.is_sqlite() {
        "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE;"
    } else {
        "BEGIN; LOCK TABLE users, devices, tags, jobs IN ACCESS EXCLUSIVE MODE;"
    };
    second.run(sql).await;
}

/// Whether the program stands in the middle of its work and waits for what is held.
async fn is_waiting(ladder: &Ladder) -> bool {
    if let Some(path) = ladder.url.strip_prefix("sqlite://") {
        // It has the lock of whoever migrates, and cannot get any further.
        return File::open(format!("{path}.lock")).is_ok_and(|file| file.try_lock().is_err());
    }
    let asked = "SELECT CAST(count(*) AS TEXT) AS value FROM pg_stat_activity \
                 WHERE wait_event_type = 'Lock' AND datname = current_database()";
    ladder.second().await.texts(asked).await != ["0"]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_killed_in_the_middle_is_finished_by_the_next_one() {
    let (whole, ladder, program) = (Ladder::new().await, Ladder::new().await, Program::new());
    for _ in steps() {
        whole.step(true).await;
    }
    for name in steps() {
        if name.starts_with(FIRST) {
            ladder.step(true).await;
        }
    }
    let mut second = ladder.second().await;
    second.run("INSERT INTO tags (id, name, created_at) VALUES (7, 'site-a', '2026-01-01 00:00:00')").await;
    let start = || {
        let mut command = program.command(&["migrate"]);
        command.env("NETRAVEN_DATABASE_URL", &ladder.url).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    hold(&mut second).await;
    let mut child: Child = start().spawn().unwrap();
    let waits = async || is_waiting(&ladder).await.then_some(());
    until(20, waits, || "the program does not migrate".to_owned()).await;
    child.kill().unwrap();
    child.wait().unwrap();
    second.run("ROLLBACK").await;
    let done = start().stderr(Stdio::piped()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(schema(&mut second).await, schema(&mut whole.second().await).await);
    let kept = rows(&mut second).await;
    assert!(kept["tags"].iter().any(|row| row.contains("site-a")), "{:?}", kept["tags"]);
}
