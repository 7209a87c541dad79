//! `netraven settings`.

use clap::{Args, Subcommand};

use super::{CommandError, Context, Exit, grant, secret_from_stdin};
use crate::{
    domain::setting::{ChangedSetting, Setting, SettingFilter, Spec, Wanted, spec},
    service::settings::{self, Reset, SaveSettingsError},
};

/// What admins set while the program runs
#[derive(Debug, Subcommand)]
pub enum Settings {
    /// List the settings; secrets only as set or not set
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Print a setting's value
    Get {
        /// Such as `system.jobs.max_concurrent_jobs`
        key: String,
    },
    /// Change a setting; a running server follows within two seconds
    #[command(after_help = "Example: netraven settings set system.backup.retention_days 90")]
    Set {
        /// Such as `system.jobs.max_concurrent_jobs`
        key: String,
        /// The new value; secrets come from standard input
        #[arg(required_unless_present = "stdin", conflicts_with = "stdin")]
        value: Option<String>,
        /// Read the value from standard input
        #[arg(long)]
        stdin: bool,
    },
    /// Put a setting, or all, back to the default
    Reset(What),
}

/// Which settings.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// Such as `system.jobs.max_concurrent_jobs`
    key: Option<String>,
    /// All settings
    #[arg(long)]
    all: bool,
}

impl Settings {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        match self {
            Self::List { json } => {
                for setting in settings::list(&core, &grant()?, &SettingFilter::default()).await? {
                    print(&setting, json);
                }
            }
            Self::Get { key } => {
                let key = known(&key)?.key;
                match settings::find_by_key(&core, &grant()?, key).await? {
                    Some(setting) => println!("{}", setting.told()),
                    None => {
                        return Err(CommandError::Failed(format!("{key} has no row; start the server once")));
                    }
                }
            }
            Self::Set { key, value, stdin } => {
                let wanted = wanted(known(&key)?, value, stdin)?;
                match settings::set(&core, &grant()?, &key, wanted).await.map_err(told)? {
                    Some(changed) => println!("{}", line(&changed)),
                    None => println!("{key} is so already."),
                }
            }
            Self::Reset(what) => {
                let which = match what.key {
                    Some(key) => Reset::Key(known(&key)?.key),
                    None => Reset::All,
                };
                let changed = settings::reset(&core, &grant()?, which).await.map_err(told)?;
                if changed.is_empty() {
                    println!("Everything there is at its default already.");
                }
                for changed in changed {
                    println!("{}", line(&changed));
                }
            }
        }
        Ok(Exit::Well)
    }
}

fn print(setting: &Setting, json: bool) {
    let spec = setting.spec;
    if json {
        let line = serde_json::json!({
            "key": spec.key, "category": spec.category.as_str(), "value": setting.value,
            "set": !spec.is_sensitive() || setting.is_set, "default": setting.is_default(),
            "changed_at": setting.updated_at.to_rfc3339(), "changed_by": setting.updated_by,
        });
        println!("{line}");
    } else {
        let mark = if setting.is_default() { "" } else { "  (changed)" };
        println!("{:<48} {}{mark}", spec.key, setting.told());
    }
}

fn line(changed: &ChangedSetting) -> String {
    format!("{}: {} is now {}", changed.key, changed.before, changed.after)
}

fn known(key: &str) -> Result<&'static Spec, CommandError> {
    let unknown =
        || CommandError::Usage(format!("there is no setting \"{key}\"; see `netraven settings list`"));
    spec(key).ok_or_else(unknown)
}

fn wanted(spec: &Spec, value: Option<String>, stdin: bool) -> Result<Wanted, CommandError> {
    match (value, spec.is_sensitive()) {
        (Some(_), true) => Err(CommandError::Usage(format!(
            "{} is a secret, and arguments are seen by everybody on this machine; give it with --stdin",
            spec.key
        ))),
        (Some(value), false) => Ok(Wanted::Value(value)),
        (None, _) if !stdin => Err(CommandError::Usage("give a value, or --stdin".to_owned())),
        (None, true) => Ok(Wanted::Secret(secret_from_stdin()?)),
        (None, false) => Ok(Wanted::Value(secret_from_stdin()?.expose().to_owned())),
    }
}

fn told(error: SaveSettingsError) -> CommandError {
    match error {
        SaveSettingsError::Fault(fault) => CommandError::Fault(fault),
        other @ (SaveSettingsError::Invalid(_) | SaveSettingsError::Stale) => {
            CommandError::Usage(other.to_string())
        }
    }
}
