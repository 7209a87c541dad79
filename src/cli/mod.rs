//! The command line: one file per command, over the same use cases as the pages.

mod arenas;
mod audit;
mod backup;
mod broken_pipe;
mod demo;
mod device;
mod jump_host;
mod keys;
mod platform;
mod schedule;
mod self_backup;
mod serve;
mod settings;
mod simulate;
mod storage;
mod user;
mod verify;
mod worker;

use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    app::{self, Places, StartError},
    config::{Config, ConfigError},
    domain::access::{Actor, Denied, Grant, Permission},
    service::{Core, Fault},
    telemetry,
};

/// Keeps the configurations of a company's network devices.
#[derive(Debug, Parser)]
#[command(name = "netraven", version, arg_required_else_help = true, max_term_width = 100)]
pub struct Arguments {
    /// Configuration file; default: netraven.toml in the data folder
    #[arg(long, global = true, env = "NETRAVEN_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for the database, the master key and platform files
    #[arg(long, global = true, env = "NETRAVEN_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Database, `sqlite://PATH` or `postgres://…`; default: netraven.db in the data folder
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages, plan schedules and work off jobs
    Serve(serve::Serve),
    /// Work off jobs beside a `serve`, without pages, on the same `PostgreSQL`
    Worker(worker::Worker),
    /// Serve with a simulated fleet, in a data folder of its own
    Demo(demo::Demo),
    /// People who sign in
    #[command(subcommand)]
    User(user::User),
    /// The inventory
    #[command(subcommand)]
    Device(device::Device),
    /// SSH servers through which devices are reached
    #[command(subcommand)]
    JumpHost(jump_host::JumpHostCommand),
    /// Take and read configurations
    #[command(subcommand)]
    Backup(backup::Backup),
    /// The kinds of devices that NetRaven knows
    #[command(subcommand)]
    Platform(platform::Platform),
    /// The keys that seal secrets and configurations
    #[command(subcommand)]
    Keys(keys::Keys),
    /// What admins set while the program runs
    #[command(subcommand)]
    Settings(settings::Settings),
    /// Where kept contents are
    #[command(subcommand)]
    Storage(storage::StorageCommand),
    /// Read kept contents back and compare them with their hashes
    Verify(verify::Verify),
    /// The audit trail
    #[command(subcommand)]
    Audit(audit::Audit),
    /// When backups start by themselves
    #[command(subcommand)]
    Schedule(schedule::ScheduleCommand),
    /// Simulate devices that speak SSH
    Simulate(simulate::Simulate),
    /// Copy NetRaven itself into one sealed file
    SelfBackup(self_backup::SelfBackup),
    /// Restore such a file into an empty database
    Restore(self_backup::Restore),
    /// Check the configuration and say what is in force
    CheckConfig,
    /// Bring the database up to date and stop
    Migrate,
    /// Shell completions on standard output
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// How a command ended: the program's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All well.
    Well,
    /// Something that was asked for failed.
    Failed,
    /// Wrong usage or configuration.
    Usage,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Well => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Usage => Self::from(2),
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Wrong usage: says what and the way out.
    #[error("{0}")]
    Usage(String),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// NetRaven does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It was tried and failed.
    #[error("{0}")]
    Failed(String),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The console may do everything; that it may not is a mistake.
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl CommandError {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Config(_) | Self::Start(_) => Exit::Usage,
            Self::Failed(_) | Self::Fault(_) | Self::Denied(_) => Exit::Failed,
        }
    }
}

/// What every command starts from.
pub(crate) struct Context {
    config: Config,
    data_dir: Option<PathBuf>,
}

impl Context {
    /// The data folder: what was given, else `usual`.
    fn data_dir(&self, usual: &str) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(|| PathBuf::from(usual))
    }

    fn places(&self) -> Places {
        Places::new(&self.data_dir("netraven-data"), &self.config)
    }

    async fn open(&self) -> Result<Core, CommandError> {
        Ok(app::open(&self.places()).await?)
    }
}

/// The console's grant of a permission.
fn grant<P: Permission>() -> Result<Grant<P>, CommandError> {
    Ok(Actor::console().grant::<P>()?)
}

/// Does what the arguments say and tells on standard error what went wrong.
pub async fn run(arguments: Arguments) -> Exit {
    broken_pipe::end_quietly();
    match dispatch(arguments).await {
        Ok(exit) => exit,
        Err(error) => {
            eprintln!("netraven: {error}");
            error.exit()
        }
    }
}

async fn dispatch(arguments: Arguments) -> Result<Exit, CommandError> {
    let is_serving = matches!(arguments.command, Command::Serve(_) | Command::Worker(_) | Command::Demo(_));
    if is_serving {
        arenas::few();
    }
    let usual = if matches!(arguments.command, Command::Demo(_)) { demo::FOLDER } else { "netraven-data" };
    let folder = arguments.data_dir.clone().unwrap_or_else(|| PathBuf::from(usual));
    let mut config = Config::load(file(arguments.config.as_deref(), &folder)?, std::env::vars())?;
    if let Some(url) = arguments.database_url {
        config.database_url = Some(url);
    }
    telemetry::start(&config, is_serving);
    let context = Context { config, data_dir: arguments.data_dir };
    match arguments.command {
        Command::Serve(serve) => serve.run(context).await,
        Command::Worker(worker) => worker.run(&context).await,
        Command::Demo(demo) => demo.run(context).await,
        Command::User(user) => user.run(&context).await,
        Command::Device(device) => device.run(&context).await,
        Command::JumpHost(jump_host) => jump_host.run(&context).await,
        Command::Backup(backup) => backup.run(&context).await,
        Command::Keys(keys) => keys.run(&context).await,
        Command::Platform(platform) => platform.run(&context).await,
        Command::Settings(settings) => settings.run(&context).await,
        Command::Storage(storage) => storage.run(&context).await,
        Command::Verify(verify) => verify.run(&context).await,
        Command::Audit(audit) => audit.run(&context).await,
        Command::Schedule(schedule) => schedule.run(&context).await,
        Command::Simulate(simulate) => simulate.run().await,
        Command::SelfBackup(copy) => copy.run(&context).await,
        Command::Restore(restore) => restore.run(&context).await,
        Command::CheckConfig => {
            // For a person's eyes and a ticket's: never with the database's password.
            let (mut config, mut places) = (context.config.clone(), context.places());
            config.database_url = config.database_url.as_deref().map(without_password);
            places.database_url = without_password(&places.database_url);
            println!("{config:#?}\n{places:#?}");
            Ok(Exit::Well)
        }
        Command::Migrate => {
            context.open().await?;
            println!("The database is up to date.");
            Ok(Exit::Well)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "netraven", &mut script);
            print!("{}", String::from_utf8_lossy(&script));
            Ok(Exit::Well)
        }
    }
}

/// The configuration file's path and text: the one that was named, else the data folder's if it is there.
fn file(named: Option<&Path>, folder: &Path) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let path = named.map_or_else(|| folder.join("netraven.toml"), Path::to_path_buf);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConfigError::File(path, error.to_string())),
    }
}

/// A database's address as it may be shown.
fn without_password(url: &str) -> String {
    let hidden = url.rsplit_once('@').and_then(|(left, place)| {
        let (scheme, who) = left.split_once("://")?;
        let (user, _) = who.split_once(':')?;
        Some(format!("{scheme}://{user}:…@{place}"))
    });
    hidden.unwrap_or_else(|| url.to_owned())
}

/// A secret from standard input: its first line.
fn secret_from_stdin() -> Result<crate::domain::secret::Secret, CommandError> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|e| CommandError::Usage(format!("standard input: {e}")))?;
    let secret = crate::domain::secret::Secret::new(line.trim_end_matches(['\n', '\r']));
    zeroize::Zeroize::zeroize(&mut line);
    if secret.is_empty() {
        return Err(CommandError::Usage(
            "standard input holds no password; give it as its first line".to_owned(),
        ));
    }
    Ok(secret)
}
