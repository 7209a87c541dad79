//! Which command gives a device's configuration.

use super::{InfoOutput, Platform, Variant};

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
