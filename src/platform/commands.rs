//! Which command gives a device's configuration.

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
    /// Asked beforehand and kept beside the configuration; may fail.
    pub info: Vec<String>,
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

    /// Every command that may be the one for the configuration.
    pub fn config_commands(&self) -> Vec<&str> {
        let variants = self.commands.config_when.iter().map(|variant| variant.config.as_str());
        std::iter::once(self.commands.config.as_str()).chain(variants).collect()
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
