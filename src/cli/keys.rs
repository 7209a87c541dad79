//! `netraven keys`.

use std::time::Duration;

use clap::Subcommand;

use super::{CommandError, Context, Exit, grant};
use crate::{
    domain::{access::Actor, id::DataKeyId, key::KeyState},
    service::{
        Core,
        keys::{self, KeyError},
    },
};

/// The keys that seal secrets and configurations
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// List the keys, and how much is sealed with each
    Status {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Make a new key and seal everything anew with it
    #[command(after_help = "Works beside a running server and after an interruption: run it again to go on.")]
    Rotate,
    /// Remove a retired key for good
    Remove {
        /// Its number
        key: i64,
    },
}

impl Keys {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        match self {
            Self::Status { json } => {
                for key in keys::status(&core, &grant()?).await? {
                    if json {
                        let line = serde_json::json!({
                            "key": key.id.0, "state": key.state.as_str(), "created": key.created_at.to_rfc3339(),
                            "values": key.values, "removable": key.is_removable,
                        });
                        println!("{line}");
                    } else {
                        let removable = if key.is_removable { ", may be removed" } else { "" };
                        println!(
                            "key {:<4} {:<9} made {}, seals {} values{removable}",
                            key.id,
                            key.state,
                            key.created_at.format("%Y-%m-%d %H:%M UTC"),
                            key.values
                        );
                    }
                }
            }
            Self::Rotate => {
                match keys::rotate(&core, &grant()?).await {
                    Ok(id) => {
                        println!("Key {id} was made; it seals in {} seconds.", keys::NOTICE.num_seconds());
                    }
                    Err(KeyError::UnderWay(id)) => println!("Going on with the rotation of key {id}."),
                    Err(other) => return Err(told(other)),
                }
                finish(&core).await?;
            }
            Self::Remove { key } => {
                keys::remove(&core, &grant()?, DataKeyId(key)).await.map_err(told)?;
                println!("Key {key} is gone.");
            }
        }
        Ok(Exit::Well)
    }
}

/// Works until nothing is sealed with an old key; a running server may do part of it.
async fn finish(core: &Core) -> Result<(), CommandError> {
    loop {
        if !keys::advance(core, &Actor::console()).await? {
            break;
        }
        let waits = keys::status(core, &grant()?).await?.iter().any(|key| key.state == KeyState::Coming);
        if waits {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    let left = keys::status(core, &grant()?).await?;
    match left.iter().find(|key| key.state == KeyState::Retiring) {
        Some(key) => {
            println!("{} values of key {} do not open and were left; see the log.", key.values, key.id);
        }
        None => println!("Everything is sealed with the new key."),
    }
    Ok(())
}

fn told(error: KeyError) -> CommandError {
    match error {
        KeyError::Fault(fault) => fault.into(),
        other @ (KeyError::UnderWay(_) | KeyError::Unknown(_) | KeyError::Needed(..)) => {
            CommandError::Usage(other.to_string())
        }
    }
}
