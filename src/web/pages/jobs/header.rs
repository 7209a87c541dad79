//! What a job's page shows at its top.

use super::{badge, titles};
use crate::{
    domain::job::{Job, JobState, Outcome},
    web::{
        href, lists,
        parts::{Badge, Moment},
        words,
    },
};

/// What is known of a job.
#[derive(Debug)]
pub struct Header {
    pub(super) title: String,
    pub(super) cancel: String,
    pub(super) answer: Option<String>,
    pub(super) device: String,
    pub(super) device_href: Option<String>,
    pub(super) badge: Badge,
    pub(super) started_by: String,
    pub(super) batch: (String, String),
    pub(super) attempt: i32,
    pub(super) queued: Moment,
    /// When it starts, or starts again, where that is put off.
    pub(super) due: Option<(&'static str, Moment)>,
    pub(super) started: Option<Moment>,
    pub(super) finished: Option<Moment>,
    pub(super) took: Option<String>,
    pub(super) taken: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) version: Option<(String, &'static str)>,
    pub(super) suspect: Option<String>,
}

impl From<&Job> for Header {
    fn from(job: &Job) -> Self {
        let taken = job
            .bytes
            .zip(job.lines)
            .map(|(bytes, lines)| format!("{}, {}", words::size(bytes), words::count(lines.into(), "line")));
        let (title, cancel) = titles(job.kind);
        Self {
            title: format!("{title} {}", job.device_name),
            cancel: format!("{cancel} {}?", job.device_name),
            answer: job.message.clone().filter(|_| job.state == JobState::Succeeded),
            device: job.device_name.clone(),
            device_href: job.device.map(href::device),
            badge: badge(job),
            started_by: job.started_by.clone(),
            batch: (format!("batch {}", job.batch), href::batch(job.batch)),
            attempt: job.attempt,
            queued: Moment::exact(job.queued_at),
            due: due(job),
            started: job.started_at.map(Moment::exact),
            finished: job.finished_at.map(Moment::exact),
            took: job.duration_ms.map(lists::span),
            taken,
            sha256: job.sha256.clone(),
            version: job.backup.map(|id| {
                let is_known = job.outcome == Some(Outcome::Unchanged);
                (
                    href::backup(id),
                    if is_known { "The version it confirmed" } else { "The version it stored" },
                )
            }),
            suspect: job.suspect.map(href::suspect),
        }
    }
}

fn due(job: &Job) -> Option<(&'static str, Moment)> {
    match job.state {
        JobState::Retrying => Some(("Tried again", Moment::exact(job.due_at))),
        JobState::Queued if job.due_at > job.queued_at => Some(("Starts", Moment::exact(job.due_at))),
        JobState::Queued
        | JobState::Running
        | JobState::Succeeded
        | JobState::Failed
        | JobState::Canceled
        | JobState::Skipped
        | JobState::Discarded => None,
    }
}
