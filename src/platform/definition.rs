//! A platform ready for use: every pattern compiled.

use std::{collections::BTreeMap, time::Duration};

use regex::{Regex, bytes};

use super::{
    Capture, Commands, ContextRules, FactRule, Login, MaskKey, Requests, compare,
    detect::Detect,
    facts,
    judge::Evidence,
    mask::{self, Masker, SecretBlock},
};
use crate::domain::{device::Transport, fact::Facts, failure::Stage};

/// How commands are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// One terminal with a shell; the prompt ends an answer.
    Shell,
    /// One channel per command; the exit status ends an answer.
    Exec,
    /// One channel per command as well, but the configuration is a file, whose size ends it.
    File,
    /// One HTTPS request per command; its length, told before or chunk by chunk, ends an answer.
    Https,
}

/// What happens to the ends of lines in the kept bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnding {
    /// CR LF becomes LF: the terminal, not the device, made it.
    Lf,
    /// The bytes stay as they came.
    AsSent,
}

/// A greeting that waits for a key, or a question that waits for a line.
#[derive(Debug)]
pub struct Banner {
    /// Matched against the last, unfinished line.
    pub when: bytes::Regex,
    /// The bytes to send.
    pub answer: String,
}

/// How the pager is switched off, and answered when it comes all the same.
#[derive(Debug)]
pub struct Paging {
    /// Sent once, after privileged mode is reached.
    pub off: Vec<String>,
    /// Matched against the last, unfinished line.
    pub pager: bytes::Regex,
    /// The key that asks for more.
    pub answer: String,
    /// Whether the device takes its pager off the line by itself, which may have begun before it.
    pub device_wipes: bool,
}

/// The way to privileged mode.
#[derive(Debug)]
pub struct Enable {
    /// The command.
    pub command: String,
    /// The prompt that says it is needed.
    pub needed: bytes::Regex,
    /// The question for a name, where devices ask for one: it is the account's.
    pub username: Option<bytes::Regex>,
    /// The question for the password.
    pub password: bytes::Regex,
    /// The prompt that says it worked.
    pub reached: bytes::Regex,
    /// Whether an empty password is given where none is kept: these devices have none until somebody sets one, and no
    /// server behind them counts.
    pub may_be_empty: bool,
}

/// What is known about one kind of device.
#[derive(Debug)]
pub struct Platform {
    pub(super) key: String,
    pub(super) title: String,
    pub(super) vendor: String,
    pub(super) known_as: Vec<String>,
    pub(super) proof: &'static str,
    pub(super) proof_by: Option<String>,
    pub(super) source: String,
    pub(super) transports: Vec<Transport>,
    pub(super) channel: Channel,
    pub(super) line_ending: LineEnding,
    pub(super) enter: &'static str,
    pub(super) prompt: bytes::Regex,
    pub(super) prompt_varies: Option<bytes::Regex>,
    pub(super) banners: Vec<Banner>,
    pub(super) questions: Vec<Banner>,
    pub(super) login: Login,
    pub(super) paging: Paging,
    pub(super) enable: Option<Enable>,
    pub(super) commands: Commands,
    pub(super) requests: Option<Requests>,
    pub(super) timeouts: BTreeMap<Stage, Duration>,
    pub(super) time_limit: Option<Duration>,
    pub(super) evidence: Evidence,
    pub(super) contexts: Option<ContextRules>,
    pub(super) interjected: Option<bytes::Regex>,
    pub(super) noise: compare::Noise,
    pub(super) hidden: Option<Regex>,
    pub(super) facts: Vec<FactRule>,
    pub(super) secrets: Option<Masker>,
    pub(super) secret_blocks: Vec<SecretBlock>,
    pub(super) trigger: Vec<Regex>,
    pub(super) detect: Option<Detect>,
}

/// The key of the platform of devices whose platform is yet to be found out. Nothing that they send is ever taken for a
/// configuration.
pub const AUTO: &str = "auto";

impl Platform {
    /// Whether it stands for a platform that is yet to be found out.
    pub fn is_auto(&self) -> bool {
        self.key == AUTO
    }

    /// The word that stands for it in tables and addresses.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its name for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Who makes it.
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// What other programs call it.
    pub fn known_as(&self) -> &[String] {
        &self.known_as
    }

    /// What shows that the file is right: `capture`, `transcript` or `untested`.
    pub fn proof(&self) -> &'static str {
        self.proof
    }

    /// The capture or manual that shows it, in words; `None` where nothing does.
    pub fn proof_by(&self) -> Option<&str> {
        self.proof_by.as_deref()
    }

    /// What ends a line that is sent.
    pub fn enter(&self) -> &'static str {
        self.enter
    }

    /// The parts of a prompt that change while one talks to the device.
    pub fn prompt_varies(&self) -> Option<&bytes::Regex> {
        self.prompt_varies.as_ref()
    }

    /// Whether devices of this platform leave secrets out at all.
    pub fn may_hide_secrets(&self) -> bool {
        self.hidden.is_some()
    }

    /// Whether a line of the text shows that the device itself left secrets out, so that it cannot be restored from.
    pub fn hides_secrets(&self, raw: &[u8]) -> bool {
        let text = || compare::with_line_feeds(compare::decoded(raw));
        self.hidden.as_ref().is_some_and(|lines| lines.is_match(&text()))
    }

    /// What the device tells of itself: each fact once, from the first rule that finds it.
    pub fn facts(&self, capture: &Capture) -> Facts {
        facts::found(&self.facts, capture)
    }

    /// The TOML text it was made from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The ways to a device of this kind.
    pub fn transports(&self) -> &[Transport] {
        &self.transports
    }

    /// The questions of a sign-in on the line itself.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// How commands are given.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// What happens to the ends of lines in the kept bytes.
    pub fn line_ending(&self) -> LineEnding {
        self.line_ending
    }

    /// The shape of a prompt, for the first one; matched against the last, unfinished line.
    pub fn prompt(&self) -> &bytes::Regex {
        &self.prompt
    }

    /// The greeting that waits for a key on this line, if it is one.
    pub fn banner(&self, line: &[u8]) -> Option<&Banner> {
        self.banners.iter().find(|banner| banner.when.is_match(line))
    }

    /// The pager.
    pub fn paging(&self) -> &Paging {
        &self.paging
    }

    /// The way to privileged mode, where there is one.
    pub fn enable(&self) -> Option<&Enable> {
        self.enable.as_ref()
    }

    /// What is asked.
    pub fn commands(&self) -> &Commands {
        &self.commands
    }

    /// The platform's own deadline for `stage`, where it has one.
    pub fn timeout(&self, stage: Stage) -> Option<Duration> {
        self.timeouts.get(&stage).copied()
    }

    /// How long a job may talk to a device of this platform in all, where the platform says so.
    pub fn time_limit(&self) -> Option<Duration> {
        self.time_limit
    }

    /// Messages a device emits when its configuration changes.
    pub fn trigger(&self) -> &[Regex] {
        &self.trigger
    }

    /// The text that decides whether something changed: volatile lines dropped, volatile values covered, line
    /// ends LF.
    pub fn normalised(&self, raw: &[u8]) -> String {
        compare::normalised(raw, &self.noise)
    }

    /// The text for people: every secret covered by a tag that stays the same while the secret does.
    pub fn masked(&self, raw: &[u8], key: &MaskKey) -> String {
        mask::masked(raw, &self.secret_blocks, self.secrets.as_ref(), key)
    }
}
