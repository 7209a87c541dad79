//! The processes at work on one database, and what one of them does for all.

use chrono::{DateTime, Duration, Utc};

use super::text_enum;

text_enum! {
    /// What a node is.
    pub enum NodeKind {
        /// Pages and jobs.
        Serve = "serve",
        /// Jobs only.
        Worker = "worker",
    }
}

text_enum! {
    /// What one node does for all. Each is safe when two do it at the same time: the row saves work, nothing else.
    pub enum Duty {
        /// Fires schedules and the standing order.
        Plan = "plan",
        /// Lays out notices and sends mails.
        Notices = "notices",
        /// Removes what is old, and proves that what is kept can still be read.
        Upkeep = "upkeep",
        /// Sends the audit trail's new lines to a log server.
        Trail = "trail",
    }
}

/// How often a node says that it is there.
pub const BEAT: std::time::Duration = std::time::Duration::from_secs(4);

/// How long a duty stays with a node that says nothing more; with a beat, the longest time until another takes it.
pub const HELD_FOR: Duration = Duration::seconds(14);

/// A node that has been silent for so long has vanished: as long as a job's lease.
pub const SILENT_AFTER: Duration = Duration::seconds(60);

/// A node that has been silent for so long is forgotten.
pub const FORGOTTEN_AFTER: Duration = Duration::hours(1);

/// A ticker that has not come round for so long has stopped.
pub const STOPPED_AFTER: Duration = Duration::minutes(2);

/// What a node says of itself with each beat.
#[derive(Debug, Clone)]
pub struct Beat {
    /// Random for each start of a process.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Jobs that it works on.
    pub running: usize,
    /// Jobs that it may work on at once.
    pub places: usize,
    /// Whether it has been told to stop.
    pub is_stopping: bool,
}

/// A node, as it last said; times by the database's clock.
#[derive(Debug, Clone)]
pub struct Node {
    /// Random for each start of a process.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: i64,
    /// The version of the program.
    pub version: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Its last heartbeat.
    pub seen_at: DateTime<Utc>,
    /// When its ticker last came round.
    pub ticked_at: DateTime<Utc>,
    /// Jobs that it works on.
    pub running: i32,
    /// Jobs that it may work on at once.
    pub places: i32,
    /// The newest data key that it opens; 0 while it is sealed.
    pub key_id: i64,
    /// Whether it has been told to stop.
    pub is_stopping: bool,
}

impl Node {
    /// Whether it has said nothing for so long at `now` that it counts as gone.
    pub fn is_silent(&self, now: DateTime<Utc>) -> bool {
        now - self.seen_at > SILENT_AFTER
    }
}

/// Who has a duty; times by the database's clock.
#[derive(Debug, Clone)]
pub struct Held {
    /// What.
    pub duty: Duty,
    /// The name of the node.
    pub owner: String,
    /// Since when.
    pub taken_at: DateTime<Utc>,
    /// Until when, unless it says so again.
    pub held_until: DateTime<Utc>,
    /// When it was last done, by whoever.
    pub done_at: DateTime<Utc>,
}
