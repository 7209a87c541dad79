//! What the database said, as far as a caller can act on it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::deadpool::{BuildError, PoolError};

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another row has this key.
    #[error("a row with this key exists")]
    Conflict,
    /// It does not answer, or takes no writes: it may in a while.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Anything else.
    #[error(transparent)]
    Query(DieselError),
    /// A row holds a word that this version does not know.
    #[error("column {column} holds {value:?}")]
    Unreadable {
        /// The column.
        column: &'static str,
        /// What it holds.
        value: String,
    },
}

/// Beginnings of messages after which the same statement may well succeed later. Neither driver passes the code on:
/// SQLite's are those of `sqlite3_errstr` (BUSY, LOCKED, READONLY, FULL, IOERR, CANTOPEN), the others are PostgreSQL's
/// (57P01 to 57P03, 53100, 53300) and its driver's.
const PASSING: &[&str] = &[
    "database is locked",
    "database table is locked",
    "attempt to write a readonly database",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "terminating connection",
    "the database system is",
    "could not extend file",
    "could not write",
    "sorry, too many clients",
    "remaining connection slots",
    "connection closed",
    "error connecting to server",
    "error communicating with the server",
    "timeout waiting for server",
];

fn is_passing(kind: DatabaseErrorKind, message: &str) -> bool {
    // A server that only lets itself be read: a replica after a fail-over (25006, R-41).
    if matches!(kind, DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::ReadOnlyTransaction) {
        return true;
    }
    let is_unnamed = matches!(kind, DatabaseErrorKind::Unknown | DatabaseErrorKind::UnableToSendCommand);
    let is_listed = PASSING.iter().any(|start| message.starts_with(start));
    is_unnamed && (is_listed || message.contains("No space left on device"))
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        if let DieselError::RollbackErrorOnCommit { commit_error, .. } = error {
            return Self::from(*commit_error);
        }
        // The connection died under its transaction.
        if matches!(error, DieselError::BrokenTransactionManager) {
            return Self::Unavailable(error.to_string());
        }
        if let DieselError::DatabaseError(kind, info) = &error {
            if matches!(kind, DatabaseErrorKind::UniqueViolation) {
                return Self::Conflict;
            }
            if is_passing(*kind, info.message()) {
                return Self::Unavailable(info.message().to_owned());
            }
        }
        Self::Query(error)
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: DatabaseErrorKind, message: &str) -> StoreError {
        DieselError::DatabaseError(kind, Box::new(message.to_owned())).into()
    }

    #[test]
    fn what_passes_is_told_from_what_stays() {
        use DatabaseErrorKind::{
            ClosedConnection, NotNullViolation, ReadOnlyTransaction, UnableToSendCommand, Unknown,
        };
        for (kind, message) in [
            (Unknown, "database is locked"),
            (Unknown, "database or disk is full"),
            (Unknown, "attempt to write a readonly database"),
            (Unknown, "terminating connection due to administrator command"),
            (Unknown, "terminating connection because of crash of another server process"),
            (Unknown, "the database system is starting up"),
            (Unknown, "could not extend file \"base/1/2\": No space left on device"),
            (ReadOnlyTransaction, "cannot execute UPDATE in a read-only transaction"),
            (ClosedConnection, ""),
            (UnableToSendCommand, "connection closed"),
            (UnableToSendCommand, "error communicating with the server: Connection reset by peer"),
        ] {
            assert!(matches!(of(kind, message), StoreError::Unavailable(_)), "{message}");
        }
        for (kind, message) in [
            (Unknown, "no such table: jobs"),
            (Unknown, "canceling statement due to statement timeout"),
            (NotNullViolation, "database is locked"),
            (UnableToSendCommand, "error serializing parameter 1"),
        ] {
            assert!(matches!(of(kind, message), StoreError::Query(_)), "{message}");
        }
    }
}
