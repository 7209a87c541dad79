//! Use cases: what they refuse, what they change, and what they leave alone.

mod devices;
mod host_keys;
mod import;
mod jobs;
mod rules;
mod schedules;
mod tags;
