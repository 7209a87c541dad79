//! Jump hosts: SSH servers through which devices are reached.

pub mod acts;
pub mod form;
pub mod list;
