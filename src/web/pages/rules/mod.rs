//! Rules that tag devices.

pub mod delete;
pub mod form;
pub mod list;
