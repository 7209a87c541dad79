//! Jobs and batches.

use super::with;
use crate::domain::id::{BatchId, DeviceId, JobId};

/// The jobs.
pub fn jobs() -> &'static str {
    "/jobs"
}

/// The batches.
pub fn batches() -> &'static str {
    "/batches"
}

/// A batch.
pub fn batch(id: BatchId) -> String {
    format!("/batches/{id}")
}

/// The question before what is left of a batch is canceled, and its end (POST).
pub fn batch_cancel(id: BatchId) -> String {
    format!("/batches/{id}/cancel")
}

/// Trying again what failed in a batch for one reason (POST).
pub fn batch_again(id: BatchId) -> String {
    format!("/batches/{id}/again")
}

/// A job.
pub fn job(id: JobId) -> String {
    format!("/jobs/{id}")
}

/// The jobs of a device.
pub fn jobs_of(device: DeviceId) -> String {
    with(jobs(), &[("device", &device.to_string())])
}

/// A job's lines as they come.
pub fn job_events(id: JobId) -> String {
    format!("/jobs/{id}/events")
}

/// Stopping a job (POST).
pub fn job_cancel(id: JobId) -> String {
    format!("/jobs/{id}/cancel")
}

/// The question before a job's log is deleted, and its deletion (POST).
pub fn job_delete(id: JobId) -> String {
    format!("/jobs/{id}/delete")
}

/// What was sent and received in a job's session; its raw form (POST).
pub fn job_transcript(id: JobId) -> String {
    format!("/jobs/{id}/transcript")
}

/// What retention would delete, and its deletion (POST).
pub fn job_retention() -> &'static str {
    "/jobs/retention"
}

/// Deleting the job logs older than some days (POST).
pub fn older_jobs() -> &'static str {
    "/jobs/older"
}

/// The jobs of a batch, narrowed down by these fields.
pub fn batch_jobs(id: BatchId, fields: &[(&str, &str)]) -> String {
    let id = id.to_string();
    let fields: Vec<_> = std::iter::once(("batch", id.as_str())).chain(fields.iter().copied()).collect();
    with(jobs(), &fields)
}
