//! Every boot setting is documented and read somewhere (DESIGN 3.9).

use netraven::{config::SETTINGS, domain::setting};
use regex::Regex;

use crate::support::source::{code, files, text};

#[test]
fn every_setting_has_help_and_is_read_somewhere() {
    let sources: Vec<String> = files("src", ".rs").into_iter().map(|(_, text)| code(&text)).collect();
    for (name, help) in SETTINGS {
        assert!(help.len() > 10, "{name} has no help");
        let read = Regex::new(&format!(r"(config|self)\s*\.\s*{name}\b")).unwrap();
        assert!(sources.iter().any(|text| read.is_match(text)), "nobody reads the setting {name}");
    }
}

// A setting that nothing reads is a promise that nobody keeps (the old NetRaven had twenty-two of them).
#[test]
fn every_setting_of_the_page_is_read_somewhere() {
    let declared = text("src/domain/setting/declared.rs");
    let field = Regex::new(r#"(?m)^    (\w+): [\w<>]+ = "[^\n]*?\w+ "([a-z0-9_.]+)",$"#).unwrap();
    let fields: Vec<(String, String)> =
        field.captures_iter(&declared).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    let keys: Vec<&str> = fields.iter().map(|(_, key)| key.as_str()).collect();
    assert_eq!(keys, setting::SETTINGS.iter().map(|spec| spec.key).collect::<Vec<_>>());
    let sources: Vec<String> = files("src", ".rs")
        .into_iter()
        .filter(|(path, _)| !path.starts_with("src/domain/setting"))
        .map(|(_, text)| code(&text))
        .collect();
    for (name, key) in fields {
        let read = Regex::new(&format!(r"\.\s*{name}\b")).unwrap();
        let is_read = sources.iter().any(|text| read.is_match(text));
        assert!(is_read, "nobody reads the setting {key}");
    }
}
