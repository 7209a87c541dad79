//! Use cases: what they refuse, what they change, and what they leave alone.

mod audit;
mod backups;
mod devices;
mod directory;
mod host_keys;
mod import;
mod job_logs;
mod jobs;
mod retention;
mod schedules;
mod settings;
mod rules;
mod schedules;
mod tags;
