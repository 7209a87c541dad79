//! Log lines of the program: on standard error, for people or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts logging: as configured where the program serves, warnings only where a person waits for a command's answer.
pub fn start(config: &Config, is_serving: bool) {
    let wanted = if is_serving || config.log != Config::default().log { config.log.as_str() } else { "warn" };
    let filter = EnvFilter::try_new(wanted).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Human => log.compact().init(),
        LogFormat::Json => log.json().init(),
    }
}
