//! What this process has counted since it started, for whoever watches it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts that only grow, from zero at the start of the process. Nothing is decided by them.
#[derive(Debug, Default)]
pub struct Counters {
    /// Jobs that were ended by force because they had not ended by themselves some time after their deadline: each is a
    /// fault of ours or of what we stand on.
    pub jobs_ended_by_force: AtomicU64,
    /// Jobs that used up all the time that they had for their device.
    pub jobs_out_of_time: AtomicU64,
    /// Jobs whose code panicked.
    pub jobs_panicked: AtomicU64,
}

impl Counters {
    /// One more.
    pub fn add(count: &AtomicU64) {
        count.fetch_add(1, Relaxed);
    }
}
