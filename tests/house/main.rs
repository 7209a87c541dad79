//! Every integration test, in one program: the laws, the house and the real parts it meets.
#![cfg(test)]

mod engine;
mod harness;
mod support;
