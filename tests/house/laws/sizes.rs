//! Files stay small enough to be read at one go: Rust 300 lines, templates 120.

use crate::support::source::files;

/// Files over the limit, with the size they must not grow beyond, and why they are not split.
const OVER: &[(&str, usize, &str)] = &[("src/store/schema.rs", 900, "generated: a block per table")];

#[test]
fn every_file_keeps_its_size() {
    let mut broken = Vec::new();
    let rust = ["src", "tests"].into_iter().flat_map(|folder| files(folder, ".rs"));
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
