//! Recordings of real devices: `MODEL#DEVICE#simulation.yaml`, as the Oxidized project keeps them, or sessions by hand.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

use super::{device::Platform, escapes::unescape, session};

mod altered;

pub use altered::Pager;

/// A recording that cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The file cannot be read.
    #[error("cannot read the recording {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not a recording.
    #[error("{path} is not a recording: {reason}")]
    Shape {
        /// Which file.
        path: PathBuf,
        /// What the YAML parser says.
        reason: String,
    },
}

/// What a real device said: its greeting, and its answer to each command that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    model: String,
    name: String,
    greeting: Vec<u8>,
    exchanges: Vec<Exchange>,
    /// Where the configuration is; in several answers where the device is divided into contexts.
    configuration: Vec<usize>,
    /// What must never be seen, where the recording says so.
    secrets: Vec<String>,
    /// Whether most answers begin with the echo of the command.
    echoed: bool,
}

/// One command and its recorded answer, echo and next prompt included where the device sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was sent; ends in `\n` unless it was a single key such as the pager's space.
    pub command: String,
    /// What came back.
    pub answer: Vec<u8>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    init_prompt: Option<String>,
    #[serde(default)]
    commands: Commands,
}

/// In the order of the file: a map, or a list of maps where a command comes more than once.
#[derive(Default)]
struct Commands(Vec<(String, Option<String>)>);

impl<'de> Deserialize<'de> for Commands {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CommandsVisitor)
    }
}

struct CommandsVisitor;

impl<'de> Visitor<'de> for CommandsVisitor {
    type Value = Commands;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("commands with their answers")
    }

    fn visit_unit<E>(self) -> Result<Commands, E> {
        Ok(Commands::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Commands, A::Error> {
        let mut all = Vec::new();
        while let Some(entry) = map.next_entry()? {
            all.push(entry);
        }
        Ok(Commands(all))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Commands, A::Error> {
        let mut all = Vec::new();
        while let Some(Commands(some)) = list.next_element()? {
            all.extend(some);
        }
        Ok(Commands(all))
    }
}

impl Capture {
    /// Reads a recording, the model being the file name up to the first `#`, or a session by hand, that of its folder.
    pub fn load(path: &Path) -> Result<Self, CaptureError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CaptureError::Read { path: path.to_owned(), source })?;
        let word = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "session") {
            let folder = path.parent().and_then(Path::file_name);
            let capture = Self::of((word(folder), word(path.file_stem())), session::read(&text));
            return Ok(Self { secrets: session::secrets(&text), ..capture });
        }
        let file: File = serde_saphyr::from_str(&text)
            .map_err(|error| CaptureError::Shape { path: path.to_owned(), reason: error.to_string() })?;
        let exchange = |(command, answer): (String, Option<String>)| Exchange {
            command,
            answer: unescape(&answer.unwrap_or_default()),
        };
        let exchanges = file.commands.0.into_iter().map(exchange).collect();
        let file_name = word(path.file_name());
        let mut parts = file_name.split('#').map(str::to_owned);
        let device = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        Ok(Self::of(device, (unescape(&file.init_prompt.unwrap_or_default()), exchanges)))
    }

    fn of((model, name): (String, String), (greeting, exchanges): (Vec<u8>, Vec<Exchange>)) -> Self {
        let mut capture = Self::divided((model, name), (greeting, exchanges), Vec::new());
        capture.configuration = capture.longest().into_iter().collect();
        capture
    }

    /// A session whose configuration is in several answers.
    pub(super) fn divided(
        (model, name): (String, String),
        (greeting, exchanges): (Vec<u8>, Vec<Exchange>),
        configuration: Vec<usize>,
    ) -> Self {
        let is_told =
            |e: &&Exchange| e.command.ends_with('\n') && e.command.len() > 1 && !e.answer.is_empty();
        let lines = exchanges.iter().filter(is_told);
        let (echoed, silent): (Vec<_>, Vec<_>) = lines.partition(|e| echoes(e));
        let echoed = echoed.len() > silent.len();
        Self { model, name, greeting, exchanges, configuration, secrets: Vec::new(), echoed }
    }

    /// The recorder's name of the operating system, such as `ios`, or a session's key of a platform.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The recorded device, such as `asr920_16.8.1b`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a session by hand names as texts that people must never see.
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// The greeting and first prompt.
    pub fn greeting(&self) -> &[u8] {
        &self.greeting
    }

    /// What was said, in the order it was recorded.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Whose manners the device has where the recording is silent.
    pub(super) fn personality(&self) -> Platform {
        match self.model.as_str() {
            "junos" => Platform::JuniperJunos,
            "eos" => Platform::AristaEos,
            "routeros" => Platform::MikrotikRouteros,
            "cumulus" | "opnsense" | "linuxgeneric" => Platform::Linux,
            // One of our own names, or one whose manners nobody knows.
            own => own.parse().unwrap_or(Platform::CiscoIos),
        }
    }

    /// What the device says to a command that was not recorded. LF line ends.
    pub(super) fn complaint(&self, command: &str, exec: bool) -> String {
        match self.model.as_str() {
            "fortigate" => format!(
                "command parse error before '{}'\nCommand fail. Return code -61\n",
                command.split_whitespace().next().unwrap_or_default()
            ),
            "checkpoint_gaia" => format!("CLINFR0329  Invalid command:'{command}'.\n"),
            "h3c" => " ^\n % Unrecognized command found at '^' position.\n".to_owned(),
            "aoscx" => format!("Invalid input: {command}\n"),
            "asa" => format!("      ^\nERROR: % Invalid input detected at '^' marker.\n{command}\n"),
            "tnsr" => format!("CLI syntax error: \"{command}\": Unknown command\n"),
            "nxos" => "                ^\n% Invalid command at '^' marker.\n".to_owned(),
            _ => super::personality::complaint(self.personality(), command, exec).0,
        }
    }

    /// Whether the recording was made in a shell: answers begin with the echo of the command.
    pub(super) fn has_echo(&self) -> bool {
        self.echoed
    }

    /// Where the next recorded answer to `command` stands: from `at` on, else from the start.
    pub(super) fn find(&self, command: &str, at: usize) -> Option<usize> {
        let wanted = command.trim();
        let fits = |e: &Exchange| e.command.ends_with('\n') && e.command.trim() == wanted;
        let later = self.exchanges.iter().skip(at).position(fits).map(|found| found.saturating_add(at));
        later.or_else(|| self.exchanges.iter().position(fits))
    }

    /// The exchange that holds the configuration, or the first of those that hold it together.
    pub fn configuration(&self) -> Option<&Exchange> {
        self.exchanges.get(*self.configuration.first()?)
    }

    /// The same when its platform asks for it with one of these commands, and not with the one of the longest answer.
    #[must_use]
    pub fn asked_with(mut self, commands: &[&str]) -> Self {
        let asked = self.longest_of(|exchange| commands.contains(&exchange.command.trim()));
        if let Some(asked) = asked {
            self.configuration = vec![asked];
        }
        self
    }

    /// Whether the answer at `place` is configuration.
    pub(super) fn is_configuration(&self, place: usize) -> bool {
        self.configuration.contains(&place)
    }

    /// What the device says of its configuration in answers before the one at `place`; nothing where it is in one answer.
    pub(super) fn configuration_before(&self, place: usize) -> Vec<u8> {
        let before = self.configuration.iter().filter(|at| **at < place);
        let answers = before.filter_map(|at| self.exchanges.get(*at));
        answers.flat_map(|exchange| exchange.answer.iter().copied()).collect()
    }

    /// The position of the longest answer, which in most recordings is the configuration.
    fn longest(&self) -> Option<usize> {
        self.longest_of(|_| true)
    }

    fn longest_of(&self, is_asked: impl Fn(&Exchange) -> bool) -> Option<usize> {
        let asked = self.exchanges.iter().enumerate().filter(|(_, exchange)| is_asked(exchange));
        asked.map(|(at, exchange)| (exchange.answer.len(), at)).max().map(|(_, at)| at)
    }
}

/// Whether the answer begins with the command.
pub(super) fn echoes(exchange: &Exchange) -> bool {
    exchange.answer.starts_with(exchange.command.trim().as_bytes())
}
