//! Connections: pools for both databases, and the transaction guard.

mod main_runtime;
mod together;
mod tx;

pub use main_runtime::{OnMainRuntime, hops};
pub use together::Together;
pub use tx::Tx;

use std::time::Duration;

use deadpool::Runtime;
use diesel::{
    ConnectionError, SqliteConnection, connection::AnsiTransactionManager, dsl::sql, sql_types::Bool,
};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
    sync_connection_wrapper::SyncConnectionWrapper,
};
use futures_util::FutureExt;

use super::StoreError;

/// How long a caller waits for a free connection before the page says "try again".
const POOL_WAIT: Duration = Duration::from_secs(3);

/// An asynchronous SQLite connection.
pub type SqliteConn = SyncConnectionWrapper<SqliteConnection, OnMainRuntime>;

/// The pools of one database.
#[derive(Clone)]
pub enum Db {
    /// One writer, four readers: SQLite has one write lock, and waiting for it in a queue of ours is fair.
    Sqlite {
        /// Connections that cannot write.
        read: Pool<SqliteConn>,
        /// The one that can.
        write: Pool<SqliteConn>,
        /// What waits for it, to be written together.
        together: Together,
    },
    /// Sixteen connections for everything.
    Postgres(Pool<AsyncPgConnection>),
}

/// A connection of either kind.
pub enum Conn {
    /// SQLite.
    Sqlite(Box<Object<SqliteConn>>),
    /// PostgreSQL.
    Postgres(Box<Object<AsyncPgConnection>>),
}

impl Db {
    /// Opens the database at `url`: `sqlite://PATH` or `postgres://…`. Connects on first use.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            Ok(Self::Sqlite {
                read: sqlite_pool(path, 4, true)?,
                write: sqlite_pool(path, 1, false)?,
                together: Together::default(),
            })
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres(postgres_pool(url)?))
        } else {
            let scheme = url.split(':').next().unwrap_or_default();
            Err(StoreError::Unavailable(format!(
                "\"{scheme}:\" is not a database; use sqlite:// or postgres://"
            )))
        }
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Self::Sqlite { read, .. } => Conn::Sqlite(Box::new(read.get().await?)),
            Self::Postgres(pool) => Conn::Postgres(Box::new(pool.get().await?)),
        })
    }

    /// A connection for one statement that writes.
    pub async fn write(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Self::Sqlite { write, .. } => Conn::Sqlite(Box::new(write.get().await?)),
            Self::Postgres(pool) => Conn::Postgres(Box::new(pool.get().await?)),
        })
    }

    /// Opens a transaction that reads only and sees the database as it is at its first query, however long it takes.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        let mut tx = Tx::of(self.read().await?);
        match &mut *tx {
            Conn::Sqlite(c) => {
                c.spawn_blocking(|c| AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")).await?;
            }
            Conn::Postgres(c) => {
                <AsyncPgConnection as AsyncConnection>::TransactionManager::begin_transaction(&mut ***c)
                    .await?;
                let frozen = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; \
                     SET LOCAL idle_in_transaction_session_timeout='10min';";
                c.batch_execute(frozen).await?;
            }
        }
        Ok(tx)
    }

    /// Opens a transaction that holds the write lock from the start.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Tx::begin(self.write().await?).await
    }

    /// Does a whole transaction, which `step` commits; on SQLite in one hop, as [`Conn::in_one_hop`], and together with
    /// those of others that wait for the writer. It is true, as a whole, when this returns.
    pub async fn in_one_hop<T, E, F>(&self, step: impl FnOnce(Tx) -> F + Send + 'static) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite { write, together, .. } => together.run(write, step).await,
            Self::Postgres(_) => step(self.begin().await?).await,
        }
    }
}

impl Conn {
    /// Does a step of many statements with this connection. On SQLite all of it runs on one thread for blocking calls,
    /// because the way there and back, for each statement, costs more than most statements do; on PostgreSQL, which
    /// needs no thread, it is just done.
    ///
    /// A step does nothing that takes long besides its statements. Once begun on SQLite it is done to its end, even when
    /// the caller has gone away.
    pub async fn in_one_hop<T, E, F>(self, step: impl FnOnce(Self) -> F + Send + 'static) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(_) => main_runtime::in_one_hop(move || step(self))
                .await
                .map_err(|error| StoreError::Unavailable(error.to_string()))?,
            Self::Postgres(_) => step(self).await,
        }
    }
}

/// Whether the database takes writes; asks without writing anything.
pub async fn is_writable(db: &Db) -> Result<bool, StoreError> {
    match db {
        Db::Sqlite { .. } => match db.begin().await {
            Ok(tx) => tx.commit().await.map(|()| true),
            Err(StoreError::Unavailable(why)) if why.contains("readonly") => Ok(false),
            Err(error) => Err(error),
        },
        Db::Postgres(pool) => {
            let mut c = pool.get().await?;
            let is_off = sql::<Bool>("current_setting('transaction_read_only') = 'off'");
            Ok(diesel::select(is_off).get_result(&mut *c).await?)
        }
    }
}

fn sqlite_pool(path: &str, size: usize, is_reader: bool) -> Result<Pool<SqliteConn>, StoreError> {
    let mut config = ManagerConfig::<SqliteConn>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |path| {
        let path = path.to_owned();
        async move {
            let mut c = SqliteConn::establish(&path).await?;
            // busy_timeout first: switching to WAL needs a lock. FULL: a commit survives a power cut.
            let mut pragmas = "PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA journal_mode=WAL; \
                 PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"
                .to_owned();
            // In KiB; a growing database fills all of it, and what is not in it is in the system's cache.
            pragmas.push_str(if is_reader {
                " PRAGMA cache_size=-2000; PRAGMA query_only=ON;"
            } else {
                " PRAGMA cache_size=-4000;"
            });
            c.batch_execute(&pragmas).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            c.spawn_blocking(super::column::lower_every_letter)
                .await
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(c)
        }
        .boxed()
    });
    Ok(Pool::builder(AsyncDieselConnectionManager::new_with_config(path, config))
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(POOL_WAIT))
        .build()?)
}

fn postgres_pool(url: &str) -> Result<Pool<AsyncPgConnection>, StoreError> {
    let mut config = ManagerConfig::<AsyncPgConnection>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |url| {
        let url = url.to_owned();
        async move {
            let mut c = AsyncPgConnection::establish(&noticing(&url)).await?;
            let limits = "SET statement_timeout='30s'; SET lock_timeout='10s'; \
                 SET idle_in_transaction_session_timeout='60s'; SET TIME ZONE 'UTC';";
            c.batch_execute(limits).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(c)
        }
        .boxed()
    });
    Ok(Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config))
        .max_size(16)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(POOL_WAIT))
        .create_timeout(Some(POOL_WAIT))
        .build()?)
}

/// The address with limits after which a server that vanished without a word counts as gone; what it says itself stays.
fn noticing(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in [("connect_timeout", 3), ("tcp_user_timeout", 10), ("keepalives_idle", 10)] {
        if !url.contains(&format!("{name}=")) {
            let joint = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{joint}{name}={value}");
        }
    }
    url
}
