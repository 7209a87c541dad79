//! The workers of this process: they claim jobs, hold them by heartbeat, and never let one of them harm another.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Options,
    ends::{self, Ends},
    gates::Gates,
    held::HeldJobs,
    jobs,
    journal::Journal,
    transport::Deadlines,
    watchdog,
};
use crate::{
    domain::{
        failure::FailureClass,
        job::{Claimed, Outcome, Places},
    },
    service::{Core, Fault, capture::Brought, queue, storage},
};

/// How often held jobs are renewed, well within the lease: also how soon a person's stop reaches a running job.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// How often the queue is looked at when nobody knocks.
const POLL: Duration = Duration::from_secs(1);

/// How long a claim waits after a place became free: others do as well, and one claim is for all.
const GATHER: Duration = Duration::from_millis(20);

/// All workers of this process.
pub struct Crew {
    core: Core,
    journal: Journal,
    deadlines: Deadlines,
    gates: Gates,
    ends: Ends,
    /// Random for each process: a restarted one must not keep a dead one's leases alive.
    name: String,
    /// The most jobs at once, where the settings have no say.
    concurrency: Option<usize>,
    /// How many jobs run.
    running: Arc<AtomicUsize>,
    held: HeldJobs,
    lost: queue::LostJobs,
    runs: TaskTracker,
    claiming: CancellationToken,
    /// Held while jobs are claimed, so that stopping waits for it.
    claim: tokio::sync::Mutex<()>,
    stopped: CancellationToken,
}

/// A running job's place; free again when dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn taken(running: &Arc<AtomicUsize>) -> Self {
        running.fetch_add(1, Ordering::SeqCst);
        Self(running.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Crew {
    /// A crew that works as `options` say.
    pub fn new(core: Core, options: &Options) -> Result<Self, Fault> {
        Ok(Self {
            core,
            journal: Journal::default(),
            deadlines: options.deadlines.clone(),
            gates: Gates::default(),
            ends: Ends::default(),
            name: queue::worker_name()?,
            concurrency: options.concurrency,
            running: Arc::default(),
            held: HeldJobs::default(),
            lost: queue::LostJobs::after(options.patience),
            runs: TaskTracker::new(),
            claiming: CancellationToken::new(),
            claim: tokio::sync::Mutex::default(),
            stopped: CancellationToken::new(),
        })
    }

    /// Starts claiming, renewing and writing logs.
    pub fn start(self: Arc<Self>, tasks: &TaskTracker) {
        tasks.spawn(self.journal.clone().run(self.core.clone(), self.stopped.clone()));
        tasks.spawn(self.clone().hold());
        tasks.spawn(self.work());
    }

    /// Takes no more jobs.
    pub fn stop_claiming(&self) {
        self.claiming.cancel();
    }

    /// Resolves when no job runs.
    pub async fn idle(&self) {
        self.runs.close();
        self.runs.wait().await;
    }

    /// Gives back what still runs and ends.
    pub async fn stop(&self) {
        // A claim that was under way has its jobs in hand after this, and there is no other.
        let _claiming = self.claim.lock().await;
        if let Err(fault) = queue::release(&self.core, &self.name).await {
            tracing::warn!(error = %fault, "held jobs could not be given back; they wait for their leases to end");
        }
        self.held.stop_all();
        self.ends.give_up();
        self.runs.close();
        self.runs.wait().await;
        self.stopped.cancel();
    }

    /// The owner in the leases of its jobs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many jobs run, and how many may at once.
    pub fn load(&self) -> (usize, usize) {
        let wanted = self.core.settings.now().max_concurrent_jobs;
        let most = self.concurrency.or_else(|| usize::try_from(wanted).ok()).unwrap_or(1).clamp(1, 5_000);
        (self.running.load(Ordering::SeqCst), most)
    }

    /// How many more jobs may run now. Lowering the setting cuts none that runs: this is zero until enough have ended.
    pub fn free(&self) -> Places {
        let (running, most) = self.load();
        let left = |most: usize| i64::try_from(most.saturating_sub(running)).unwrap_or(i64::MAX);
        Places { urgent: left(most), others: left(most - kept_free(most)) }
    }

    async fn work(self: Arc<Self>) {
        loop {
            let taken = self.take().await;
            // A full round means that there may be more at once.
            if taken > 0 && self.free().others > 0 {
                continue;
            }
            tokio::select! {
                () = self.claiming.cancelled() => return,
                () = self.core.wake.notified() => {
                    // Nobody waits for another where nothing runs.
                    if self.load().0 > 0 {
                        tokio::time::sleep(GATHER).await;
                    }
                }
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Claims as many jobs as there are free places and starts them; gives how many.
    async fn take(self: &Arc<Self>) -> usize {
        let _claiming = self.claim.lock().await;
        let free = self.free();
        if free.urgent == 0 || self.claiming.is_cancelled() || self.core.keyring.why_sealed().is_some() {
            return 0;
        }
        // What a device sends must have where to go.
        if !storage::has_room(&self.core).await {
            return 0;
        }
        let jobs = match queue::claim(&self.core, &self.name, free).await {
            Ok(jobs) => jobs,
            Err(fault) => {
                tracing::warn!(error = %fault, "no jobs could be claimed");
                return 0;
            }
        };
        let taken = jobs.len();
        for job in jobs {
            let place = Place::taken(&self.running);
            let crew = self.clone();
            self.runs.spawn(async move {
                crew.run(job).await;
                drop(place);
                // A free place may be what the queue waits for.
                crew.core.wake.notify_one();
            });
        }
        taken
    }

    async fn run(self: &Arc<Self>, job: Claimed) {
        let stop = self.held.hold(&job);
        let began = Instant::now();
        let leash = Arc::new(watchdog::Leash::new(self.deadlines.total));
        let (crew, own, rope) = (self.clone(), job.clone(), leash.clone());
        let work = async move {
            let desk = jobs::Desk {
                core: &crew.core,
                journal: &crew.journal,
                deadlines: &crew.deadlines,
                gates: &crew.gates,
                leash: &rope,
            };
            jobs::run(&desk, &own, &stop).await
        };
        let patience = (leash.as_ref(), self.deadlines.patience);
        let done = watchdog::watched(work, job.id, patience, &self.core.counters).await;
        let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        match done {
            Ok(_) if self.held.is_lost(&job) => {
                tracing::warn!(job.id = %job.id, "the job was lost to another worker; nothing was kept");
            }
            Ok(done) if ends::is_by_outage(&self.core, &done) => {
                self.ends.hand_back(&self.core, &self.journal, &job).await;
            }
            Ok(done) => self.end(&job, done, duration_ms).await,
            Err(Fault::Unavailable(why)) => {
                tracing::warn!(job.id = %job.id, why, "a job could not be worked on: the database is away");
                self.ends.hand_back(&self.core, &self.journal, &job).await;
            }
            // The keys are away: the lease runs out and the job is tried again.
            Err(fault) => tracing::error!(job.id = %job.id, error = %fault, "a job could not be worked on"),
        }
        self.held.let_go(&job);
    }

    async fn end(&self, job: &Claimed, done: jobs::Done, duration_ms: i64) {
        let lines = self.journal.close(job.hold()).await;
        let class = done.ended.class();
        let brought = Brought {
            job,
            platform: done.platform,
            known: done.known,
            ended: done.ended,
            lines,
            duration_ms,
            transcript: done.transcript,
            accepted: done.accepted,
        };
        match self.ends.record(&self.core, brought).await {
            Ok(Some(Outcome::Stored | Outcome::Unchanged)) => {
                tracing::info!(job.id = %job.id, device.id = %job.device, duration_ms, kind = %job.kind, "done");
            }
            Ok(Some(Outcome::Suspect | Outcome::Error)) => {
                let class = class.map_or("suspect", FailureClass::as_str);
                tracing::warn!(job.id = %job.id, device.id = %job.device, duration_ms, class, kind = %job.kind, "not done");
            }
            Ok(None) => {
                tracing::warn!(job.id = %job.id, "the job was lost to another worker; nothing was kept");
            }
            // It was tried until the very end; there is nothing left to tell it to.
            Err(Fault::Unavailable(_)) => {}
            Err(fault) => {
                tracing::error!(job.id = %job.id, error = %fault, "a job's end could not be kept");
                ends::without_result(&self.core, job, &fault, duration_ms).await;
            }
        }
    }

    /// Renews the leases, passes on what people want stopped, and stops what was lost.
    async fn hold(self: Arc<Self>) {
        let mut beat = tokio::time::interval(HEARTBEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stopped.cancelled() => return,
                _ = beat.tick() => {}
            }
            match self.lost.free(&self.core).await {
                Ok((0, 0)) => {}
                Ok((retried, discarded)) => {
                    tracing::warn!(retried, discarded, "jobs of dead workers were freed");
                }
                Err(fault) => tracing::warn!(error = %fault, "jobs of dead workers could not be freed"),
            }
            self.held.renew(&self.core, &self.name).await;
        }
    }
}

/// How many of so many places are kept for what a person waits for.
fn kept_free(most: usize) -> usize {
    if most < 4 { 0 } else { most.div_ceil(20) }
}
