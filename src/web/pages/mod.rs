//! The pages, one module per subject.

pub mod account;
