//! Use cases: what they refuse, what they change, and what they leave alone.

mod audit;
mod backups;
mod bulk_trail;
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
mod notices;
mod people;
mod retention;
mod rules;
mod rules_reconciled;
mod schedule_edits;
mod schedule_scope;
mod schedule_slots;
mod schedule_targets;
mod schedules;
mod search;
mod settings;
mod tags;
