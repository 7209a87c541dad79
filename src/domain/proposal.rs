//! Which platform a device may be of, found out by a job and for a person to confirm.

use chrono::{DateTime, Utc};

use super::id::JobId;

/// What a job found out about a device whose platform nobody has chosen yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The platform's key.
    pub platform: String,
    /// How sure it is, in percent.
    pub sure: u8,
    /// What speaks for it, in words; nothing secret is in them.
    pub reasons: Vec<String>,
    /// The next best platform's key and how sure that is.
    pub second: Option<(String, u8)>,
}

/// A proposal that waits to be confirmed.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// What was found out.
    pub proposal: Proposal,
    /// By which job; `None` where that has been deleted since.
    pub job: Option<JobId>,
    /// When.
    pub at: DateTime<Utc>,
}
