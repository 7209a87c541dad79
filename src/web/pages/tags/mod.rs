//! Tags: words by which devices are grouped.

pub mod delete;
pub mod detail;
pub mod devices;
pub mod form;
pub mod list;
