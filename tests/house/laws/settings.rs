//! Every boot setting is documented and read somewhere (DESIGN 3.9).

use netraven::config::SETTINGS;
use regex::Regex;

use crate::support::source::{code, files};

#[test]
fn every_setting_has_help_and_is_read_somewhere() {
    let sources: Vec<String> = files("src", ".rs").into_iter().map(|(_, text)| code(&text)).collect();
    for (name, help) in SETTINGS {
        assert!(help.len() > 10, "{name} has no help");
        let read = Regex::new(&format!(r"(config|self)\s*\.\s*{name}\b")).unwrap();
        assert!(sources.iter().any(|text| read.is_match(text)), "nobody reads the setting {name}");
    }
}
