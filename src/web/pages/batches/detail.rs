//! One batch: how far it is, when it will end, what failed and why, and what runs now.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    again::{self, CauseForm},
    view::{self, Tile},
};
use crate::{
    domain::{
        access::{RunBackups, ViewDevices},
        batch::{Batch, Cause, Progress},
        id::BatchId,
        job::{Job, JobFilter, JobKind, JobState, UsedCredential},
        page::PageRequest,
    },
    service::{Core, batches, jobs},
    web::{
        error::PageError,
        href, lists,
        parts::{Badge, Moment},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// Running jobs that are shown; the list has the others.
const RUNNING: i64 = 10;

/// Jobs that failed for the same reason.
#[derive(Debug)]
struct CauseLine {
    title: &'static str,
    advice: &'static str,
    credential: String,
    number: String,
    href: String,
    form: CauseForm,
}

impl CauseLine {
    fn new(id: BatchId, (cause, number): &(Cause, i64)) -> Self {
        let trouble = words::trouble(cause.class);
        let credential = cause.credential.clone().unwrap_or_default();
        let fields = [
            ("state", cause.state.as_str()),
            ("class", cause.class.as_str()),
            ("credential", cause.credential.as_deref().unwrap_or(UsedCredential::NONE)),
        ];
        Self {
            title: if cause.state == JobState::Discarded { "Given up" } else { trouble.title },
            advice: trouble.advice,
            number: words::count(*number, "job"),
            href: href::batch_jobs(id, &fields),
            form: again::form(cause),
            credential,
        }
    }
}

/// A job that runs.
#[derive(Debug)]
struct RunningLine {
    device: String,
    href: String,
    since: Option<Moment>,
}

impl From<Job> for RunningLine {
    fn from(job: Job) -> Self {
        Self { href: href::job(job.id), since: job.started_at.map(Moment::relative), device: job.device_name }
    }
}

#[derive(Template)]
#[template(path = "batches/detail.html")]
struct BatchPage {
    shell: Shell,
    name: String,
    kind: &'static str,
    badge: Badge,
    is_busy: bool,
    cancel: Option<String>,
    all_jobs: String,
    over: i64,
    total: i64,
    finished: String,
    left: Option<String>,
    estimate: Option<String>,
    tiles: Vec<Tile>,
    causes: Vec<CauseLine>,
    again: Option<String>,
    running: Vec<RunningLine>,
    more_running: Option<(String, String)>,
    facts: Facts,
}

/// What is known of a batch besides its numbers.
#[derive(Debug)]
struct Facts {
    started_by: String,
    schedule: Option<(String, String)>,
    slot: Option<Moment>,
    at: Moment,
    started: Option<Moment>,
    ended: Option<Moment>,
    took: Option<String>,
    note: String,
}

impl Facts {
    fn of(batch: Batch, progress: &Progress) -> Self {
        let ended = progress.ended_at.filter(|_| progress.counts.left() == 0);
        let took = progress.started_at.zip(ended).map(|(start, end)| (end - start).num_milliseconds());
        Self {
            started_by: batch.started_by,
            schedule: batch.schedule.map(|(id, name)| (href::schedule(id), name)),
            slot: batch.slot.map(Moment::exact),
            at: Moment::exact(batch.at),
            started: progress.started_at.map(Moment::exact),
            ended: ended.map(Moment::exact),
            took: took.filter(|ms| *ms >= 0).map(lists::span),
            note: batch.note.unwrap_or_default(),
        }
    }
}

/// `GET /batches/{id}`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = BatchId(*id);
    let (batch, progress) = batches::find(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let counts = progress.counts;
    let filter = JobFilter { batch: Some(id), state: Some(JobState::Running), ..JobFilter::default() };
    let running = if counts.running > 0 {
        jobs::list(&core, &by, &filter, PageRequest::first(RUNNING)).await?.rows
    } else {
        Vec::new()
    };
    let may_run = by.actor().may::<RunBackups>();
    let is_tried_again = progress.kind != Some(JobKind::TestLogin);
    let all_jobs = href::batch_jobs(id, &[]);
    reply::html(&BatchPage {
        shell,
        name: format!("Batch {id}"),
        kind: view::kind(progress.kind),
        badge: view::badge(&counts),
        is_busy: counts.left() > 0,
        cancel: (may_run && counts.left() > 0).then(|| href::batch_cancel(id)),
        over: counts.over(),
        total: counts.total(),
        finished: format!("{} of {} finished", words::grouped(counts.over()), words::grouped(counts.total())),
        left: view::left(&counts),
        estimate: progress.estimate(core.now()).map(view::about),
        tiles: view::tiles(id, &progress),
        causes: progress.causes.iter().map(|cause| CauseLine::new(id, cause)).collect(),
        again: (may_run && is_tried_again).then(|| href::batch_again(id)),
        more_running: (counts.running > RUNNING).then(|| {
            let more = words::grouped(counts.running - RUNNING);
            (href::batch_jobs(id, &[("state", JobState::Running.as_str())]), format!("and {more} more"))
        }),
        running: running.into_iter().map(RunningLine::from).collect(),
        facts: Facts::of(batch, &progress),
        all_jobs,
    })
}
