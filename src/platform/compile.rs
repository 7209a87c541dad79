//! Turns a platform file into a platform, or says which line stops it.

mod contexts;
mod detect;
mod dialogue;
mod requests;
mod text;

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use regex::{Regex, bytes};

use contexts::Around;

use super::{
    Channel, Commands, FactRule, LineEnding, Platform, PlatformError, Variant,
    file::{self, Pattern, PlatformFile},
};
use crate::domain::{device::Transport, fact::FactName, failure::Stage};

/// Pagers met on all kinds of devices (`reference/platforms.md` 0.1).
pub(super) const ANY_PAGER: &str = concat!(
    r"(?i)^\s*(?:<?-+\s*\(?more\)?.*|--\s?more\s?--.*|",
    r"press (?:any key|enter|space).*continue.*|lines \d+-\d+.*)$"
);

/// The name, among those of the stages, of the time that a job may take in all.
const TOTAL: &str = "total";

/// Reads and compiles the file `name`.
pub fn platform(name: &str, source: &str) -> Result<Platform, PlatformError> {
    let file: PlatformFile = toml::from_str(source).map_err(|error| PlatformError::Malformed {
        file: name.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })?;
    Compiler { name, source }.platform(file)
}

/// The patterns of secrets in a file, as they are written; none where it cannot be read.
pub fn rules_for_secrets(source: &str) -> Vec<String> {
    let file: Option<PlatformFile> = toml::from_str(source).ok();
    let rules = file.map(|file| file.text.secrets).unwrap_or_default();
    rules.into_iter().map(toml::Spanned::into_inner).collect()
}

/// Whether a path is the same word to every shell.
fn is_plain(path: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._/:@%+=,-".contains(&byte);
    !path.is_empty() && !path.starts_with('-') && path.bytes().all(fits)
}

/// Knows where it is, for the error texts.
struct Compiler<'a> {
    name: &'a str,
    source: &'a str,
}

impl Compiler<'_> {
    fn platform(&self, mut file: PlatformFile) -> Result<Platform, PlatformError> {
        self.key(&file.key)?;
        let around = Around {
            info: &file.commands.info,
            is_shell: matches!(file.channel, file::Channel::Shell),
            errors: &file.text.errors,
            denied: &file.text.denied,
        };
        let contexts = file.contexts.take().map(|contexts| self.contexts(contexts, &around)).transpose()?;
        Ok(Platform {
            contexts,
            transports: self.transports(&file)?,
            login: self.login(&file.login)?,
            channel: match file.channel {
                file::Channel::Shell => Channel::Shell,
                file::Channel::Exec => Channel::Exec,
                file::Channel::File => Channel::File,
                file::Channel::Https => Channel::Https,
            },
            line_ending: match file.line_ending {
                file::LineEnding::Lf => LineEnding::Lf,
                file::LineEnding::AsSent => LineEnding::AsSent,
            },
            enter: match file.enter {
                file::Enter::Lf => "\n",
                file::Enter::Crlf => "\r\n",
            },
            prompt: self.prompt(&file)?,
            requests: self.requests(&file)?,
            prompt_varies: self.prompt_varies(&file.prompt_varies)?,
            banners: self.banners("banner.when", file.banner)?,
            questions: self.banners("question.when", file.question)?,
            paging: self.paging(file.paging)?,
            enable: file.enable.map(|enable| self.enable(enable)).transpose()?,
            facts: self.facts(file.facts, &file.commands.info)?,
            commands: self.commands(file.commands, file.channel)?,
            time_limit: file.timeouts.remove(TOTAL).map(|it| self.seconds(TOTAL, it)).transpose()?,
            timeouts: self.timeouts(&file.timeouts)?,
            interjected: self.interjected(&file.text.interjected)?,
            noise: self.noise(&file.text)?,
            hidden: self.lines("text.hidden", &file.text.hidden)?,
            secrets: self.masker("text.secrets", &file.text.secrets)?,
            secret_blocks: self.secret_blocks(&file.text.secret_block)?,
            trigger: file
                .text
                .trigger
                .iter()
                .map(|pattern| self.text("text.trigger", pattern))
                .collect::<Result<_, _>>()?,
            detect: file.detect.map(|detect| self.detect(detect)).transpose()?,
            evidence: self.evidence(file.complete, &file.text.errors, &file.text.denied)?,
            key: file.key,
            title: file.title,
            vendor: file.vendor,
            proof: file.proof.as_str(),
            proof_by: file.proof_by,
            source: self.source.to_owned(),
        })
    }

    fn key(&self, key: &str) -> Result<(), PlatformError> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if key.is_empty() || !key.bytes().all(fits) {
            return Err(self.value("key", "lower case letters, digits and `_` only"));
        }
        Ok(())
    }

    fn transports(&self, file: &PlatformFile) -> Result<Vec<Transport>, PlatformError> {
        if file.transport.is_empty() {
            return Err(self.value("transport", "names no transport"));
        }
        if file.transport.contains(&file::Transport::Telnet) && !matches!(file.channel, file::Channel::Shell)
        {
            return Err(self.value("transport", "telnet has a shell only, no exec channels"));
        }
        let over_https = |it: &file::Transport| *it == file::Transport::Https;
        let is_https = matches!(file.channel, file::Channel::Https);
        if is_https && !file.transport.iter().all(over_https) {
            return Err(self.value("transport", "the channel `https` is reached by https alone"));
        }
        if !is_https && file.transport.iter().any(over_https) {
            return Err(self.value("transport", "https wants `channel = \"https\"` and a table `[https]`"));
        }
        let transport = |it: &file::Transport| match it {
            file::Transport::Ssh => Transport::Ssh,
            file::Transport::Telnet => Transport::Telnet,
            file::Transport::Https => Transport::Https,
        };
        Ok(file.transport.iter().map(transport).collect())
    }

    fn commands(&self, commands: file::Commands, channel: file::Channel) -> Result<Commands, PlatformError> {
        if !commands.enter.is_empty() && !matches!(channel, file::Channel::Shell) {
            return Err(self.value("commands.enter", "an exec channel knows no modes, only a shell does"));
        }
        let is_file = matches!(channel, file::Channel::File);
        if commands.prepare.is_some() && !is_file {
            return Err(self.value("commands.prepare", "is for `channel = \"file\"` only"));
        }
        let variants = commands.config_when.iter().map(|it| &it.config);
        if is_file && !std::iter::once(&commands.config).chain(variants).all(|path| is_plain(path)) {
            let message = "is a file's path: letters, digits and `._/:@%+=,-`, beginning with no dash";
            return Err(self.value("commands.config", message));
        }
        let mut config_when = Vec::new();
        for variant in &commands.config_when {
            if !commands.info.contains(&variant.info) {
                let message = format!("`{}` is not among the information commands", variant.info);
                return Err(self.value("commands.config_when.info", &message));
            }
            let matches = self.text("commands.config_when.matches", &variant.matches)?;
            config_when.push(Variant { info: variant.info.clone(), matches, config: variant.config.clone() });
        }
        let file::Commands { config, prepare, config_otherwise, info, enter, leave, logout, .. } = commands;
        Ok(Commands { config, prepare, config_when, config_otherwise, info, enter, leave, logout })
    }

    fn facts(&self, facts: Vec<file::Fact>, info: &[String]) -> Result<Vec<FactRule>, PlatformError> {
        let fact = |fact: file::Fact| {
            if let Some(command) = fact.info.as_ref().filter(|command| !info.contains(command)) {
                let message = format!("`{command}` is not among the information commands");
                return Err(self.value("facts.info", &message));
            }
            let pattern = self.text("facts.pattern", &fact.pattern)?;
            if pattern.captures_len() < 2 {
                return Err(self.pattern("facts.pattern", &fact.pattern, "has no group around the fact"));
            }
            let name = FactName::from_str(&fact.name)
                .map_err(|unknown| self.value("facts.name", &unknown.to_string()))?;
            Ok(FactRule { name, info: fact.info, pattern })
        };
        facts.into_iter().map(fact).collect()
    }

    fn timeouts(&self, seconds: &BTreeMap<String, u64>) -> Result<BTreeMap<Stage, Duration>, PlatformError> {
        let stage = |(word, &seconds): (&String, &u64)| match Stage::from_str(word) {
            Ok(stage) => Ok((stage, self.seconds(word, seconds)?)),
            Err(_) => Err(self.value(&format!("timeouts.{word}"), "is neither a stage nor `total`")),
        };
        seconds.iter().map(stage).collect()
    }

    fn seconds(&self, word: &str, seconds: u64) -> Result<Duration, PlatformError> {
        if seconds == 0 {
            return Err(self.value(&format!("timeouts.{word}"), "must be longer than 0 seconds"));
        }
        Ok(Duration::from_secs(seconds))
    }

    fn text(&self, field: &str, pattern: &Pattern) -> Result<Regex, PlatformError> {
        Regex::new(pattern.get_ref()).map_err(|error| self.pattern(field, pattern, &error.to_string()))
    }

    fn bytes(&self, field: &str, pattern: &Pattern) -> Result<bytes::Regex, PlatformError> {
        bytes::Regex::new(pattern.get_ref()).map_err(|error| self.pattern(field, pattern, &error.to_string()))
    }

    fn pattern(&self, field: &str, pattern: &Pattern, message: &str) -> PlatformError {
        let before = self.source.as_bytes().iter().take(pattern.span().start);
        PlatformError::Pattern {
            file: self.name.to_owned(),
            line: before.filter(|&&byte| byte == b'\n').count() + 1,
            field: field.to_owned(),
            message: message.to_owned(),
        }
    }

    fn value(&self, field: &str, message: &str) -> PlatformError {
        PlatformError::Value {
            file: self.name.to_owned(),
            field: field.to_owned(),
            message: message.to_owned(),
        }
    }
}
