//! Use cases: what they refuse, what they change, and what they leave alone.

mod devices;
mod host_keys;
mod import;
mod jobs;
mod schedule_edits;
mod schedule_slots;
mod schedule_targets;
mod schedules;
