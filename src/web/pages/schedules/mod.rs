//! Schedules: when backups start by themselves.

pub mod delete;
pub mod form;
pub mod list;
mod runs;
