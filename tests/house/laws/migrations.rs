//! Migrations: the same steps for both databases, none that an old row cannot take. That the tables are equal is
//! proven against the databases themselves in `store::schema`.

use std::collections::BTreeSet;

use regex::Regex;

use crate::support::source::files;

fn steps(database: &str) -> BTreeSet<String> {
    let folder = format!("migrations/{database}");
    let names = files(&folder, ".sql").into_iter().map(|(path, text)| {
        assert!(!text.trim().is_empty(), "{path} is empty");
        path.trim_start_matches(&folder).to_owned()
    });
    names.collect()
}

#[test]
fn both_databases_take_the_same_steps_and_each_can_be_taken_back() {
    let (sqlite, postgres) = (steps("sqlite"), steps("postgres"));
    assert_eq!(sqlite, postgres);
    for step in sqlite.iter().filter(|path| path.ends_with("/up.sql")) {
        let back = step.replace("/up.sql", "/down.sql");
        assert!(sqlite.contains(&back), "{step} cannot be taken back");
    }
}

/// The step that may hold triggers, and why: they decide nothing, they refuse what no code of ours does (S-76).
const REFUSALS: &str = "_audit_append_only/up.sql";

// R-42, DESIGN 3.10: additive first, no logic in the database.
#[test]
fn no_step_demands_what_old_rows_lack_or_hides_logic_in_the_database() {
    let added = Regex::new(r"(?is)ADD\s+COLUMN[^;,]*NOT\s+NULL[^;,]*").unwrap();
    let logic = Regex::new(r"(?i)CREATE\s+(OR\s+REPLACE\s+)?(TRIGGER|FUNCTION|PROCEDURE)").unwrap();
    let writes = Regex::new(r"(?i)\b(INSERT INTO|SET \w+ *=|DELETE FROM)").unwrap();
    for (path, text) in files("migrations", "up.sql") {
        for column in added.find_iter(&text) {
            let has_default = column.as_str().to_uppercase().contains("DEFAULT");
            assert!(has_default, "{path}: {}: NOT NULL without a default", column.as_str());
        }
        assert!(path.ends_with(REFUSALS) || !logic.is_match(&text), "{path} holds logic");
        if path.ends_with(REFUSALS) {
            assert!(!writes.is_match(&text), "{path}: a trigger there may only refuse");
        }
    }
}
