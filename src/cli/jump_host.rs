//! `netraven jump-host`.

use clap::Subcommand;

use super::{CommandError, Context, Exit, grant};
use crate::{
    domain::{
        device::{Address, DeviceName, Port},
        id::{CredentialId, JumpHostId},
        jump_host::{JumpHost, NewJumpHost},
    },
    service::{
        Core, credentials,
        jump_hosts::{self, SaveJumpHostError},
    },
};

/// SSH servers through which devices are reached
#[derive(Debug, Subcommand)]
pub enum JumpHostCommand {
    /// Add a jump host
    #[command(
        after_help = "Example: netraven jump-host add edge --address 192.0.2.1 --credential \"jump account\"\nThe credential is a shared one, made on the pages. The host key is pinned at the first connection."
    )]
    Add {
        /// The jump host's name
        name: DeviceName,
        /// IP address or host name
        #[arg(long)]
        address: Address,
        /// TCP port
        #[arg(long, default_value = "22")]
        port: Port,
        /// The name of the shared credential that it is shown
        #[arg(long, value_name = "NAME")]
        credential: String,
        /// The name of another jump host that comes before it
        #[arg(long, value_name = "NAME")]
        via: Option<String>,
    },
    /// List jump hosts
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
}

impl JumpHostCommand {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        match self {
            Self::Add { name, address, port, credential, via } => {
                let via = match &via {
                    Some(via) => Some(named(&core, via).await?),
                    None => None,
                };
                let credential = shared(&core, &credential).await?;
                let told = name.as_str().to_owned();
                let new = NewJumpHost { name, address, port, credential, via };
                jump_hosts::create(&core, &grant()?, &new).await.map_err(refused)?;
                println!("{told} was added.");
            }
            Self::List { json } => list(&core, json).await?,
        }
        Ok(Exit::Well)
    }
}

/// The jump host with this name, regardless of case.
pub(super) async fn named(core: &Core, name: &str) -> Result<JumpHostId, CommandError> {
    found("jump host", jump_hosts::names(core, &grant()?).await?, name)
}

async fn shared(core: &Core, name: &str) -> Result<CredentialId, CommandError> {
    found("shared credential", credentials::names(core, &grant()?).await?, name)
}

/// The one with this name, or which there are.
fn found<T>(what: &str, known: Vec<(T, String)>, name: &str) -> Result<T, CommandError> {
    let wanted = name.trim().to_lowercase();
    let names: Vec<String> = known.iter().map(|(_, name)| name.clone()).collect();
    let found = known.into_iter().find(|(_, known)| known.to_lowercase() == wanted);
    found.map(|(id, _)| id).ok_or_else(|| {
        let there = if names.is_empty() { "there is none yet".to_owned() } else { names.join(", ") };
        CommandError::Usage(format!("there is no {what} named \"{name}\"; known: {there}"))
    })
}

async fn list(core: &Core, json: bool) -> Result<(), CommandError> {
    let all = jump_hosts::list(core, &grant()?).await?;
    let behind = jump_hosts::behind(core, &grant()?).await?;
    let accounts = credentials::names(core, &grant()?).await?;
    let name_of = |id: Option<JumpHostId>| all.iter().find(|host| Some(host.id) == id).map(|host| &host.name);
    let account =
        |host: &JumpHost| accounts.iter().find(|(id, _)| *id == host.credential).map(|(_, name)| name);
    for host in &all {
        let devices = behind.get(&host.id).copied().unwrap_or_default();
        if json {
            let line = serde_json::json!({
                "name": host.name, "address": host.address, "port": host.port, "via": name_of(host.via),
                "credential": account(host), "devices": devices,
                "host_key": host.pin.as_ref().map(|pin| &pin.key.fingerprint),
            });
            println!("{line}");
        } else {
            let place = format!("{}:{}", host.address, host.port);
            let via = name_of(host.via).map(|via| format!("  through {via}")).unwrap_or_default();
            let account = account(host).map_or("", String::as_str);
            println!("{:<24} {place:<28} {account:<24} {devices:>5} devices{via}", host.name);
        }
    }
    Ok(())
}

fn refused(error: SaveJumpHostError) -> CommandError {
    match error {
        SaveJumpHostError::Fault(fault) => fault.into(),
        SaveJumpHostError::NameTaken(_)
        | SaveJumpHostError::UnknownCredential
        | SaveJumpHostError::Way
        | SaveJumpHostError::Gone
        | SaveJumpHostError::Changed
        | SaveJumpHostError::InUse { .. }
        | SaveJumpHostError::Scope => CommandError::Usage(error.to_string()),
    }
}
