//! NetRaven keeps the configurations of a company's network devices.

pub mod app;
pub mod archive;
pub mod cli;
pub mod config;
pub mod crypt;
pub mod domain;
pub mod engine;
pub mod platform;
pub mod service;
pub mod simulate;
pub mod store;
pub mod telemetry;
pub mod web;
