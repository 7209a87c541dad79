//! Boot configuration: one table; a TOML file first, then the environment, then the command line.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use crate::{
    domain::secret::Secret,
    engine::{self, transport::Deadlines},
};

/// Why the configuration cannot be used; names where, what, and the way out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read: {1}", path = .0.display())]
    File(PathBuf, String),
    /// The file has a fault.
    #[error("{path}: {1}", path = .0.display())]
    Syntax(PathBuf, String),
    /// A name that means nothing.
    #[error("{origin}: \"{name}\" is not a setting; known are: {known}")]
    Unknown {
        /// The file or the environment.
        origin: String,
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
    /// A value that does not fit.
    #[error("{origin}: {name} = \"{value}\" does not fit: {why}")]
    Value {
        /// The file or the environment.
        origin: String,
        /// The setting.
        name: &'static str,
        /// What was given.
        value: String,
        /// What would fit.
        why: &'static str,
    },
}

macro_rules! configuration {
    ($($(#[$meta:meta])* $name:ident: $type:ty = $default:expr, $parse:expr, $help:literal;)+) => {
        /// The boot configuration.
        #[derive(Debug, Clone)]
        pub struct Config {
            $($(#[$meta])* pub $name: $type,)+
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        /// Every setting's name, its environment variable being `NETRAVEN_` and the name in capitals, with its help.
        pub const SETTINGS: &[(&str, &str)] = &[$((stringify!($name), $help)),+];

        impl Config {
            fn set(&mut self, origin: &str, name: &str, value: &str) -> Result<(), ConfigError> {
                match name {
                    $(stringify!($name) => {
                        let parse: fn(&str) -> Option<$type> = $parse;
                        self.$name = parse(value).ok_or_else(|| ConfigError::Value {
                            origin: origin.to_owned(),
                            name: stringify!($name),
                            value: shown(stringify!($name), value).to_owned(),
                            why: $help,
                        })?;
                        Ok(())
                    })+
                    other => Err(ConfigError::Unknown {
                        origin: origin.to_owned(),
                        name: other.to_owned(),
                        known: SETTINGS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
                    }),
                }
            }
        }
    };
}

/// A value as a complaint may show it.
fn shown<'a>(name: &str, value: &'a str) -> &'a str {
    if name.ends_with("_token") { "…" } else { value }
}

fn seconds(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|s| (1..=86_400).contains(s)).map(Duration::from_secs)
}

configuration! {
    /// Where pages are served.
    listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)), |t| t.parse().ok(),
        "address and port to serve pages on, such as 127.0.0.1:8080";
    /// Under which address people reach the pages.
    public_url: Option<String> = None, |t| t.starts_with("http").then(|| Some(t.trim_end_matches('/').to_owned())),
        "the address in people's browsers, such as https://netraven.example.net";
    /// Serve plain HTTP on addresses that others can reach.
    insecure_http: bool = false, |t| t.parse().ok(),
        "true to serve plain HTTP beyond this machine; passwords then cross the network in clear";
    /// Where the database is.
    database_url: Option<String> = None, |t| t.contains("://").then(|| Some(t.to_owned())),
        "sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME; default: netraven.db in the data folder";
    /// Where the master key is.
    master_key_file: Option<PathBuf> = None, |t| Some(Some(PathBuf::from(t))),
        "the file with the master key; default: master.key in the data folder";
    /// How many devices are talked to at once, whatever the settings say.
    concurrency: Option<usize> = None, |t| t.parse().ok().filter(|n| (1..=5_000).contains(n)).map(Some),
        "how many devices to talk to at once, 1 to 5000; goes over the setting on the page";
    /// How long to wait for a TCP connection.
    connect_timeout_seconds: Duration = Deadlines::default().connect, seconds,
        "seconds to wait for a connection, 1 to 86400";
    /// How long a device may be silent.
    read_timeout_seconds: Duration = Deadlines::default().silence, seconds,
        "seconds without a new byte after which a device counts as stuck, 1 to 86400";
    /// How long a session may take.
    session_timeout_seconds: Duration = Deadlines::default().total, seconds,
        "seconds that one session may take in all, 1 to 86400";
    /// How long running jobs may take to end when the program stops.
    stop_grace_seconds: Duration = Duration::from_mins(1), seconds,
        "seconds that running jobs may take to end when the program stops, 1 to 86400; what is left is given back";
    /// What whoever watches has to bring.
    watch_token: Option<Secret> = None, |t| (t.len() >= 16).then(|| Some(Secret::new(t))),
        "a word of 16 characters or more that opens /metrics and the details of /readyz to whoever brings it as bearer token";
    /// What is logged.
    log: String = "info".to_owned(), |t| (!t.is_empty()).then(|| t.to_owned()),
        "error, warn, info, debug or trace, also per module: info,netraven::engine=debug";
    /// How it is logged.
    log_format: LogFormat = LogFormat::Human, |t| t.parse().ok(), "human or json";
}

crate::domain::text_enum! {
    /// The form of log lines on standard error.
    pub enum LogFormat {
        /// For people.
        Human = "human",
        /// One JSON object per line.
        Json = "json",
    }
}

impl Config {
    /// Reads the file, if there is one, then the environment.
    pub fn load(
        file: Option<(PathBuf, String)>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        if let Some((path, text)) = file {
            let table: BTreeMap<String, toml::Value> =
                toml::from_str(&text).map_err(|e| ConfigError::Syntax(path.clone(), e.to_string()))?;
            for (name, value) in table {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                config.set(&path.display().to_string(), &name, &value)?;
            }
        }
        for (variable, value) in environment {
            let Some(name) = variable.strip_prefix("NETRAVEN_") else { continue };
            // These two say where the file is, and belong to the command line.
            if !["CONFIG", "DATA_DIR"].contains(&name) {
                config.set(&format!("environment variable {variable}"), &name.to_lowercase(), &value)?;
            }
        }
        Ok(config)
    }

    /// The engine's part of it.
    pub fn engine(&self) -> engine::Options {
        let deadlines = Deadlines {
            connect: self.connect_timeout_seconds,
            silence: self.read_timeout_seconds,
            total: self.session_timeout_seconds,
            ..Deadlines::default()
        };
        engine::Options {
            concurrency: self.concurrency,
            deadlines,
            grace: self.stop_grace_seconds,
            ..engine::Options::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let pairs = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(Some((PathBuf::from("n.toml"), file.to_owned())), pairs).map_err(|e| e.to_string())
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let config =
            load("concurrency = 7\nlisten = \"[::1]:1\"", &[("NETRAVEN_CONCURRENCY", "9"), ("PATH", "/")])
                .unwrap();
        assert_eq!((config.concurrency, config.listen.port()), (Some(9), 1));
    }

    #[test]
    fn mistakes_are_told_with_place_value_and_way_out() {
        let unknown = load("colour = 1", &[]).unwrap_err();
        assert!(unknown.starts_with("n.toml: \"colour\" is not a setting; known are: listen, "), "{unknown}");
        let value = load("", &[("NETRAVEN_CONCURRENCY", "many")]).unwrap_err();
        assert_eq!(
            value,
            "environment variable NETRAVEN_CONCURRENCY: concurrency = \"many\" does not fit: how many devices to talk to at once, 1 to 5000; goes over the setting on the page"
        );
        assert!(load("a b", &[]).unwrap_err().contains("line 1"));
        let short = load("watch_token = \"canary\"", &[]).unwrap_err();
        assert!(short.contains("watch_token") && !short.contains("canary"), "{short}");
    }
}
