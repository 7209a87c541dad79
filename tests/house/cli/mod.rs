//! The command line, as operators' scripts meet it: the real program, its exit codes and its lines.

mod arenas;
mod audit;
mod backups;
mod contexts;
mod full_disk;
mod import;
mod schedules;
mod self_backup;
mod settings;
mod small;
mod stopping;
mod storage;
mod wrong;
