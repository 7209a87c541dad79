//! Lists of devices brought in at once: bringing one, looking at what it would do, carrying it out, undoing it.

pub mod detail;
pub mod list;
pub mod new;
pub mod undo;
mod view;
pub mod waiting;
