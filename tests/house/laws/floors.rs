//! The floors of the house (DESIGN 3.1): who may use whom.

use std::collections::BTreeSet;

use regex::Regex;

use crate::support::source::{code, files};

/// Each floor with the floors it may use. The way in and the composition root may use all.
const FLOORS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("platform", &["domain"]),
    ("store", &["domain"]),
    ("crypt", &["domain"]),
    ("archive", &["crypt", "domain", "store"]),
    ("service", &["archive", "crypt", "domain", "platform", "store"]),
    ("engine", &["domain", "platform", "service"]),
    ("web", &["domain", "service"]),
    ("simulate", &["domain"]),
];

/// What each floor must not know of the outside world.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("domain", &["diesel", "diesel_async", "actix_web", "askama", "russh", "tokio", "reqwest"]),
    ("platform", &["diesel", "diesel_async", "actix_web", "askama", "russh", "tokio"]),
    ("store", &["actix_web", "askama", "russh"]),
    ("crypt", &["diesel", "diesel_async", "actix_web", "askama", "russh"]),
    ("archive", &["diesel", "diesel_async", "actix_web", "askama", "russh"]),
    ("service", &["diesel", "diesel_async", "actix_web", "askama", "russh"]),
    ("engine", &["diesel", "diesel_async", "actix_web", "askama"]),
    ("web", &["diesel", "diesel_async", "russh"]),
    ("simulate", &["diesel", "diesel_async", "actix_web", "askama"]),
];

/// The first names of every path that begins at the crate: `crate::a::b` and `use crate::{a::b, c::{d, e}}`.
fn used(text: &str) -> BTreeSet<String> {
    let (mut found, name) = (BTreeSet::new(), Regex::new("^[a-z_]+").unwrap());
    for rest in text.split("crate::").skip(1) {
        let Some(inside) = rest.strip_prefix('{') else {
            found.extend(name.find(rest).map(|m| m.as_str().to_owned()));
            continue;
        };
        let (mut depth, mut begins) = (1, true);
        for (at, c) in inside.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => break,
                '}' => depth -= 1,
                ',' if depth == 1 => begins = true,
                c if begins && !c.is_whitespace() => {
                    found.extend(name.find(&inside[at..]).map(|m| m.as_str().to_owned()));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn floor(path: &str) -> &str {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap()
}

#[test]
fn the_law_reads_nested_imports() {
    let text =
        "use crate::{\n    domain::{a, store_like},\n    store::{self, Db},\n};\nlet x = crate::web::y();";
    assert_eq!(used(text).into_iter().collect::<Vec<_>>(), ["domain", "store", "web"]);
}

// DESIGN 3.1: web cannot reach a query, so every page goes through a function that asks for a grant.
#[test]
fn every_floor_uses_only_the_floors_below_it() {
    let mut broken = Vec::new();
    for (path, text) in files("src", ".rs") {
        let own = floor(&path);
        let Some((_, allowed)) = FLOORS.iter().find(|(name, _)| *name == own) else {
            continue;
        };
        for other in used(&code(&text)) {
            if other != own && !allowed.contains(&other.as_str()) {
                broken.push(format!("{path} uses {other}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_floor_of_the_house_has_its_law() {
    let anything_goes = ["app", "cli", "config", "lib", "main", "telemetry"];
    for (path, _) in files("src", ".rs") {
        let own = floor(&path);
        let known = FLOORS.iter().any(|(name, _)| *name == own) || anything_goes.contains(&own);
        assert!(known, "{path}: the floor {own} has no law");
    }
}

#[test]
fn no_floor_names_a_crate_that_is_not_its_business() {
    let mut broken = Vec::new();
    for (path, text) in files("src", ".rs") {
        let Some((_, forbidden)) = FORBIDDEN.iter().find(|(name, _)| *name == floor(&path)) else {
            continue;
        };
        let text = code(&text);
        for name in *forbidden {
            if Regex::new(&format!(r"\b{name}(::|;|\s+as\s)")).unwrap().is_match(&text) {
                broken.push(format!("{path} names {name}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

// The clock is an argument: only the composition root reads it (DESIGN 3.9).
#[test]
fn only_the_composition_root_reads_the_clock() {
    // A simulated device has a clock of its own, as a real one has.
    let allowed = ["src/app.rs", "src/simulate/information.rs"];
    let clock = Regex::new(r"\b(Utc|Local|SystemTime)::now\b").unwrap();
    let readers: Vec<String> = files("src", ".rs")
        .into_iter()
        .filter(|(path, text)| clock.is_match(&code(text)) && !allowed.contains(&path.as_str()))
        .map(|(path, _)| path)
        .collect();
    assert!(readers.is_empty(), "{readers:?}");
}
