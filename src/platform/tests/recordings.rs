//! The recordings of real devices, where they are at hand.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{Capture, Channel, ended_well, mask_key, platform};
use crate::platform::{InfoOutput, LineEnding, Prompt, Screen, without_echo};

/// The recordings of our platforms.
pub const RECORDED: &[(&str, &str)] = &[
    ("cisco_ios", "ios#C9200L-24P-4G_17.09.04a"),
    ("cisco_ios", "ios#asr920_16.8.1b"),
    ("arista_eos", "eos#DCS-7050SX3-48YC8_4.29.2F"),
    ("juniper_junos", "junos#srx300_22.4_wo_cluster"),
    ("mikrotik_routeros", "routeros#CHR_7.10.1"),
    ("mikrotik_routeros", "routeros#RB5009UPr+S+_7.18.2"),
];

#[derive(Deserialize)]
struct Recording {
    commands: Commands,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Commands {
    Map(BTreeMap<String, Option<String>>),
    List(Vec<BTreeMap<String, Option<String>>>),
}

#[derive(Deserialize, Default)]
struct Words {
    #[serde(default)]
    fail: Vec<String>,
    #[serde(default)]
    pass: Vec<String>,
}

/// Beside the repository; a git worktree lies deeper than the main work tree.
fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut beside = root.ancestors().skip(1).map(|folder| folder.join("shared/captures"));
    beside.find(|path| path.exists()).unwrap_or_default()
}

fn read(name: &str) -> Option<String> {
    let text = std::fs::read_to_string(folder().join(name)).ok();
    if text.is_none() && !folder().exists() {
        println!("skipped: ../shared/captures not here");
    }
    text
}

/// Ruby's escapes, as the recordings write them.
fn unescaped(text: &str) -> String {
    let hex = regex::Regex::new(r"\\x([0-9a-fA-F]{2})").unwrap();
    let text = hex.replace_all(text, |found: &regex::Captures<'_>| {
        char::from(u8::from_str_radix(&found[1], 16).unwrap()).to_string()
    });
    text.replace("\\r", "\r")
        .replace("\\t", "\t")
        .replace("\\e", "\x1b")
        .replace("\\\"", "\"")
        .replace("\\\\", "\\")
}

fn commands(name: &str) -> Option<BTreeMap<String, String>> {
    let recording: Recording = serde_saphyr::from_str(&read(&format!("{name}#simulation.yaml"))?).unwrap();
    let pairs: Vec<_> = match recording.commands {
        Commands::Map(map) => map.into_iter().collect(),
        Commands::List(list) => list.into_iter().flatten().collect(),
    };
    let clean = |(command, answer): (String, Option<String>)| {
        (command.trim_end().to_owned(), unescaped(&answer.unwrap_or_default()))
    };
    Some(pairs.into_iter().map(clean).collect())
}

/// The capture a session with the recording brings.
pub fn captured(key: &str, name: &str) -> Option<Capture> {
    let platform = platform(key);
    let commands = commands(name)?;
    let info: Vec<_> = platform
        .commands()
        .info
        .iter()
        .filter_map(|it| Some(InfoOutput { command: it.clone(), text: commands.get(it)?.clone() }))
        .collect();
    let command = platform.config_command(&info).to_owned();
    let answer = commands.get(&command).unwrap_or_else(|| panic!("{name} does not hold {command:?}"));
    let mut screen = Screen::new(LineEnding::Lf);
    screen.feed(answer.as_bytes());
    let text = match platform.channel() {
        Channel::Shell => {
            without_echo(screen.finished_lines(), &command, &Prompt::learned(screen.last_line()))
        }
        Channel::Exec | Channel::File | Channel::Https => screen.text(),
    };
    Some(ended_well(&platform, std::str::from_utf8(text).unwrap()))
}

#[test]
fn recorded_configurations_are_whole() {
    for (key, name) in RECORDED {
        let Some(capture) = captured(key, name) else { return };
        platform(key).judge(&capture).unwrap_or_else(|doubt| panic!("{name}: {doubt:?}"));
        // An export of RouterOS has no end mark; there the exit status is the proof.
        assert_eq!(platform(key).looks_whole(&capture.raw), *key != "mikrotik_routeros", "{name}");
    }
}

#[test]
fn recorded_secrets_are_covered_and_all_else_stays() {
    for (key, name) in RECORDED {
        let Some(capture) = captured(key, name) else { return };
        let masked = platform(key).masked(&capture.raw, &mask_key());
        let words: Words = read(&format!("{name}#secret.yaml"))
            .map(|text| serde_saphyr::from_str(&text).unwrap())
            .unwrap_or_default();
        for secret in words.fail {
            assert!(!masked.contains(&secret), "{name}: {secret} in\n{masked}");
        }
        for public in words.pass {
            // What follows the first tag is Oxidized's own wording.
            let before = public.split('<').next().unwrap().replace('\\', "");
            assert!(masked.contains(&before), "{name}: {before} is gone");
        }
        let raw = String::from_utf8(capture.raw).unwrap();
        assert_eq!(raw.lines().count(), masked.lines().count(), "{name}");
        for (line, shown) in raw.lines().zip(masked.lines()).filter(|(line, shown)| line != shown) {
            println!("{name}: {line} => {shown}");
        }
    }
}

#[test]
fn recorded_changes_that_do_not_count_do_not_count() {
    for (key, name) in RECORDED {
        let Some(capture) = captured(key, name) else { return };
        let normalised = platform(key).normalised(&capture.raw);
        for moving in [
            "Last configuration change",
            "NVRAM config",
            "by RouterOS",
            "## Last commit",
            "bytes\n",
            "! Time",
        ] {
            assert!(!normalised.contains(moving), "{name}: {moving}");
        }
        let raw = String::from_utf8(capture.raw).unwrap();
        let dropped = raw.lines().filter(|line| !normalised.contains(line)).count();
        assert!(dropped < 8, "{name}: {dropped} lines dropped");
    }
}
