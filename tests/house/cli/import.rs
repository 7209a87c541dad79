//! `device import`: everything that is wrong, by line, field, value and remedy; all or nothing.

use std::fs;

use crate::support::program::Program;

const HEADER: &str =
    "hostname,address,port,platform,transport,username,password,enable_password,tags,description\n";

fn names(program: &Program) -> Vec<String> {
    let said = program.run(&["device", "list", "--json"]);
    said.json().iter().map(|line| line["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_fault_is_told_by_line_field_value_and_remedy_and_nothing_is_imported() {
    let program = Program::new();
    let file = program.file("bad.csv");
    let path = file.display().to_string();
    let rows = "good,192.0.2.1,22,cisco_ios,ssh,u,Geh31m-Wort,,,\n\
                r2,192.0.2.2,99999,cisco_ios,ssh,u,p,,,\n\
                r3,192.0.2.3,22,cisco_isо,ssh,u,p,,,\n\
                GOOD,192.0.2.4,22,frr,ssh,u,p,,,\n\
                r5,192.0.2.5\n\
                ,192.0.2.6,22,frr,ssh,u,p,,,\n";
    fs::write(&file, format!("{HEADER}{rows}")).unwrap();
    for dry in [true, false] {
        let mut args = vec!["device", "import", &path, "--json"];
        if dry {
            args.push("--dry-run");
        }
        let said = program.run(&args);
        assert_eq!(said.code, 1, "{said:?}");
        let mut lines = said.json();
        let summary = lines.pop().unwrap();
        assert_eq!(summary, serde_json::json!({"devices": 0, "dry_run": dry, "errors": lines.len()}));
        for wanted in [
            (3, "port", "99999"),
            (4, "platform", "cisco_isо"),
            (5, "hostname", "GOOD"),
            (6, "line", ""),
            (7, "hostname", ""),
        ] {
            let (number, field, value) = wanted;
            let found = lines.iter().find(|line| line["line"] == number && line["field"] == field);
            let found = found.unwrap_or_else(|| panic!("{wanted:?} is not told in {lines:#?}"));
            assert_eq!(found["value"], value, "{found}");
            assert!(found["message"].as_str().unwrap().len() > 10, "{found}");
        }
        assert_eq!(names(&program), Vec::<String>::new(), "something was imported");
    }
    let said = program.run(&["device", "import", &path]);
    assert!(said.out.is_empty(), "{said:?}");
    assert!(said.errors.contains("line 3, port \"99999\": "), "{said:?}");
    assert!(!said.errors.contains("Geh31m-Wort"), "{said:?}");
}

#[test]
fn a_wrong_column_and_a_missing_one_are_told() {
    let program = Program::new();
    let file = program.file("bad.csv");
    let path = file.display().to_string();
    fs::write(&file, "hostname,adress,platform\nr1,192.0.2.1,frr\n").unwrap();
    let said = program.run(&["device", "import", &path]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.errors.contains("\"adress\": This column is not known"), "{said:?}");
    assert!(said.errors.contains("The column address is missing"), "{said:?}");
    program.run(&["device", "import", "/nowhere.csv"]).tells(2, &["/nowhere.csv"]);
}

#[test]
fn a_dry_run_counts_and_changes_nothing() {
    let program = Program::new();
    let file = program.file("good.csv");
    let path = file.display().to_string();
    // With what spreadsheets write: a byte order mark, CR LF, other order, quotes.
    fs::write(
        &file,
        "\u{feff}platform,hostname,address,tags\r\nfrr,r1,192.0.2.1,\"core;fra\"\r\nlinux,r2,r2.example,\r\n",
    )
    .unwrap();
    assert_eq!(
        program.well(&["device", "import", &path, "--dry-run"]),
        "2 devices would be added, 0 changed, 0 are so already; nothing was changed.\n"
    );
    let said = program.run(&["device", "import", &path, "--dry-run", "--json"]);
    assert_eq!(
        said.json(),
        [serde_json::json!({
            "devices": 2, "added": 2, "changed": 0, "unchanged": 0, "dry_run": true, "errors": 0,
        })]
    );
    assert_eq!(names(&program), Vec::<String>::new());
    assert_eq!(
        program.well(&["device", "import", &path]),
        "2 devices were added, 0 changed, 0 are so already.\n"
    );
    assert_eq!(names(&program), ["r1", "r2"]);
    fs::write(&file, "hostname,address,platform\nr1,192.0.2.9,frr\nr2,r2.example,linux\n").unwrap();
    let again = program.well(&["device", "import", &path]);
    assert_eq!(again, "0 devices were added, 1 changed, 1 are so already.\n");
}
