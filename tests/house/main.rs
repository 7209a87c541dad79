//! Every integration test, in one program: the laws, the house and the real parts it meets.
#![cfg(test)]

mod browser;
mod crypt;
mod cli;
mod engine;
mod harness;
mod laws;
mod service;
mod store;
mod support;
mod web;
