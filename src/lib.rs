//! NetRaven keeps the configurations of a company's network devices.

pub mod archive;
pub mod crypt;
pub mod domain;
pub mod platform;
pub mod service;
pub mod store;
