//! Rows. Free functions, connection first, domain types in and out.
//!
//! No function here commits: a caller that changes more than one row opens a [`Tx`], and what it reads inside
//! stays true until it commits. One text of queries serves both databases through the macro `on!`; where SQL must
//! differ, the arms are written out.

pub mod audit;
pub mod backups;
pub mod batches;
pub mod blackouts;
pub mod clock;
mod column;
pub mod contents;
pub mod credentials;
mod db;
pub mod devices;
pub mod duties;
pub mod entries;
mod error;
pub mod facts;
pub mod host_keys;
pub mod imports;
pub mod jobs;
pub mod jump_hosts;
pub mod keys;
mod load;
pub mod migrate;
pub mod nodes;
pub mod notices;
pub mod portable;
mod prepared;
pub mod proposals;
pub mod queue;
pub mod reach;
pub mod retention;
pub mod revisions;
pub mod rules;
pub mod schedules;
mod schema;
pub mod scope;
pub mod seals;
pub mod self_backups;
pub mod sessions;
pub mod settings;
pub mod storage_work;
pub mod suspects;
pub mod tags;
pub mod throttles;
pub mod users;

pub use db::{Conn, Db, Tx, hops, is_writable};
pub use error::StoreError;
pub use load::Load;

/// Runs one Diesel query on whichever database `conn` is; the query is checked once for each.
macro_rules! on {
    ($conn:expr, |$c:ident| $query:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite($c) => $query.await,
            $crate::store::Conn::Postgres($c) => $query.await,
        }
    };
}
pub(crate) use on;
