//! The pages, one module per subject.

pub mod account;
pub mod audit;
pub mod backups;
pub mod batches;
pub mod confirm;
pub mod credentials;
pub mod dashboard;
pub mod devices;
pub mod imports;
pub mod jobs;
pub mod jump_hosts;
pub mod keys;
pub mod mails;
pub mod nodes;
pub mod platforms;
pub mod rules;
pub mod schedules;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod storage;
pub mod tags;
pub mod users;
pub mod welcome;
