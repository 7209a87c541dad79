//! The command line, as operators' scripts meet it: the real program, its exit codes and its lines.

mod audit;
mod backups;
mod import;
mod schedules;
mod self_backup;
mod settings;
mod small;
mod wrong;
