//! Turns a platform file into a platform, or says which line stops it.

mod commands;
mod contexts;
mod detect;
mod requests;
mod text;

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use regex::{Regex, bytes};

use super::{
    Banner, Channel, Enable, FactRule, LineEnding, Login, Paging, Platform, PlatformError,
    compare::Noise,
    file::{self, Pattern, PlatformFile},
    login::{ANY_PASSWORD, ANY_REFUSAL, ANY_USERNAME},
};
use crate::domain::{device::Transport, fact::FactName, failure::Stage};

/// Pagers met on all kinds of devices (`reference/platforms.md` 0.1).
pub(super) const ANY_PAGER: &str = concat!(
    r"(?i)^\s*(?:<?-+\s*\(?more\)?.*|--\s?more\s?--.*|",
    r"press (?:any key|enter|space).*continue.*|lines \d+-\d+.*)$"
);

/// What no line is.
const NO_PROMPT: &str = r"[^\s\S]";

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

/// Knows where it is, for the error texts.
struct Compiler<'a> {
    name: &'a str,
    source: &'a str,
}

impl Compiler<'_> {
    fn platform(&self, mut file: PlatformFile) -> Result<Platform, PlatformError> {
        self.key(&file.key)?;
        let contexts = self.divided(&mut file)?;
        Ok(Platform {
            contexts,
            transports: self.transports(&file)?,
            login: self.login(&file)?,
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
            noise: Noise {
                volatile: self.dropped_lines(&file.text.volatile)?,
                volatile_mask: self.masker("text.volatile_mask", &file.text.volatile_mask)?,
                reencrypted: self.masker("text.reencrypted", &file.text.reencrypted)?,
                sort: self.lines("text.sort", &file.text.sort)?,
            },
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
            known_as: file.known_as,
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

    fn login(&self, file: &PlatformFile) -> Result<Login, PlatformError> {
        let login = &file.login;
        if login.within_ssh && !matches!(file.channel, file::Channel::Shell) {
            let message = "is for `channel = \"shell\"` only: elsewhere there is no line to ask on";
            return Err(self.value("login.within_ssh", message));
        }
        let question = |field: &str, own: Option<&Pattern>, usual: &str| match own {
            Some(pattern) => self.bytes(field, pattern),
            None => bytes::Regex::new(usual).map_err(|error| self.value(field, &error.to_string())),
        };
        let mut refused = login
            .refused
            .iter()
            .map(|pattern| self.text("login.refused", pattern))
            .collect::<Result<Vec<_>, _>>()?;
        refused
            .push(Regex::new(ANY_REFUSAL).map_err(|error| self.value("login.refused", &error.to_string()))?);
        Ok(Login {
            username: question("login.username", login.username.as_ref(), ANY_USERNAME)?,
            password: question("login.password", login.password.as_ref(), ANY_PASSWORD)?,
            refused,
            within_ssh: login.within_ssh,
        })
    }

    fn banners(&self, field: &str, banners: Vec<file::Banner>) -> Result<Vec<Banner>, PlatformError> {
        let banner = |it: file::Banner| Ok(Banner { when: self.bytes(field, &it.when)?, answer: it.answer });
        banners.into_iter().map(banner).collect()
    }

    fn paging(&self, paging: file::Paging) -> Result<Paging, PlatformError> {
        let pager = match paging.pager {
            Some(pattern) => self.bytes("paging.pager", &pattern)?,
            None => bytes::Regex::new(ANY_PAGER)
                .map_err(|error| self.value("paging.pager", &error.to_string()))?,
        };
        let answer = paging.answer.unwrap_or_else(|| " ".to_owned());
        Ok(Paging { off: paging.off, pager, answer, device_wipes: paging.device_wipes })
    }

    fn enable(&self, enable: file::Enable) -> Result<Enable, PlatformError> {
        Ok(Enable {
            needed: self.bytes("enable.needed", &enable.needed)?,
            username: enable.username.map(|asks| self.bytes("enable.username", &asks)).transpose()?,
            password: self.bytes("enable.password", &enable.password)?,
            reached: self.bytes("enable.reached", &enable.reached)?,
            command: enable.command,
            may_be_empty: enable.may_be_empty,
        })
    }

    fn prompt(&self, file: &PlatformFile) -> Result<bytes::Regex, PlatformError> {
        match &file.prompt {
            Some(pattern) => self.bytes("prompt", pattern),
            None if matches!(file.channel, file::Channel::Https | file::Channel::File) => {
                bytes::Regex::new(NO_PROMPT).map_err(|error| self.value("prompt", &error.to_string()))
            }
            None => Err(self.value("prompt", "is missing: what does a prompt look like?")),
        }
    }

    fn prompt_varies(&self, patterns: &[Pattern]) -> Result<Option<bytes::Regex>, PlatformError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let all = self.alternation("prompt_varies", patterns, &[])?;
        bytes::Regex::new(&all).map(Some).map_err(|error| self.value("prompt_varies", &error.to_string()))
    }

    /// One expression for a line that begins as any pattern says.
    fn interjected(&self, patterns: &[Pattern]) -> Result<Option<bytes::Regex>, PlatformError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let all = self.alternation("text.interjected", patterns, &[])?;
        let begins = bytes::Regex::new(&format!("^(?:{all})"));
        begins.map(Some).map_err(|error| self.value("text.interjected", &error.to_string()))
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
