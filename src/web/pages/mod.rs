//! The pages, one module per subject.

pub mod account;
pub mod setup;
pub mod sign_in;
