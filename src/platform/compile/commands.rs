//! What a file asks a device.

use super::Compiler;
use crate::platform::{Commands, PlatformError, Variant, file};

impl Compiler<'_> {
    pub(super) fn commands(
        &self,
        commands: file::Commands,
        channel: file::Channel,
    ) -> Result<Commands, PlatformError> {
        let is_file = matches!(channel, file::Channel::File);
        if commands.prepare.is_some() && !is_file {
            return Err(self.value("commands.prepare", "is for `channel = \"file\"` only"));
        }
        let variants = commands.config_when.iter().map(|it| &it.config);
        if is_file && !std::iter::once(&commands.config).chain(variants).all(|path| is_plain(path)) {
            let message = "is a file's path: letters, digits and `._/:@%+=,-`, beginning with no dash";
            return Err(self.value("commands.config", message));
        }
        if !commands.config_otherwise.is_empty()
            && !matches!(channel, file::Channel::Shell | file::Channel::Exec)
        {
            return Err(self.value(
                "commands.config_otherwise",
                "is for commands: a file or a request has no other words",
            ));
        }
        if !commands.enter.is_empty() && !matches!(channel, file::Channel::Shell) {
            return Err(self.value("commands.enter", "an exec channel knows no modes, only a shell does"));
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
}

/// Whether a path is the same word to every shell.
fn is_plain(path: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._/:@%+=,-".contains(&byte);
    !path.is_empty() && !path.starts_with('-') && path.bytes().all(fits)
}
