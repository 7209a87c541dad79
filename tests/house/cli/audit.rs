//! `netraven audit verify`.

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

use crate::support::program::Program;

#[test]
fn a_trail_that_was_tampered_with_ends_with_exit_code_1_and_the_first_bad_number() {
    let program = Program::new();
    for name in ["anna", "bert", "carla"] {
        program.well(&["user", "add", name, "--role", "viewer"]);
    }
    let said = program.well(&["audit", "verify"]);
    assert!(said.contains("3 lines of the chain checked"), "{said}");
    let well = program.run(&["audit", "verify", "--json"]);
    assert_eq!((well.code, &well.json()[0]["ok"], &well.json()[0]["lines"]), (0, &true.into(), &3.into()));
    let path = program.data().join("netraven.db");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let edit =
        "DROP TRIGGER audit_events_no_update; UPDATE audit_events SET object = 'mallory' WHERE seq = 2";
    conn.batch_execute(edit).unwrap();
    drop(conn);
    program.run(&["audit", "verify"]).tells(1, &["not as it was written", "line 2 was changed"]);
    let bad = program.run(&["audit", "verify", "--json"]);
    assert_eq!((bad.code, &bad.json()[0]["ok"], &bad.json()[0]["first_bad"]), (1, &false.into(), &2.into()));
}
