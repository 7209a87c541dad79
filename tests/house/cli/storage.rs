//! Reading kept contents back and moving them, as scripts do it, and as it ends when somebody pulls the plug.

use std::process::Stdio;

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

use crate::support::{process::until, program::Program};

/// The lease of a process that was killed ends after two minutes; nobody has to wait for that here.
fn free_lease(program: &Program) {
    execute(program, "UPDATE storage_work SET lease_until = '2026-01-01 00:00:00'");
}

fn execute(program: &Program, sql: &str) {
    let database = program.data().join("netraven.db");
    let mut connection = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    connection.batch_execute(sql).unwrap();
}

// The real program, killed at once and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_killed_goes_on_when_it_is_asked_for_again() {
    let program = Program::new();
    let (fleet, csv) = program.fleet(&["cisco_ios", "--count", "60"], "fleet").await;
    program.well(&["device", "import", &csv.display().to_string()]);
    program.well(&["backup", "run", "--all", "--json"]);
    drop(fleet);
    let all = program.run(&["verify", "--all", "--json"]);
    assert_eq!(all.code, 0, "{all:?}");
    let count = all.json().pop().unwrap()["summary"]["checked"].as_i64().unwrap();
    assert!(count >= 60, "{all:?}");
    let folder = program.data().join("contents");
    let files = || std::fs::read_dir(&folder).map_or(0, Iterator::count);
    for round in 0..4 {
        let before = files();
        let mut child =
            program.command(&["storage", "move", "--to", "directory"]).stdout(Stdio::null()).spawn().unwrap();
        // In the middle of it: some files are there, most are not.
        until(
            30,
            async || (files() > before || child.try_wait().unwrap().is_some()).then_some(()),
            || format!("round {round}"),
        )
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
        let said = program.run(&["verify", "--all"]);
        assert_eq!(said.code, 0, "round {round}: {said:?}");
        free_lease(&program);
    }
    let said = program.run(&["storage", "move", "--to", "directory"]);
    assert_eq!(said.code, 0, "{said:?}");
    let status = program.run(&["storage", "status", "--json"]).json();
    assert_eq!(
        (status[0]["place"].as_str(), status[0]["contents"].as_i64()),
        (Some("directory"), Some(count)),
        "{status:?}"
    );
    assert_eq!(status.last().unwrap()["move"]["state"].as_str(), Some("over"), "{status:?}");
    assert_eq!(program.run(&["verify", "--all"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_ends_with_one_and_is_told_in_lines_and_words() {
    let program = Program::new();
    let (fleet, csv) = program.fleet(&["cisco_ios", "--count", "4"], "fleet").await;
    program.well(&["device", "import", &csv.display().to_string()]);
    program.well(&["backup", "run", "--all", "--json"]);
    drop(fleet);
    assert!(program.well(&["verify"]).contains("1 contents read back, of 1"), "five percent are one");
    execute(
        &program,
        "CREATE TABLE kept AS SELECT * FROM contents; \
        UPDATE contents SET sealed = x'00' WHERE sha256 IN (SELECT sha256 FROM contents ORDER BY sha256 LIMIT 3)",
    );
    let said = program.run(&["verify", "--all", "--json"]);
    let lines = said.json();
    assert_eq!((said.code, lines.len()), (1, 4), "{said:?}");
    assert!(lines[..3].iter().all(|line| line["damaged"] == true && line["reason"].is_string()), "{said:?}");
    let summary = &lines[3]["summary"];
    assert_eq!((summary["damaged"].as_i64(), summary["complete"].as_bool()), (Some(3), Some(true)));
    assert_eq!(summary["checked"], summary["total"]);
    assert!(program.run(&["storage", "status"]).out.contains("3 damaged"));
    execute(
        &program,
        "UPDATE contents SET sealed = (SELECT k.sealed FROM kept k WHERE k.sha256 = contents.sha256); DROP TABLE kept",
    );
    assert!(program.well(&["verify", "--all"]).contains("3 were damaged before and are whole again"));
    program.well(&["verify", "--sample", "50", "--max-duration", "1h"]);
    for wrong in
        [&["verify", "--sample", "0"][..], &["verify", "--max-duration", "soon"], &["storage", "move"]]
    {
        assert_eq!(program.run(wrong).code, 2, "{wrong:?}");
    }
    program.run(&["storage", "move", "--to", "s3"]).tells(2, &["bucket", "access key"]);
}
