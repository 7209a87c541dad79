//! NetRaven keeps the configurations of a company's network devices.

pub mod domain;
pub mod web;
