//! Use cases: what they refuse, what they change, and what they leave alone.

mod backups;
mod devices;
mod host_keys;
mod import;
mod job_logs;
mod jobs;
mod schedules;
