//! `netraven settings`.

use crate::support::program::Program;

const JOBS: &str = "system.jobs.max_concurrent_jobs";
const PASSWORD: &str = "notification.email.smtp_password";

#[test]
fn settings_are_listed_read_changed_and_put_back() {
    let program = Program::new();
    let list = program.run(&["settings", "list", "--json"]);
    assert_eq!(list.json().len(), netraven::domain::setting::SETTINGS.len());
    assert_eq!(program.well(&["settings", "get", JOBS]), "5\n");
    assert_eq!(program.well(&["settings", "set", JOBS, "9"]), format!("{JOBS}: 5 is now 9\n"));
    assert_eq!(program.well(&["settings", "set", JOBS, "9"]), format!("{JOBS} is so already.\n"));
    assert_eq!(program.well(&["settings", "get", JOBS]), "9\n");
    assert!(program.well(&["settings", "list"]).contains("9  (changed)"));
    program.run(&["settings", "set", JOBS, "none"]).tells(2, &[JOBS, "from 1 to 5000"]);
    program.run(&["settings", "set", "no.such", "1"]).tells(2, &["no.such", "netraven settings list"]);
    program.run(&["settings", "get", "no.such"]).tells(2, &["no.such"]);
    assert_eq!(program.run(&["settings", "set", JOBS]).code, 2);
    assert_eq!(program.run(&["settings", "reset"]).code, 2);
    assert_eq!(program.run(&["settings", "reset", JOBS, "--all"]).code, 2);
    assert_eq!(program.well(&["settings", "reset", JOBS]), format!("{JOBS}: 9 is now 5\n"));
    assert!(program.well(&["settings", "reset", "--all"]).contains("default already"));
}

#[test]
fn secrets_come_from_standard_input_and_are_never_printed() {
    let program = Program::new();
    program.run(&["settings", "set", PASSWORD, "Geh31mnis"]).tells(2, &["--stdin"]);
    let said = program.run_with(&["settings", "set", PASSWORD, "--stdin"], "Geh31mnis\n");
    assert_eq!(said.code, 0, "{said:?}");
    let list = program.run(&["settings", "list", "--json"]);
    let get = program.well(&["settings", "get", PASSWORD]);
    assert_eq!(get, "(set)\n");
    for text in [&said.out, &said.errors, &list.out, &list.errors] {
        assert!(!text.contains("Geh31mnis"), "{text}");
    }
    let line = list.json().into_iter().find(|line| line["key"] == PASSWORD).unwrap();
    assert_eq!((&line["value"], &line["set"]), (&serde_json::Value::Null, &true.into()));
}
