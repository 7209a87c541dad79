//! `netraven backup`: take, list, show and compare configurations.

mod run;

use std::io::Write;

use clap::{Args, Subcommand};

use super::{CommandError, Context, Exit, grant};
use crate::{
    domain::{
        access::{Grant, ViewDevices},
        backup::Backup as Version,
        id::BackupId,
        page::PageRequest,
    },
    service::{
        Core,
        backups::{
            self,
            compare::{Side, patch_any},
            contexts,
        },
        devices,
    },
};
use run::Run;

/// Take and read configurations
#[derive(Debug, Subcommand)]
pub enum Backup {
    /// Back devices up now and wait
    Run(Run),
    /// List the versions of a device's configuration, the newest first
    List {
        /// The device's name
        device: String,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Print a version; masked unless told otherwise
    Show {
        /// The device's name
        device: String,
        /// The version's number; default: the newest
        #[arg(long, value_name = "ID")]
        version: Option<BackupId>,
        /// One context of it only, as its page names them
        #[arg(long, value_name = "NAME")]
        context: Option<String>,
        #[command(flatten)]
        text: Text,
    },
    /// Compare two versions: DEVICE (newest two), ID (with the one before), or ID ID
    Diff {
        /// A device's name or a version's number
        from: String,
        /// A version's number
        to: Option<BackupId>,
        /// One context of them only, as their pages name them
        #[arg(long, value_name = "NAME")]
        context: Option<String>,
    },
}

/// Which of the three texts.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Text {
    /// The bytes for restoring, with their secrets; written to the audit trail
    #[arg(long)]
    raw: bool,
    /// Without volatile lines, with its secrets; written to the audit trail
    #[arg(long)]
    normalised: bool,
    /// Secrets replaced by tags
    #[arg(long)]
    masked: bool,
}

impl Backup {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        match self {
            Self::Run(run) => run.run(context).await,
            Self::List { device, json } => list(&context.open().await?, &device, json).await,
            Self::Show { device, version, context: name, text } => {
                show(&context.open().await?, (&device, version, name.as_deref()), &text).await
            }
            Self::Diff { from, to, context: name } => {
                diff(&context.open().await?, (&from, to), name.as_deref()).await
            }
        }
    }
}

async fn device(core: &Core, name: &str) -> Result<crate::domain::device::Device, CommandError> {
    let found = devices::find_by_name(core, &grant()?, name).await?;
    found.ok_or_else(|| {
        CommandError::Usage(format!("there is no device named \"{name}\"; see `netraven device list`"))
    })
}

async fn list(core: &Core, name: &str, json: bool) -> Result<Exit, CommandError> {
    let device = device(core, name).await?;
    let all = PageRequest::all();
    for version in backups::list(core, &grant()?, device.id, all).await?.rows {
        if json {
            let line = serde_json::json!({
                "device": version.device_name, "backup": version.id.0, "taken": version.taken_at.to_rfc3339(),
                "verified": version.verified_at.to_rfc3339(), "seen": version.seen, "platform": version.platform,
                "bytes": version.bytes, "lines": version.lines, "added": version.added, "removed": version.removed,
                "sha256": version.sha256, "job": version.job.map(|id| id.0),
            });
            println!("{line}");
        } else {
            println!(
                "{:>8}  {}  {:>8} lines  +{} -{}  seen {} times, last {}",
                version.id,
                version.taken_at.format("%Y-%m-%d %H:%M:%S UTC"),
                version.lines,
                version.added,
                version.removed,
                version.seen,
                version.verified_at.format("%Y-%m-%d %H:%M:%S UTC")
            );
        }
    }
    Ok(Exit::Well)
}

async fn version(core: &Core, id: BackupId) -> Result<Version, CommandError> {
    let found = backups::find(core, &grant()?, id).await?;
    found.ok_or_else(|| {
        CommandError::Usage(format!("there is no version {id}; see `netraven backup list DEVICE`"))
    })
}

async fn show(
    core: &Core,
    (name, id, context): (&str, Option<BackupId>, Option<&str>),
    text: &Text,
) -> Result<Exit, CommandError> {
    let device = device(core, name).await?;
    let shown = match id {
        Some(id) => version(core, id).await?,
        None => backups::newest(core, &grant()?, device.id)
            .await?
            .ok_or_else(|| CommandError::Failed(format!("{} has no backup yet", device.name)))?,
    };
    if shown.device != device.id {
        return Err(CommandError::Usage(format!(
            "version {} is {}'s, not {}'s",
            shown.id, shown.device_name, device.name
        )));
    }
    let bytes = match context {
        Some(context) => one_context(core, &shown, context, text).await?,
        None if text.raw => backups::download(core, &grant()?, &shown).await?,
        None if text.normalised => backups::normalised(core, &grant()?, &shown).await?.into_bytes(),
        None => backups::masked(core, &grant()?, &shown).await?.into_bytes(),
    };
    // Exactly the text, for pipes and files: no line end is added.
    let mut out = std::io::stdout().lock();
    out.write_all(&bytes).and_then(|()| out.flush()).map_err(|e| CommandError::Failed(e.to_string()))?;
    Ok(Exit::Well)
}

/// The text of one context of a version.
async fn one_context(core: &Core, shown: &Version, name: &str, text: &Text) -> Result<Vec<u8>, CommandError> {
    let found = if text.raw {
        contexts::download(core, &grant()?, shown, name).await?
    } else if text.normalised {
        contexts::normalised(core, &grant()?, shown, name).await?
    } else {
        contexts::masked(core, &grant()?, shown, name).await?.map(String::into_bytes)
    };
    match found {
        Some(bytes) => Ok(bytes),
        None => Err(no_context(core, shown, name).await?),
    }
}

async fn no_context(core: &Core, shown: &Version, name: &str) -> Result<CommandError, CommandError> {
    let known = contexts::names(core, &grant()?, shown).await?;
    let instead =
        if known.is_empty() { "it has none".to_owned() } else { format!("it has: {}", known.join(", ")) };
    Ok(CommandError::Usage(format!("version {} has no context \"{name}\"; {instead}", shown.id)))
}

async fn diff(
    core: &Core,
    (from, to): (&str, Option<BackupId>),
    context: Option<&str>,
) -> Result<Exit, CommandError> {
    let by: Grant<ViewDevices> = grant()?;
    let (old, new) = match (from.parse::<BackupId>(), to) {
        (Ok(old), Some(new)) => (version(core, old).await?, version(core, new).await?),
        (Ok(id), None) => before(core, &by, version(core, id).await?).await?,
        (Err(_), None) => {
            let device = device(core, from).await?;
            let newest = backups::newest(core, &by, device.id).await?;
            let newest =
                newest.ok_or_else(|| CommandError::Failed(format!("{} has no backup yet", device.name)))?;
            before(core, &by, newest).await?
        }
        (Err(_), Some(_)) => {
            return Err(CommandError::Usage("with two arguments, both are versions' numbers".to_owned()));
        }
    };
    let Some(name) = context else {
        print!("{}", backups::patch(core, &by, (&old, &new)).await?);
        return Ok(Exit::Well);
    };
    let mut is_known = false;
    for version in [&old, &new] {
        is_known |= contexts::names(core, &by, version).await?.iter().any(|known| known == name);
    }
    if !is_known {
        return Err(no_context(core, &new, name).await?);
    }
    let sides = (Side::Context(&old, name), Side::Context(&new, name));
    print!("{}", patch_any(core, &by, sides).await?);
    Ok(Exit::Well)
}

async fn before(
    core: &Core,
    by: &Grant<ViewDevices>,
    new: Version,
) -> Result<(Version, Version), CommandError> {
    match backups::before(core, by, &new).await? {
        Some(old) => Ok((version(core, old).await?, new)),
        None => Err(CommandError::Failed(format!("version {} is {}'s first", new.id, new.device_name))),
    }
}
