//! Batches: the list, one of them as it goes on, its end before its time, and another try.

pub mod again;
pub mod cancel;
pub mod detail;
pub mod list;
mod view;
