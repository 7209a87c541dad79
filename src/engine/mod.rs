//! Everything that runs by itself: the ticker, the planner's call, the workers and their talk with devices.
//!
//! The engine holds no SQL and no HTML. It meets the pages in the job table only.

mod aside;
pub mod dialogue;
mod ends;
mod gates;
mod held;
pub mod jobs;
pub mod journal;
mod node;
pub mod ticker;
pub mod transport;
mod watchdog;
pub mod worker;

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    domain::node::NodeKind,
    service::{Core, Fault, queue},
};
use node::Heart;
use worker::Crew;

/// How the engine works.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many devices are talked to at the same time; `None` is as the settings say, whenever they change.
    pub concurrency: Option<usize>,
    /// How long each stage of a session may take.
    pub deadlines: transport::Deadlines,
    /// Whether this process is a node: says that it is there, fires schedules, and does for all what others do not.
    pub is_planning: bool,
    /// What node it is.
    pub kind: NodeKind,
    /// How long running jobs may take to finish when the engine stops.
    pub grace: Duration,
    /// For how long a lease that cannot be right must stand still until its job is taken away.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: None,
            deadlines: transport::Deadlines::default(),
            is_planning: true,
            kind: NodeKind::Serve,
            grace: Duration::from_mins(1),
            patience: queue::PATIENCE,
        }
    }
}

/// The engine at work.
pub struct Engine {
    crew: Arc<Crew>,
    heart: Option<Arc<Heart>>,
    tasks: TaskTracker,
    planning: CancellationToken,
    grace: Duration,
}

impl Engine {
    /// Starts it on the runtime of the caller: the process's main one.
    pub async fn start(core: Core, options: Options) -> Result<Self, Fault> {
        let tasks = TaskTracker::new();
        let planning = CancellationToken::new();
        let crew = Arc::new(Crew::new(core.clone(), &options)?);
        let mut heart = None;
        if options.is_planning {
            let crew = crew.clone();
            heart = Some(Heart::start(core.clone(), crew, options.kind, &tasks).await?);
            ticker::start(&core, &tasks, planning.clone()).await?;
        }
        crew.clone().start(&tasks);
        Ok(Self { crew, heart, tasks, planning, grace: options.grace })
    }

    /// Plans nothing more; all else goes on.
    pub fn stop_planning(&self) {
        self.planning.cancel();
    }

    /// How many more jobs this process would take now.
    pub fn free_places(&self) -> i64 {
        self.crew.free().urgent
    }

    /// Stops: no more planning, no more claiming, running jobs may finish within the grace time, what is left
    /// is given back without burning an attempt.
    pub async fn stop(self) {
        self.stop_planning();
        self.crew.stop_claiming();
        if let Some(heart) = &self.heart {
            heart.rest().await;
        }
        self.tasks.close();
        if tokio::time::timeout(self.grace, self.crew.idle()).await.is_err() {
            tracing::warn!("jobs still running after the grace time are given back");
        }
        self.crew.stop().await;
        if let Some(heart) = &self.heart {
            heart.leave().await;
        }
        self.tasks.wait().await;
    }
}
