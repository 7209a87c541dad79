//! Every integration test, in one program: the laws, the house and the real parts it meets.
#![cfg(test)]
#![expect(
    clippy::format_collect,
    clippy::string_slice,
    clippy::too_many_lines,
    reason = "a test is read from top to bottom, panics where it is wrong, and is in no hurry"
)]

mod browser;
mod cli;
mod crypt;
mod engine;
mod harness;
mod jobs;
mod laws;
mod service;
mod store;
mod support;
mod web;
