//! The command line, as operators' scripts meet it: the real program, its exit codes and its lines.

mod backups;
mod import;
mod schedules;
mod small;
mod wrong;
