//! A platform file as it is written. Unknown fields are refused, so a typing mistake never goes unnoticed.

mod contexts;
mod https;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

pub use contexts::{Contexts, Fetched, Inside};
pub use https::{Https, Method, Request};

/// A regular expression that remembers where it stands in the file.
pub type Pattern = Spanned<String>;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformFile {
    pub key: String,
    pub title: String,
    pub vendor: String,
    /// What other programs call it (Oxidized, RANCID, Netmiko, NAPALM, `LibreNMS`), for lists that come from there.
    #[serde(default)]
    pub known_as: Vec<String>,
    pub transport: Vec<Transport>,
    pub channel: Channel,
    pub line_ending: LineEnding,
    pub proof: Proof,
    pub proof_by: Option<String>,
    #[serde(default)]
    pub enter: Enter,
    /// Left out where there is no terminal.
    pub prompt: Option<Pattern>,
    #[serde(default)]
    pub prompt_varies: Vec<Pattern>,
    #[serde(default)]
    pub banner: Vec<Banner>,
    /// What commands ask before they answer.
    #[serde(default)]
    pub question: Vec<Banner>,
    #[serde(default)]
    pub login: Login,
    #[serde(default)]
    pub paging: Paging,
    pub enable: Option<Enable>,
    pub commands: Commands,
    pub https: Option<Https>,
    pub complete: Complete,
    pub contexts: Option<Contexts>,
    #[serde(default)]
    pub text: Text,
    pub detect: Option<Detect>,
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Seconds by stage name, and `total` for all of a job's talk with a device.
    #[serde(default)]
    pub timeouts: BTreeMap<String, u64>,
}

/// Ways to a device; a platform may know several, the first is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    Ssh,
    Telnet,
    Https,
}

/// What ends a line that is sent.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Enter {
    #[default]
    Lf,
    Crlf,
}

/// See [`super::Channel`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Shell,
    Exec,
    File,
    Https,
}

/// See [`super::LineEnding`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnding {
    Lf,
    AsSent,
}

/// What shows that the file is right.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// A recording of a real device.
    Capture,
    /// The documented or observed conversation, without a full recording.
    Transcript,
    /// Nothing yet.
    Untested,
}

impl Proof {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Transcript => "transcript",
            Self::Untested => "untested",
        }
    }
}

/// A greeting that waits for a key, or a question that waits for a line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Banner {
    pub when: Pattern,
    pub answer: String,
}

/// The questions of a sign-in on the line, where they differ from everybody's, and further words of a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub username: Option<Pattern>,
    pub password: Option<Pattern>,
    #[serde(default)]
    pub refused: Vec<Pattern>,
    /// Whether some of these devices ask within an SSH session, too.
    #[serde(default)]
    pub within_ssh: bool,
}

/// How the pager is switched off, and answered when it comes all the same.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    #[serde(default)]
    pub off: Vec<String>,
    pub pager: Option<Pattern>,
    pub answer: Option<String>,
    /// Whether the device takes its pager off the line by itself, which may have begun before it.
    #[serde(default)]
    pub device_wipes: bool,
}

/// The way to privileged mode.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enable {
    pub command: String,
    pub needed: Pattern,
    pub username: Option<Pattern>,
    pub password: Pattern,
    pub reached: Pattern,
    /// Whether an empty password is given where none is kept.
    #[serde(default)]
    pub may_be_empty: bool,
}

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// With the channel `file`, the path.
    pub config: String,
    /// Has the file written.
    pub prepare: Option<String>,
    #[serde(default)]
    pub config_when: Vec<ConfigWhen>,
    /// Configuration commands for devices that do not know the first: each is given where the one before is no command.
    #[serde(default)]
    pub config_otherwise: Vec<String>,
    #[serde(default)]
    pub info: Vec<String>,
    /// Commands into the mode in which the others are given, and out of it again.
    #[serde(default)]
    pub enter: Vec<String>,
    #[serde(default)]
    pub leave: Vec<String>,
    pub logout: Option<String>,
}

/// Another configuration command for devices whose information says so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigWhen {
    pub info: String,
    pub matches: Pattern,
    pub config: String,
}

/// The marks of a whole configuration; all that are given must be there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    pub first_line: Option<Pattern>,
    pub last_line: Option<Pattern>,
    /// What the last line looks like where nothing marks the end: one that looks otherwise was cut.
    pub last_line_shape: Option<Pattern>,
    /// A line that every whole one holds, anywhere: what a device shows to an account that may not see all of it does not.
    pub holds: Option<Pattern>,
    #[serde(default)]
    pub balanced_braces: bool,
    #[serde(default)]
    pub min_lines: usize,
    pub xml_root: Option<String>,
    /// Lines that open and lines that close; each has its partner.
    #[serde(default)]
    pub pairs: Vec<(Pattern, Pattern)>,
    /// Whether values in quotation marks span lines, so that what stands in them opens and closes nothing.
    #[serde(default)]
    pub quotes_span_lines: bool,
    #[serde(default)]
    pub exit_status: bool,
}

/// What to make of the lines.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    #[serde(default)]
    pub errors: Vec<Pattern>,
    #[serde(default)]
    pub denied: Vec<Pattern>,
    #[serde(default)]
    pub volatile: Vec<Pattern>,
    #[serde(default)]
    pub volatile_mask: Vec<Pattern>,
    /// Secrets whose ciphertext is another at every fetch.
    #[serde(default)]
    pub reencrypted: Vec<Pattern>,
    /// Neighbouring lines that come in any order.
    #[serde(default)]
    pub sort: Vec<Pattern>,
    /// Lines that the device pushes in between, such as alarms: they are taken out of every answer.
    #[serde(default)]
    pub interjected: Vec<Pattern>,
    /// Lines that show that the device left secrets out.
    #[serde(default)]
    pub hidden: Vec<Pattern>,
    #[serde(default)]
    pub secrets: Vec<Pattern>,
    #[serde(default)]
    pub secret_block: Vec<SecretBlock>,
    #[serde(default)]
    pub trigger: Vec<Pattern>,
}

/// A secret that is one only inside certain lines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretBlock {
    pub block: Pattern,
    pub secret: Pattern,
}

/// How to tell devices of this platform from others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detect {
    /// What the SSH server calls itself.
    pub identification: Option<Pattern>,
    /// What comes before the first prompt.
    pub greeting: Option<Pattern>,
    /// One of the commands that only read, see [`super::SAFE`].
    pub command: Option<String>,
    /// What its answer holds.
    pub says: Option<Pattern>,
    /// How sure the answer alone makes, in percent.
    pub sure: Option<u8>,
    /// How it complains about a command that it does not know.
    pub complains: Option<Pattern>,
}

/// Something that the device tells of itself, kept beside its configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// One of [`crate::domain::fact::FactName`]'s words.
    pub name: String,
    /// The information command that tells it; the configuration itself where none is named.
    pub info: Option<String>,
    pub pattern: Pattern,
}
