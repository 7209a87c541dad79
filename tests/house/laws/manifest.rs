//! What `Cargo.toml` promises.

use regex::Regex;

use crate::support::source::{code, files, text};

#[test]
fn unsafe_code_is_forbidden_and_lints_are_on() {
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let lints = |group: &str| manifest["lints"][group].as_table().unwrap().clone();
    assert_eq!(lints("rust")["unsafe_code"].as_str(), Some("forbid"));
    for lint in [
        "unwrap_used",
        "expect_used",
        "indexing_slicing",
        "string_slice",
        "as_conversions",
        "allow_attributes",
    ] {
        assert_eq!(lints("clippy")[lint].as_str(), Some("warn"), "{lint}");
    }
}

#[test]
fn no_file_switches_a_lint_off_without_a_reason() {
    let mut broken = Vec::new();
    for (path, text) in files("src", ".rs") {
        let text = code(&text);
        if text.contains("allow(clippy") || text.contains("allow(unsafe") {
            broken.push(format!("{path}: use #[expect(…, reason = …)]"));
        }
        for expectation in text.split("#[expect(").skip(1) {
            let end = expectation.find(")]").unwrap_or(expectation.len());
            if !expectation[..end].contains("reason") {
                broken.push(format!("{path}: an #[expect] without a reason"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The fuzz targets are a workspace of their own, which no other build sees: what its two floors use has to be there.
#[test]
fn the_fuzz_targets_have_every_crate_that_their_floors_use() {
    let crates = |manifest: &str| {
        let manifest: toml::Table = text(manifest).parse().unwrap();
        manifest["dependencies"].as_table().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let theirs = crates("fuzz/Cargo.toml");
    let others: Vec<(String, Regex)> = crates("Cargo.toml")
        .into_iter()
        .filter(|name| !theirs.contains(name))
        .map(|name| {
            let word = format!(r"(?:^|[^\w:]){}::", name.replace('-', "_"));
            (name, Regex::new(&word).unwrap())
        })
        .collect();
    let mut missing = Vec::new();
    for (path, text) in ["src/domain", "src/platform"].iter().flat_map(|floor| files(floor, ".rs")) {
        // Its tests are not built there.
        if path.contains("/tests") {
            continue;
        }
        let text = code(&text);
        for (name, _) in others.iter().filter(|(_, word)| word.is_match(&text)) {
            missing.push(format!("{path} uses {name}, which fuzz/Cargo.toml does not have"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
