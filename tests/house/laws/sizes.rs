//! Files stay small enough to be read at one go: Rust 300 lines, templates 120.

use crate::support::source::files;

/// Files over the limit, with the size they must not grow beyond, and why they are not split.
const OVER: &[(&str, usize, &str)] = &[
    (
        "src/cli/backup.rs",
        360,
        "one command with its JSON lines; splits when batches get a module",
    ),
    (
        "src/domain/device.rs",
        340,
        "a third is the table of cases that proves its parsers",
    ),
    (
        "src/service/capture.rs",
        350,
        "one transaction told from begin to end",
    ),
    (
        "src/service/import.rs",
        350,
        "one pass over a file; its error texts take the room",
    ),
    (
        "src/store/db.rs",
        330,
        "pools, guard and spawner share private types",
    ),
    (
        "src/store/devices.rs",
        430,
        "one table; the two-database list macro takes the room",
    ),
    (
        "src/store/jobs.rs",
        370,
        "one table; the two-database list macro takes the room",
    ),
    (
        "src/web/pages/devices/list.rs",
        310,
        "list, filters and their links",
    ),
    (
        "src/web/pages/schedules/form.rs",
        310,
        "form, edit and delete of one subject",
    ),
];

#[test]
fn every_file_keeps_its_size() {
    let mut broken = Vec::new();
    let rust = ["src", "tests"]
        .into_iter()
        .flat_map(|folder| files(folder, ".rs"));
    for (path, limit, text) in rust
        .map(|(path, text)| (path, 300, text))
        .chain(files("templates", ".html").into_iter().map(|(p, t)| (p, 120, t)))
    {
        let lines = text.lines().count();
        match OVER.iter().find(|(name, ..)| *name == path) {
            Some((_, most, why)) if lines > limit => {
                println!("over the limit: {path}, {lines} lines: {why}");
                if lines > *most {
                    broken.push(format!("{path} has {lines} lines and grew beyond {most}"));
                }
            }
            Some(_) => println!("{path} is within the limit again: take it from the list"),
            None if lines > limit => broken.push(format!("{path} has {lines} lines, over {limit}")),
            None => {}
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
