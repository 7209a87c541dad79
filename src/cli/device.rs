//! `netraven device`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{CommandError, Context, Exit, grant, jump_host, secret_from_stdin};
use crate::{
    domain::{
        credential::{Login, NewCredential},
        device::{
            Address, Algorithms, DeviceFilter, DeviceName, FurtherAddress, NewDevice, Port, Reach, Transport,
        },
        id::DeviceId,
        import::Counts,
        page::PageRequest,
        tag::TagName,
        time_limit::TimeLimit,
    },
    service::{
        Core,
        devices::{self, SaveDeviceError},
        import::{self, ImportError, RowError},
        jump_hosts,
    },
};

/// The inventory
#[derive(Debug, Subcommand)]
pub enum Device {
    /// Add a device
    #[command(
        after_help = "Example: echo secret | netraven device add core-1 --address 192.0.2.1 --platform cisco_ios --username backup --password-stdin"
    )]
    Add(Box<Add>),
    /// List devices
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Remove a device with all versions of its configuration
    Remove {
        /// The device's name
        name: String,
    },
    /// Import devices from a CSV file, adding new ones and changing known ones: all of it or nothing
    #[command(
        after_help = "Columns, in any order, named in the first line:\n  hostname,address,port,platform,transport,username,password,enable_password,tags,description,serial_number,algorithms,further_addresses,jump_host,enabled\nRequired: hostname, address, platform. Tags are separated by ;\nA transport is ssh or, where the settings allow it, telnet; a port that is left blank is that of the transport.\nAlgorithms are modern, or legacy for a device whose SSH has none but old ones.\nFurther addresses, HOST or HOST:PORT, separated by ; are tried where nothing answers before.\nA jump host is named as on its page; `netraven jump-host list` tells them.\nEnabled is yes or no.\nWhat a row leaves blank stays as it is on a device that is known. An import can be undone on its page."
    )]
    Import {
        /// The file
        file: PathBuf,
        /// Tell what would happen and change nothing
        #[arg(long)]
        dry_run: bool,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
}

/// Add a device
#[derive(Debug, clap::Args)]
pub struct Add {
    /// The device's name
    name: DeviceName,
    /// IP address or host name
    #[arg(long)]
    address: Address,
    /// Another address, HOST or HOST:PORT, tried where nothing answers before; may be given several times
    #[arg(long = "further-address", value_name = "ADDRESS")]
    further: Vec<FurtherAddress>,
    /// The name of the jump host that it is reached through
    #[arg(long, value_name = "NAME")]
    jump_host: Option<String>,
    /// A platform's key, or what Oxidized, RANCID or Netmiko call it; see `netraven platform list`
    #[arg(long)]
    platform: String,
    /// TCP port; without it, 22 for ssh, 23 for telnet and 443 for https
    #[arg(long)]
    port: Option<Port>,
    /// ssh, https for platforms that have no other way, or telnet where `security.devices.allow_telnet` is on: it sends passwords in clear text
    #[arg(long, default_value = "ssh")]
    transport: Transport,
    /// SSH algorithms: modern, or legacy for a device that has none but old ones (SHA-1, CBC, small groups)
    #[arg(long, default_value = "modern")]
    algorithms: Algorithms,
    /// The account on the device
    #[arg(long)]
    username: Option<String>,
    /// Read the account's password from standard input
    #[arg(long, requires = "username")]
    password_stdin: bool,
    /// Serial number
    #[arg(long, default_value = "")]
    serial: String,
    /// How long a job may take in all, in seconds; without it, as its platform or the configuration says
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<TimeLimit>,
    /// A tag; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<TagName>,
}

impl Device {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        match self {
            Self::Add(add) => add.run(&core).await,
            Self::List { json } => list(&core, json).await,
            Self::Remove { name } => {
                let Some(device) = devices::find_by_name(&core, &grant()?, &name).await? else {
                    return Err(CommandError::Usage(format!("there is no device named \"{name}\"")));
                };
                devices::delete(&core, &grant()?, device.id).await?;
                println!("{} was removed.", device.name);
                Ok(Exit::Well)
            }
            Self::Import { file, dry_run, json } => import(&core, &file, (dry_run, json)).await,
        }
    }
}

impl Add {
    async fn run(self, core: &Core) -> Result<Exit, CommandError> {
        let password = if self.password_stdin { Some(secret_from_stdin()?) } else { None };
        let credential =
            self.username.map(|username| NewCredential { username, password, ..NewCredential::default() });
        let jump_host = match &self.jump_host {
            Some(name) => Some(jump_host::named(core, name).await?),
            None => None,
        };
        let new = NewDevice {
            name: self.name,
            address: self.address,
            port: self.port.unwrap_or(self.transport.port()),
            platform: core.platforms.named(&self.platform).unwrap_or(self.platform),
            transport: self.transport,
            description: String::new(),
            is_enabled: true,
            credential,
            login: Login::Own,
            tags: self.tags,
            serial_number: self.serial,
            owner: None,
            time_limit: self.time_limit,
            reach: Reach { algorithms: self.algorithms, further: self.further, jump_host },
        };
        let name = new.name.as_str().to_owned();
        match devices::create(core, &grant()?, new).await {
            Ok(_) => {
                println!("{name} was added.");
                Ok(Exit::Well)
            }
            Err(SaveDeviceError::Fault(fault)) => Err(fault.into()),
            Err(other) => Err(CommandError::Usage(other.to_string())),
        }
    }
}

async fn list(core: &Core, json: bool) -> Result<Exit, CommandError> {
    let all = PageRequest::all();
    let (page, tags) = devices::list(core, &grant()?, &DeviceFilter::default(), all).await?;
    let ids: Vec<DeviceId> = page.rows.iter().map(|device| device.id).collect();
    let reach = devices::reach(core, &grant()?, &ids).await?;
    let hosts = jump_hosts::names(core, &grant()?).await?;
    for device in page.rows {
        let tags = tags.get(&device.id).map(Vec::as_slice).unwrap_or_default();
        let reach = reach.get(&device.id).cloned().unwrap_or_default();
        let through = hosts.iter().find(|(id, _)| Some(*id) == reach.jump_host).map(|(_, name)| name);
        if json {
            let line = serde_json::json!({
                "name": device.name, "address": device.address, "port": device.port, "platform": device.platform,
                "transport": device.transport.as_str(), "algorithms": reach.algorithms.as_str(),
                "further_addresses": reach.further.iter().map(ToString::to_string).collect::<Vec<_>>(), "jump_host": through, "enabled": device.is_enabled, "tags": tags,
                "standing": device.standing().as_str(), "backup": device.current_backup.map(|id| id.0),
                "last_good": device.last_good_at.map(|at| at.to_rfc3339()),
            });
            println!("{line}");
        } else {
            let place = format!("{}:{}", device.address, device.port);
            println!(
                "{:<32} {place:<28} {:<6} {:<20} {:<8} {}",
                device.name,
                device.transport,
                device.platform,
                device.standing(),
                tags.join(" ")
            );
        }
    }
    Ok(Exit::Well)
}

async fn import(
    core: &Core,
    file: &std::path::Path,
    (dry_run, json): (bool, bool),
) -> Result<Exit, CommandError> {
    let csv = std::fs::read(file).map_err(|e| CommandError::Usage(format!("{}: {e}", file.display())))?;
    let done = if dry_run {
        import::check(core, &grant()?, &csv).await
    } else {
        import::apply(core, &grant()?, &csv).await
    };
    match done {
        Ok(counts) => {
            told(counts, (dry_run, json));
            Ok(Exit::Well)
        }
        Err(ImportError::Fault(fault)) => Err(fault.into()),
        Err(ImportError::Rows(rows)) => {
            complain(file, &rows, (dry_run, json));
            Ok(Exit::Failed)
        }
    }
}

fn told(counts: Counts, (dry_run, json): (bool, bool)) {
    if json {
        let line = serde_json::json!({
            "devices": counts.good(), "added": counts.new, "changed": counts.update,
            "unchanged": counts.unchanged, "dry_run": dry_run, "errors": 0,
        });
        println!("{line}");
        return;
    }
    let (verb, end) = if dry_run { ("would be", "; nothing was changed.") } else { ("were", ".") };
    let (new, update, unchanged) = (counts.new, counts.update, counts.unchanged);
    println!("{new} devices {verb} added, {update} changed, {unchanged} are so already{end}");
}

fn complain(file: &std::path::Path, rows: &[RowError], (dry_run, json): (bool, bool)) {
    for row in rows {
        let RowError { line, complaint } = row;
        if json {
            let line = serde_json::json!({
                "line": line, "field": complaint.column, "value": complaint.value, "message": complaint.message,
            });
            println!("{line}");
        } else {
            eprintln!("{}: {row}", file.display());
        }
    }
    if json {
        println!("{}", serde_json::json!({"devices": 0, "dry_run": dry_run, "errors": rows.len()}));
    }
    eprintln!("netraven: {} faults; nothing was imported", rows.len());
}
