//! What a device is asked, and which command gives its configuration.

use regex::Regex;

use super::{InfoOutput, Platform};

/// Another configuration command for devices whose information says so.
#[derive(Debug)]
pub struct Variant {
    /// The information command whose output decides.
    pub info: String,
    /// What that output must hold.
    pub matches: Regex,
    /// The configuration command then.
    pub config: String,
}

/// What is asked.
#[derive(Debug)]
pub struct Commands {
    /// Its output is the configuration, unless a variant matches; where that is a file, its path.
    pub config: String,
    /// Has the device write that file; must end well.
    pub prepare: Option<String>,
    /// In order; the first that matches wins.
    pub config_when: Vec<Variant>,
    /// Asked for instead, one after the other, where a device does not know that command.
    pub config_otherwise: Vec<String>,
    /// Asked beforehand and kept beside the configuration; may fail.
    pub info: Vec<String>,
    /// Said beforehand, one after the other: each leads into another mode, whose prompt holds from then on.
    pub enter: Vec<String>,
    /// Said before the goodbye: back out of these modes.
    pub leave: Vec<String>,
    /// Said at the end.
    pub logout: Option<String>,
}

impl Platform {
    /// The configuration command for a device that gave this information: the first matching variant's, or
    /// the usual.
    pub fn config_command(&self, info: &[InfoOutput]) -> &str {
        let said = |variant: &&Variant| {
            info.iter().any(|output| output.command == variant.info && variant.matches.is_match(&output.text))
        };
        self.commands.config_when.iter().find(said).map_or(&self.commands.config, |variant| &variant.config)
    }

    /// The commands for the configuration of such a device, the next one for where it does not know the one before.
    pub fn config_choices(&self, info: &[InfoOutput]) -> Vec<&str> {
        let otherwise = self.commands.config_otherwise.iter().map(String::as_str);
        std::iter::once(self.config_command(info)).chain(otherwise).collect()
    }

    /// Whether what this information command says decides which command gives the configuration.
    pub fn is_deciding(&self, info: &str) -> bool {
        self.commands.config_when.iter().any(|variant| variant.info == info)
    }

    /// Every command that may be the one for the configuration.
    pub fn config_commands(&self) -> Vec<&str> {
        let Commands { config, config_when, config_otherwise, .. } = &self.commands;
        let variants = config_when.iter().map(|variant| variant.config.as_str());
        let otherwise = config_otherwise.iter().map(String::as_str);
        std::iter::once(config.as_str()).chain(variants).chain(otherwise).collect()
    }

    /// Whether a device says with `answer` that it does not know the command, and not that the account may not give it. A
    /// long answer is one, whatever its lines say.
    pub fn knows_not(&self, answer: &[u8]) -> bool {
        const LONGEST: usize = 2_000;
        answer.len() <= LONGEST && self.evidence.knows_not(&super::compare::decoded(answer))
    }

    /// The information command that decides which configuration command is right and that gave no answer. Guessing
    /// would bring a text that is whole by its marks and lacks its secrets.
    pub fn undecided(&self, info: &[InfoOutput]) -> Option<&str> {
        let answered = |variant: &&Variant| info.iter().any(|output| output.command == variant.info);
        self.commands
            .config_when
            .iter()
            .find(|variant| !answered(variant))
            .map(|variant| variant.info.as_str())
    }
}
