//! What `Cargo.toml` promises.

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
