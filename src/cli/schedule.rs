//! `netraven schedule`.

use clap::Subcommand;

use super::{CommandError, Context, Exit, grant};
use crate::{
    domain::{
        page::PageRequest,
        schedule::{Schedule, ScheduleFilter},
    },
    service::{
        Core,
        schedules::{self, Listed, Ran, SaveScheduleError},
    },
};

/// When backups start by themselves
#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// List schedules with their next run
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Queue a schedule's backups now; its next run stays. `netraven serve` does the work
    Run {
        /// The schedule's name
        name: String,
    },
    /// Switch a schedule on, from its next run
    Enable {
        /// The schedule's name
        name: String,
    },
    /// Switch a schedule off
    Disable {
        /// The schedule's name
        name: String,
    },
    /// Show the next runs of a schedule, with what clock changes and black-outs do to them
    #[command(after_help = "Example: netraven schedule next Nightly --count 5")]
    Next {
        /// The schedule's name
        name: String,
        /// How many
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1_000))]
        count: u16,
    },
}

impl ScheduleCommand {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        match self {
            Self::List { json } => list(&core, json).await?,
            Self::Run { name } => return run(&core, &name).await,
            Self::Enable { name } => switch(&core, &name, true).await?,
            Self::Disable { name } => switch(&core, &name, false).await?,
            Self::Next { name, count } => next(&core, &name, usize::from(count)).await?,
        }
        Ok(Exit::Well)
    }
}

async fn named(core: &Core, name: &str) -> Result<Schedule, CommandError> {
    schedules::find_by_name(core, &grant()?, name).await?.ok_or_else(|| {
        CommandError::Usage(format!("there is no schedule \"{name}\"; `netraven schedule list` shows them"))
    })
}

async fn list(core: &Core, json: bool) -> Result<(), CommandError> {
    let mut request = PageRequest::first(500);
    loop {
        let page = schedules::list(core, &grant()?, &ScheduleFilter::default(), request).await?;
        for row in &page.rows {
            println!("{}", if json { as_json(row) } else { as_line(row) });
        }
        if request.number >= page.last() {
            return Ok(());
        }
        request.number += 1;
    }
}

fn as_json(Listed { schedule, matching }: &Listed) -> String {
    serde_json::json!({
        "name": schedule.name, "description": schedule.description, "enabled": schedule.is_enabled,
        "recurrence": schedule.recurrence, "targets": schedule.aim.as_str(), "devices": matching,
        "next_run": schedule.next_run_at.map(|at| at.to_rfc3339()),
        "last_run": schedule.last_run_at.map(|at| at.to_rfc3339()),
    })
    .to_string()
}

fn as_line(Listed { schedule, matching }: &Listed) -> String {
    let next = schedule
        .next_run_at
        .map_or_else(|| "off".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
    format!("{:<24} {next:<22} {matching:>6} devices  {}", schedule.name, schedule.recurrence.in_words())
}

async fn run(core: &Core, name: &str) -> Result<Exit, CommandError> {
    let id = named(core, name).await?.id;
    match schedules::run(core, &grant()?, id).await? {
        Some(Ran::Started(batch, jobs)) => {
            println!("{jobs} backups of {name} are queued as batch {batch}.");
            Ok(Exit::Well)
        }
        Some(Ran::Busy) => {
            println!("Nothing was queued: its devices are being backed up already.");
            Ok(Exit::Well)
        }
        Some(Ran::Nothing) => Err(CommandError::Failed(format!("no enabled device matches {name}"))),
        None => Err(CommandError::Failed(format!("the schedule {name} has just been deleted"))),
    }
}

async fn switch(core: &Core, name: &str, is: bool) -> Result<(), CommandError> {
    let id = named(core, name).await?.id;
    let now = schedules::set_enabled(core, &grant()?, id, is).await.map_err(|error| match error {
        SaveScheduleError::Fault(fault) => CommandError::Fault(fault),
        other @ (SaveScheduleError::NameTaken
        | SaveScheduleError::Gone
        | SaveScheduleError::Stale(_)
        | SaveScheduleError::Scope
        | SaveScheduleError::Over) => CommandError::Failed(other.to_string()),
    })?;
    match now.next_run_at {
        Some(at) => println!("{name} is on; it runs next at {}.", at.format("%Y-%m-%d %H:%M UTC")),
        None => println!("{name} is off."),
    }
    Ok(())
}

async fn next(core: &Core, name: &str, count: usize) -> Result<(), CommandError> {
    let schedule = named(core, name).await?;
    if !schedule.is_enabled {
        eprintln!("{name} is off: none of these happen until it is on.");
    }
    for one in schedules::preview(core, &grant()?, &schedule.recurrence, (Some(schedule.id), count)).await? {
        let mut line = one.run.at.format("%Y-%m-%d %H:%M UTC").to_string();
        if !one.run.local.is_empty() {
            line = format!("{line}  {}", one.run.local);
        }
        if let Some(blackout) = one.blackout {
            line = format!("{line}  nothing starts: black-out \"{blackout}\".");
        }
        println!("{}", format!("{line}  {}", one.run.remark).trim_end());
    }
    Ok(())
}
