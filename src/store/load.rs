//! How busy the connections to the database are.

use super::Db;

/// How busy a pool is.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections in use.
    pub busy: usize,
    /// Connections that are open and free.
    pub idle: usize,
    /// Callers that wait for one.
    pub waiting: usize,
}

impl Load {
    fn of(status: deadpool::Status) -> Self {
        let busy = status.size.saturating_sub(status.available);
        Self { busy, idle: status.available, waiting: status.waiting }
    }
}

impl Db {
    /// How busy each pool is, by name.
    pub fn load(&self) -> Vec<(&'static str, Load)> {
        match self {
            Self::Sqlite { read, write, .. } => {
                vec![("read", Load::of(read.status())), ("write", Load::of(write.status()))]
            }
            Self::Postgres(pool) => vec![("all", Load::of(pool.status()))],
        }
    }
}
