//! `netraven storage`.

use std::{io::Write, time::Duration};

use clap::Subcommand;

use super::{CommandError, Context, Exit, grant};
use crate::{
    app,
    domain::setting::Storage,
    service::{
        Core,
        storage::{
            self, Status,
            relocate::{self, MoveError, Went},
        },
    },
};

/// Where kept contents are
#[derive(Debug, Subcommand)]
pub enum StorageCommand {
    /// Say what is kept where, and how far a move has come
    Status {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Move everything that is kept, while everything runs
    #[command(
        after_help = "Works beside a running server and after an interruption: run it again to go on. Where new contents \
        go is the setting system.backup.storage_type."
    )]
    Move {
        /// local (the database), directory (files of the data folder) or s3 (the bucket of the settings)
        #[arg(long, value_name = "PLACE")]
        to: Storage,
    },
}

impl StorageCommand {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        match self {
            Self::Status { json } => {
                tell(&storage::status(&core, &grant()?).await?, json);
                Ok(Exit::Well)
            }
            Self::Move { to } => carry(&core, to).await,
        }
    }
}

fn tell(status: &Status, json: bool) {
    for held in &status.held {
        if json {
            let line = serde_json::json!({
                "place": held.at.as_str(), "contents": held.contents, "bytes": held.bytes,
                "damaged": held.damaged, "oldest_check": held.oldest_check.to_rfc3339(),
                "new": held.at == status.new,
            });
            println!("{line}");
        } else {
            println!(
                "{:<10} {:>9} contents, {:>13} bytes before compression, {} damaged, all read back since {}",
                held.at,
                held.contents,
                held.bytes,
                held.damaged,
                held.oldest_check.format("%Y-%m-%d %H:%M UTC")
            );
        }
    }
    if let Some((target, work)) = &status.moving {
        let state = if work.finished_at.is_some() { "over" } else { "under way" };
        if json {
            let line = serde_json::json!({ "move": {
                "to": target.as_str(), "state": state, "moved": work.done, "damaged": work.failed,
                "message": work.message,
            }});
            println!("{line}");
        } else {
            println!("move to {target}: {state}, {} moved, {} damaged and left", work.done, work.failed);
            if let Some(why) = &work.message {
                println!("it stands still: {why}");
            }
        }
    }
    if !json {
        println!("new ones go to {}", status.new);
    }
}

/// Moves until nothing is left; a running server may do part of it. What was begun and is told to stop goes on later.
async fn carry(core: &Core, to: Storage) -> Result<Exit, CommandError> {
    let status = storage::status(core, &grant()?).await?;
    let is_under_way = status.moving.is_some_and(|(target, work)| work.finished_at.is_none() && target == to);
    if is_under_way {
        println!("Going on with the move to {to}.");
    } else {
        relocate::begin(core, &grant()?, to).await.map_err(|error| match error {
            MoveError::Fault(fault) => CommandError::from(fault),
            MoveError::NoBucket(_) => CommandError::Usage(error.to_string()),
        })?;
    }
    let ender = app::told_to_stop();
    tokio::pin!(ender);
    loop {
        let step = relocate::step(core);
        tokio::pin!(step);
        let went = tokio::select! {
            went = &mut step => went?,
            () = &mut ender => {
                // The step ends early and gives its lease back.
                core.stopping.cancel();
                (&mut step).await?;
                Went::Nothing
            }
        };
        match went {
            Went::On => continue,
            Went::Over | Went::Nothing => break,
            Went::Elsewhere | Went::Stuck => {}
        }
        let status = storage::status(core, &grant()?).await?;
        let Some((_, work)) = status.moving.filter(|(_, work)| work.finished_at.is_none()) else { break };
        if let (Went::Stuck, Some(why)) = (went, work.message) {
            return Err(CommandError::Failed(format!("{why}; run it again to go on")));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let status = storage::status(core, &grant()?).await?;
    let Some((_, work)) = status.moving else { return Ok(Exit::Failed) };
    println!("{} moved, {} damaged and left where they are.", work.done, work.failed);
    let _ = std::io::stdout().flush();
    let is_well = work.finished_at.is_some() && work.failed == 0;
    Ok(if is_well { Exit::Well } else { Exit::Failed })
}
