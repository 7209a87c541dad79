//! Use cases: what they refuse, what they change, and what they leave alone.

mod audit;
mod backups;
mod credentials;
mod device_bulk;
mod device_removal;
mod devices;
mod directory;
mod host_keys;
mod import;
mod import_page;
mod job_logs;
mod jobs;
mod nodes;
mod notices;
mod people;
mod retention;
mod rules;
mod schedule_edits;
mod schedule_slots;
mod schedule_targets;
mod schedules;
mod settings;
mod tags;
