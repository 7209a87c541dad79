//! Turns a platform file into a platform, or says which line stops it.

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use regex::{Regex, bytes};

use super::{
    Banner, Channel, Commands, Enable, LineEnding, Paging, Platform, PlatformError, Variant,
    file::{self, Pattern, PlatformFile},
    judge::{Evidence, GENERIC_DENIED, GENERIC_ERRORS},
    mask::{Masker, SecretBlock},
};
use crate::domain::failure::Stage;

/// Pagers met on all kinds of devices (`reference/platforms.md` 0.1).
const ANY_PAGER: &str = concat!(
    r"(?i)^\s*(?:<?-+\s*\(?more\)?.*|--\s?more\s?--.*|",
    r"press (?:any key|enter|space).*continue.*|lines \d+-\d+.*)$"
);

/// The name, among those of the stages, of the time that a job may take in all.
const TOTAL: &str = "total";

/// Lines joined into one alternation may use this much memory once compiled.
const SIZE_LIMIT: usize = 32 << 20;

/// Reads and compiles the file `name`.
pub fn platform(name: &str, source: &str) -> Result<Platform, PlatformError> {
    let file: PlatformFile = toml::from_str(source).map_err(|error| PlatformError::Malformed {
        file: name.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })?;
    Compiler { name, source }.platform(file)
}

/// Knows where it is, for the error texts.
struct Compiler<'a> {
    name: &'a str,
    source: &'a str,
}

impl Compiler<'_> {
    fn platform(&self, mut file: PlatformFile) -> Result<Platform, PlatformError> {
        if file.key.is_empty()
            || !file.key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            return Err(self.value("key", "lower case letters, digits and `_` only"));
        }
        if file.transport.is_empty() {
            return Err(self.value("transport", "names no transport"));
        }
        Ok(Platform {
            channel: match file.channel {
                file::Channel::Shell => Channel::Shell,
                file::Channel::Exec => Channel::Exec,
            },
            line_ending: match file.line_ending {
                file::LineEnding::Lf => LineEnding::Lf,
                file::LineEnding::AsSent => LineEnding::AsSent,
            },
            prompt: self.bytes("prompt", &file.prompt)?,
            banners: self.banners(file.banner)?,
            paging: self.paging(file.paging)?,
            enable: file.enable.map(|enable| self.enable(enable)).transpose()?,
            commands: self.commands(file.commands)?,
            time_limit: file.timeouts.remove(TOTAL).map(|it| self.seconds(TOTAL, it)).transpose()?,
            timeouts: self.timeouts(&file.timeouts)?,
            volatile: self.dropped_lines(&file.text.volatile)?,
            volatile_mask: self.masker("text.volatile_mask", &file.text.volatile_mask)?,
            secrets: self.masker("text.secrets", &file.text.secrets)?,
            secret_blocks: self.secret_blocks(&file.text.secret_block)?,
            trigger: file
                .text
                .trigger
                .iter()
                .map(|pattern| self.text("text.trigger", pattern))
                .collect::<Result<_, _>>()?,
            evidence: self.evidence(file.complete, &file.text.errors, &file.text.denied)?,
            key: file.key,
            title: file.title,
            vendor: file.vendor,
            proof: file.proof.as_str(),
            source: self.source.to_owned(),
        })
    }

    fn banners(&self, banners: Vec<file::Banner>) -> Result<Vec<Banner>, PlatformError> {
        let banner =
            |it: file::Banner| Ok(Banner { when: self.bytes("banner.when", &it.when)?, answer: it.answer });
        banners.into_iter().map(banner).collect()
    }

    fn paging(&self, paging: file::Paging) -> Result<Paging, PlatformError> {
        let pager = match paging.pager {
            Some(pattern) => self.bytes("paging.pager", &pattern)?,
            None => bytes::Regex::new(ANY_PAGER)
                .map_err(|error| self.value("paging.pager", &error.to_string()))?,
        };
        Ok(Paging { off: paging.off, pager, answer: paging.answer.unwrap_or_else(|| " ".to_owned()) })
    }

    fn enable(&self, enable: file::Enable) -> Result<Enable, PlatformError> {
        Ok(Enable {
            needed: self.bytes("enable.needed", &enable.needed)?,
            password: self.bytes("enable.password", &enable.password)?,
            reached: self.bytes("enable.reached", &enable.reached)?,
            command: enable.command,
        })
    }

    fn commands(&self, commands: file::Commands) -> Result<Commands, PlatformError> {
        let mut config_when = Vec::new();
        for variant in commands.config_when {
            if !commands.info.contains(&variant.info) {
                let message = format!("`{}` is not among the information commands", variant.info);
                return Err(self.value("commands.config_when.info", &message));
            }
            let matches = self.text("commands.config_when.matches", &variant.matches)?;
            config_when.push(Variant { info: variant.info, matches, config: variant.config });
        }
        Ok(Commands { config: commands.config, config_when, info: commands.info, logout: commands.logout })
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

    fn evidence(
        &self,
        complete: file::Complete,
        errors: &[Pattern],
        denied: &[Pattern],
    ) -> Result<Evidence, PlatformError> {
        let line = |field: &str, pattern: Option<Pattern>| {
            pattern.map(|pattern| self.text(field, &pattern)).transpose()
        };
        Ok(Evidence {
            first_line: line("complete.first_line", complete.first_line)?,
            last_line: line("complete.last_line", complete.last_line)?,
            balanced_braces: complete.balanced_braces,
            min_lines: complete.min_lines,
            xml_root: complete.xml_root,
            exit_status: complete.exit_status,
            errors: self.line_starts("text.errors", errors, GENERIC_ERRORS)?,
            denied: self.line_starts("text.denied", denied, GENERIC_DENIED)?,
        })
    }

    /// One expression that finds a whole line, its end included, when any pattern matches at its start.
    fn dropped_lines(&self, patterns: &[Pattern]) -> Result<Option<Regex>, PlatformError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let all = self.alternation("text.volatile", patterns, &[])?;
        self.joined("text.volatile", &format!(r"(?m)^(?:{all})[^\n]*(?:\n|\z)")).map(Some)
    }

    /// One expression that finds the start of a line where any pattern matches.
    fn line_starts(&self, field: &str, own: &[Pattern], generic: &[&str]) -> Result<Regex, PlatformError> {
        let all = self.alternation(field, own, generic)?;
        self.joined(field, &format!(r"(?m)^(?:{all})[^\n]*"))
    }

    fn masker(&self, field: &str, patterns: &[Pattern]) -> Result<Option<Masker>, PlatformError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        for pattern in patterns {
            if self.text(field, pattern)?.captures_len() < 2 {
                return Err(self.pattern(field, pattern, "has no group around what is to be covered"));
            }
        }
        let all = self.alternation(field, patterns, &[])?;
        self.joined(field, &format!("(?m)(?:{all})")).map(|all| Some(Masker::new(all)))
    }

    fn secret_blocks(&self, blocks: &[file::SecretBlock]) -> Result<Vec<SecretBlock>, PlatformError> {
        let mut compiled = Vec::new();
        for block in blocks {
            let whole =
                self.alternation("text.secret_block.block", std::slice::from_ref(&block.block), &[])?;
            let secret = std::slice::from_ref(&block.secret);
            if let Some(inside) = self.masker("text.secret_block.secret", secret)? {
                let block = self.joined("text.secret_block.block", &format!("(?m){whole}"))?;
                compiled.push(SecretBlock { block, inside });
            }
        }
        Ok(compiled)
    }

    fn alternation(&self, field: &str, own: &[Pattern], generic: &[&str]) -> Result<String, PlatformError> {
        let mut all = Vec::new();
        for pattern in own {
            self.text(field, pattern)?;
            all.push(pattern.get_ref().as_str());
        }
        all.extend(generic);
        Ok(format!("(?:{})", all.join(")|(?:")))
    }

    fn joined(&self, field: &str, all: &str) -> Result<Regex, PlatformError> {
        let built = regex::RegexBuilder::new(all).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build();
        built.map_err(|error| self.value(field, &error.to_string()))
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
