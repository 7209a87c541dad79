//! The pages, one module per subject.

pub mod account;
pub mod dashboard;
pub mod devices;
pub mod setup;
pub mod sign_in;
