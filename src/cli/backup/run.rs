//! `netraven backup run`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::IsTerminal,
    time::Duration,
};

use clap::Args;

use crate::{
    cli::{CommandError, Context, Exit, grant},
    domain::{
        access::{Grant, ViewDevices},
        failure::{FailureClass, Stage},
        id::{BackupId, JobId},
        job::{Job, JobState, Outcome},
    },
    engine::Engine,
    service::{
        Core, devices,
        jobs::{self, Which},
    },
};

/// Back devices up now and wait
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code 1 when a device has no good backup from this run.\nExample: netraven backup run core-1 core-2 --json"
)]
pub struct Run {
    /// Names of devices
    #[arg(required_unless_present_any = ["all", "tag"])]
    devices: Vec<String>,
    /// All enabled devices
    #[arg(long, conflicts_with_all = ["devices", "tag"])]
    all: bool,
    /// The enabled devices with this tag
    #[arg(long, conflicts_with = "devices")]
    tag: Option<String>,
    /// One JSON object per device as it ends, then a summary
    #[arg(long)]
    json: bool,
    /// How many devices to talk to at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=5_000))]
    concurrency: Option<u16>,
}

impl Run {
    /// Queues the jobs, works them off and waits.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        if let Some(why) = core.keyring.why_sealed() {
            return Err(CommandError::Failed(format!("NetRaven is sealed: {why}")));
        }
        let which = self.which(&core).await?;
        let mut options = context.config.engine();
        options.is_planning = false;
        if let Some(concurrency) = self.concurrency {
            options.concurrency = Some(usize::from(concurrency));
        }
        let began = tokio::time::Instant::now();
        let Some(started) = jobs::back_up(&core, &grant()?, which).await? else {
            return Err(CommandError::Usage("no device matches; see `netraven device list`".to_owned()));
        };
        let engine = Engine::start(core.clone(), options).await?;
        let ids: Vec<JobId> = started.jobs.iter().map(|(job, _)| *job).collect();
        let summary = self.follow(&core, ids).await;
        engine.stop().await;
        Ok(summary?.tell(began.elapsed(), self.json))
    }

    async fn which(&self, core: &Core) -> Result<Which, CommandError> {
        if self.all {
            return Ok(Which::All);
        }
        if let Some(tag) = &self.tag {
            return Ok(Which::Tag(tag.clone()));
        }
        let (mut ids, mut unknown) = (Vec::new(), Vec::new());
        for name in &self.devices {
            match devices::find_by_name(core, &grant()?, name).await? {
                Some(device) => ids.push(device.id),
                None => unknown.push(format!("\"{name}\"")),
            }
        }
        if unknown.is_empty() {
            return Ok(Which::These(ids));
        }
        Err(CommandError::Usage(format!(
            "no device is named {}; see `netraven device list`",
            unknown.join(", ")
        )))
    }

    /// Tells of each job as it ends.
    async fn follow(&self, core: &Core, ids: Vec<JobId>) -> Result<Summary, CommandError> {
        let by: Grant<ViewDevices> = grant()?;
        let mut summary = Summary { devices: ids.len(), ..Summary::default() };
        let mut left: BTreeSet<JobId> = ids.into_iter().collect();
        let shows_progress = !self.json && std::io::stderr().is_terminal();
        while !left.is_empty() {
            let waiting: Vec<JobId> = left.iter().copied().collect();
            for job in jobs::over(core, &by, &waiting).await? {
                left.remove(&job.id);
                summary.add(&job);
                println!("{}", if self.json { line(&job).to_string() } else { words(&job) });
            }
            if shows_progress {
                eprint!("\r{} of {} done ", summary.devices - left.len(), summary.devices);
            }
            if !left.is_empty() {
                // Looking costs more the more there is to look at.
                tokio::time::sleep(Duration::from_millis(if left.len() > 100 { 250 } else { 50 })).await;
            }
        }
        if shows_progress {
            eprintln!();
        }
        Ok(summary)
    }
}

/// The JSON line of a job that is over.
fn line(job: &Job) -> serde_json::Value {
    let mut line = serde_json::Map::new();
    let mut put = |name: &str, value: serde_json::Value| {
        if !value.is_null() {
            line.insert(name.to_owned(), value);
        }
    };
    put("device", job.device_name.clone().into());
    put("job", job.id.0.into());
    put("state", job.state.as_str().into());
    put("outcome", job.outcome.map(Outcome::as_str).into());
    put("class", job.class.map(FailureClass::as_str).into());
    put("stage", job.stage.map(Stage::as_str).into());
    put("message", job.message.clone().into());
    put("backup", job.backup.map(|id| id.0).into());
    put("suspect", job.suspect.map(|id| id.0).into());
    put("bytes", job.bytes.into());
    put("lines", job.lines.into());
    put("sha256", job.sha256.clone().into());
    put("duration_ms", job.duration_ms.into());
    line.into()
}

fn words(job: &Job) -> String {
    let took = job.duration_ms.unwrap_or_default();
    match (job.outcome, &job.message) {
        (Some(Outcome::Stored), _) => {
            format!(
                "{}: stored as version {} ({} lines, {took} ms)",
                job.device_name,
                number(job.backup),
                job.lines.unwrap_or_default()
            )
        }
        (Some(Outcome::Unchanged), _) => {
            format!("{}: unchanged since version {} ({took} ms)", job.device_name, number(job.backup))
        }
        (_, Some(message)) => format!("{}: {} ({took} ms): {message}", job.device_name, class(job)),
        (_, None) => format!("{}: {}", job.device_name, job.state),
    }
}

fn number(id: Option<BackupId>) -> String {
    id.map_or_else(|| "?".to_owned(), |id| id.to_string())
}

fn class(job: &Job) -> String {
    match (job.class, job.stage) {
        (Some(class), Some(stage)) => format!("{class} at {stage}"),
        (Some(class), None) => class.to_string(),
        _ => job.state.to_string(),
    }
}

#[derive(Default)]
struct Summary {
    devices: usize,
    counts: BTreeMap<&'static str, usize>,
}

impl Summary {
    fn add(&mut self, job: &Job) {
        let kind = match (job.state, job.outcome) {
            (JobState::Succeeded, Some(Outcome::Stored)) => "stored",
            (JobState::Succeeded, Some(Outcome::Unchanged)) => "unchanged",
            (_, Some(Outcome::Suspect)) => "suspect",
            _ => "failed",
        };
        *self.counts.entry(kind).or_default() += 1;
    }

    fn of(&self, kind: &str) -> usize {
        self.counts.get(kind).copied().unwrap_or_default()
    }

    fn tell(&self, took: Duration, json: bool) -> Exit {
        let (stored, unchanged) = (self.of("stored"), self.of("unchanged"));
        let (suspect, failed) = (self.of("suspect"), self.of("failed"));
        if json {
            let summary = serde_json::json!({"summary": {
                "devices": self.devices, "stored": stored, "unchanged": unchanged, "suspect": suspect,
                "failed": failed, "duration_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            }});
            println!("{summary}");
        } else {
            println!(
                "{} devices: {stored} stored, {unchanged} unchanged, {suspect} suspect, {failed} failed, in {:.1} s",
                self.devices,
                took.as_secs_f64()
            );
        }
        if suspect + failed == 0 { Exit::Well } else { Exit::Failed }
    }
}
