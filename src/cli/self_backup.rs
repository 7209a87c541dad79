//! `netraven self-backup` and `netraven restore`.

use std::path::PathBuf;

use clap::Args;

use super::{CommandError, Context, Exit, grant};
use crate::{
    app::restore::{self, NotRestored},
    service::self_backup::{self, Manifest, SelfBackupError},
};

/// Copy NetRaven itself into one sealed file, beside a running server
#[derive(Debug, Args)]
#[command(
    after_help = "The file holds the database, the contents and the site's platform files, sealed: it opens with the master key only, which is not in it. Keep both, apart from each other. Not in it: netraven.toml, sessions, and contents kept outside of database and data folder."
)]
pub struct SelfBackup {
    /// Where to; a file that is there is replaced when the new one is whole
    file: PathBuf,
}

impl SelfBackup {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        let made = self_backup::make(&core, &grant()?, &self.file).await.map_err(|error| match error {
            SelfBackupError::Fault(fault) => fault.into(),
            other @ SelfBackupError::File(..) => CommandError::Failed(other.to_string()),
        })?;
        println!("{}: {}, {} bytes.", made.file.display(), told(&made.manifest), made.bytes);
        let missing = made.manifest.missing.len();
        if missing == 0 {
            return Ok(Exit::Well);
        }
        eprintln!(
            "netraven: {missing} files that should be in the copy could not be read; the log names them"
        );
        Ok(Exit::Failed)
    }
}

/// Restore such a file into an empty database
#[derive(Debug, Args)]
#[command(
    after_help = "Put the master key in place first, and netraven.toml if you had one. The database may be another kind than the copy's: a copy of SQLite goes into PostgreSQL and back."
)]
pub struct Restore {
    /// The file
    file: PathBuf,
    /// Only look whether it opens and is whole
    #[arg(long)]
    check: bool,
}

impl Restore {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let places = context.places();
        if self.check {
            let manifest = restore::check(&places, &self.file).await.map_err(refused)?;
            println!("{} opens and is whole: {}.", self.file.display(), told(&manifest));
            return Ok(Exit::Well);
        }
        let (manifest, verdict) = restore::run(&places, &self.file).await.map_err(refused)?;
        println!("Restored: {}.", told(&manifest));
        match verdict.first_bad {
            None => {
                println!("The audit trail is as it was written: {} lines.", verdict.lines);
                Ok(Exit::Well)
            }
            Some(what) => {
                eprintln!("netraven: the audit trail is not as it was written: {what}");
                Ok(Exit::Failed)
            }
        }
    }
}

fn told(manifest: &Manifest) -> String {
    let (rows, files) = manifest.counts();
    let made = manifest.head.made_at.format("%Y-%m-%d %H:%M UTC");
    let elsewhere = match manifest.not_copied {
        0 => String::new(),
        count => format!("; {count} contents are kept elsewhere and are not in it"),
    };
    format!("made {made} from {}, {rows} rows and {files} files{elsewhere}", manifest.head.database)
}

fn refused(error: NotRestored) -> CommandError {
    match error {
        NotRestored::Start(start) => start.into(),
        other @ (NotRestored::Restore(_) | NotRestored::Denied(_)) => CommandError::Failed(other.to_string()),
    }
}
