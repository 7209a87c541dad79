//! A platform file from one terminal session of a device that nobody knows yet: a beginning that can be used, looked at
//! and corrected.

mod lines;
mod spoken;

use std::collections::BTreeSet;

use regex::Regex;

use super::{PlatformError, Platforms};
use lines::{pattern_of_noise, patterns_of_secrets};
use spoken::{Exchange, Spoken, VARIES, spoken};

/// The longest session that is taken apart, in bytes: thousands of lines, of which hundreds would do.
pub const LONGEST_SESSION: usize = 256 << 10;

/// Why there is nothing to propose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoProposal {
    /// It is longer than a session needs to be for this.
    #[error("The session has {0} bytes; {LONGEST_SESSION} are the most. Leave out what repeats itself.")]
    Long(usize),
    /// No line begins as others do and ends with a sign.
    #[error(
        "No prompt was found: paste a session in which at least two commands were given, with the lines at which they were typed."
    )]
    Prompt,
    /// None of the answers can be a configuration.
    #[error("No answer of more than two lines was found: paste the session with the configuration in it.")]
    Configuration,
}

/// What other platforms know.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Patterns of secrets.
    pub secrets: Vec<Regex>,
    /// Words with which commands begin.
    pub verbs: BTreeSet<String>,
}

/// What was made of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The TOML text.
    pub source: String,
    /// What a person should look at, each in a sentence.
    pub remarks: Vec<String>,
}

/// What commands that switch a pager off have in them.
const PAGING_OFF: &[&str] = &[
    "terminal length",
    "terminal width",
    "terminal datadump",
    "terminal pager",
    "terminal more",
    "no pag",
    "screen-length",
    "screen-width",
    "set cli screen",
    "more off",
    "clipaging",
    "clipage",
    "pagination",
    "environment no more",
    "config paging",
    "set cli pager",
    "skip-page-display",
    "session paginate",
    "length 0",
];

/// What commands that ask for the configuration have in them.
const CONFIGURATION: &[&str] = &["conf", "run", "export", "show full", "current-", "cfg", "tmsh list"];

/// What information commands have in them.
const INFORMATION: &[&str] = &["version", "system", "inventory", "status", "hardware", "sysinfo", "model"];

fn holds(command: &str, any: &[&str]) -> bool {
    let command = command.to_lowercase();
    any.iter().any(|piece| command.contains(piece))
}

/// A text as a TOML string without escapes, where it has no single quote.
fn quoted(text: &str) -> String {
    if text.contains('\'') || text.chars().any(char::is_control) {
        toml::Value::String(text.to_owned()).to_string()
    } else {
        format!("'{text}'")
    }
}

fn list(all: &[String]) -> String {
    match all {
        [] => "[]".to_owned(),
        all => {
            let lines: Vec<String> = all.iter().map(|text| format!("  {},\n", quoted(text))).collect();
            format!("[\n{}]", lines.concat())
        }
    }
}

/// The configuration among the answers: the longest of those whose command says so, else the longest of all.
fn configuration(exchanges: &[Exchange]) -> Option<&Exchange> {
    let longest = |is_meant: &dyn Fn(&Exchange) -> bool| {
        exchanges.iter().filter(|it| it.lines.len() > 2 && is_meant(it)).max_by_key(|it| it.lines.len())
    };
    let says_so = |it: &Exchange| holds(&it.command, CONFIGURATION) && !holds(&it.command, PAGING_OFF);
    longest(&says_so).or_else(|| longest(&|_| true))
}

/// What may prove that the text is whole, and what is to be said about it.
fn complete(lines: &[String], remarks: &mut Vec<String>) -> String {
    let filled: Vec<&str> =
        lines.iter().map(|line| line.trim_end()).filter(|line| !line.is_empty()).collect();
    let last = filled.last().copied().unwrap_or_default();
    let count = |sign: char| filled.iter().map(|line| line.matches(sign).count()).sum::<usize>();
    if ["end", "return", "exit", "quit", "# end", "!end", ": end"]
        .contains(&last.trim().to_lowercase().as_str())
    {
        return format!("last_line = {}", quoted(&format!("^\\s*{}$", regex::escape(last.trim()))));
    }
    if count('{') > 2 && count('{') == count('}') {
        return "balanced_braces = true".to_owned();
    }
    remarks.push(format!(
        "The configuration ends with `{}`, which is no known mark of an end. Choose something that every whole one has, or a cut-off one may pass for a backup.",
        last.trim()
    ));
    format!("min_lines = {}", filled.len().div_ceil(2).max(3))
}

/// The commands of these kinds, each once, without the one for the configuration.
fn said(spoken: &Spoken, config: &Exchange, any: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for Exchange { command, .. } in &spoken.exchanges {
        if holds(command, any) && *command != config.command && !found.contains(command) {
            found.push(command.clone());
        }
    }
    found
}

/// What of a session goes into a file.
struct Parts {
    config: String,
    off: Vec<String>,
    info: Vec<String>,
    complete: String,
    noise: Vec<String>,
    secrets: Vec<String>,
    names_itself: bool,
}

const HEAD: &str = r#"# Proposed from a pasted session: look at each line.
key = "my_device"
title = "My device"
vendor = "My vendor"
transport = ["ssh"]
channel = "shell"
line_ending = "lf"
proof = "transcript"
proof_by = "A session pasted by hand."
"#;

const ENABLE: &str = r"
[enable]
command = 'enable'
needed = '>\s?$'
password = '(?i)password:\s*$'
reached = '#\s?$'
";

const HOSTNAME: &str = r"
[[facts]]
name = 'hostname'
pattern = '(?m)^hostname (\S+)'
";

fn file(spoken: &Spoken, parts: &Parts) -> String {
    let Parts { config, off, info, complete, noise, secrets, names_itself } = parts;
    let goodbye = spoken.goodbye.as_deref().unwrap_or("exit");
    [
        HEAD.to_owned(),
        format!("\nprompt = {}\n", quoted(&spoken.prompt)),
        if spoken.varies {
            format!("prompt_varies = {}\n", list(&VARIES.map(str::to_owned)))
        } else {
            String::new()
        },
        format!("\n[paging]\noff = {}\n", list(off)),
        if spoken.enables { ENABLE.to_owned() } else { String::new() },
        format!("\n[commands]\nconfig = {}\ninfo = {}\n", quoted(config), list(info)),
        format!("logout = {}\n\n[complete]\n{complete}\n", quoted(goodbye)),
        format!("\n[text]\nerrors = {}\nvolatile = {}\n", list(&spoken.errors), list(noise)),
        format!("secrets = {}\n", list(secrets)),
        if *names_itself { HOSTNAME.to_owned() } else { String::new() },
    ]
    .concat()
}

/// Makes a platform file from a session as a terminal shows it. Of the rules for secrets that other
/// platforms have, those are taken over that find something in the configuration.
///
/// # Errors
/// The session is too long, holds no prompt, or nothing that can be a configuration.
pub fn propose(session: &str, known: &Known) -> Result<Proposal, NoProposal> {
    if session.len() > LONGEST_SESSION {
        return Err(NoProposal::Long(session.len()));
    }
    let spoken = spoken(session, &known.verbs).ok_or(NoProposal::Prompt)?;
    let config = configuration(&spoken.exchanges).ok_or(NoProposal::Configuration)?;
    let mut remarks = Vec::new();
    let off = said(&spoken, config, PAGING_OFF);
    if spoken.paged && off.is_empty() {
        let text = "The session stops at a pager. A command that switches it off makes backups quicker.";
        remarks.push(text.to_owned());
    }
    let mut info = said(&spoken, config, INFORMATION);
    info.retain(|command| !off.contains(command));
    let complete = complete(&config.lines, &mut remarks);
    let mut noise: Vec<String> = config.lines.iter().filter_map(|line| pattern_of_noise(line)).collect();
    noise.sort();
    noise.dedup();
    let secrets = patterns_of_secrets(&config.lines, &known.secrets);
    if secrets.is_empty() {
        let text = "No line with a secret was found. Look through the configuration before others do.";
        remarks.push(text.to_owned());
    }
    let names_itself = config.lines.iter().any(|line| line.starts_with("hostname "));
    let parts = Parts { config: config.command.clone(), off, info, complete, noise, secrets, names_itself };
    Ok(Proposal { source: file(&spoken, &parts), remarks })
}

/// A platform's file with further patterns of lines that change by themselves.
///
/// # Errors
/// The file with them cannot be used.
pub fn with_volatile(source: &str, patterns: &[String]) -> Result<String, PlatformError> {
    let lines: Vec<String> = patterns.iter().map(|pattern| format!("  {},\n", quoted(pattern))).collect();
    let list = format!("volatile = [\n{}", lines.concat());
    let changed = if let Some((before, behind)) = source.split_once("\nvolatile = [") {
        format!("{before}\n{list}{}", behind.strip_prefix('\n').unwrap_or(behind))
    } else if let Some((before, behind)) = source.split_once("\n[text]\n") {
        format!("{before}\n[text]\n{list}]\n{behind}")
    } else {
        format!("{}\n\n[text]\n{list}]\n", source.trim_end())
    };
    Platforms::parse(&changed)?;
    Ok(changed)
}
