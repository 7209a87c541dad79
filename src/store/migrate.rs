//! The schema: brought up to date at start, by one process at a time.

use std::fs::File;

use diesel::{Connection, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, StoreError, on};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// "netraven" in the keypad's digits: the advisory lock that a migrating node holds.
const LOCK: i64 = 63_872_836;

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database was last used by a newer NetRaven.
    #[error(
        "the database was made by a newer version (it has {0}); start that version, or restore an older copy"
    )]
    Newer(String),
    /// It could not be opened.
    #[error("the database cannot be opened: {0}")]
    Open(String),
    /// There is no room.
    #[error("the disk is full; free some space, or choose another folder with --data-dir")]
    Full,
    /// A statement failed.
    #[error("the database cannot be brought up to date: {0}")]
    Statement(String),
}

fn failed(error: impl std::fmt::Display) -> MigrateError {
    let why = error.to_string();
    // SQLite's own words (sqlite3_errstr of SQLITE_FULL).
    if why.contains("disk is full") { MigrateError::Full } else { MigrateError::Statement(why) }
}

/// Brings the database at `url` up to date and returns how many steps that took.
///
/// Blocks; call it on a thread where that is allowed.
pub fn run(url: &str) -> Result<usize, MigrateError> {
    match url.strip_prefix("sqlite://") {
        Some(path) => sqlite(path),
        None if url.starts_with("postgres://") || url.starts_with("postgresql://") => postgres(url),
        None => {
            let scheme = url.split(':').next().unwrap_or_default();
            let why = format!("\"{scheme}:\" is not a database; use sqlite:// or postgres://");
            Err(MigrateError::Open(why))
        }
    }
}

fn sqlite(path: &str) -> Result<usize, MigrateError> {
    let lock = File::create(format!("{path}.lock")).map_err(|e| MigrateError::Open(e.to_string()))?;
    lock.lock().map_err(|e| MigrateError::Open(e.to_string()))?;
    let mut conn = SqliteConnection::establish(path).map_err(|e| MigrateError::Open(e.to_string()))?;
    diesel::connection::SimpleConnection::batch_execute(
        &mut conn,
        "PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA journal_mode=WAL;",
    )
    .map_err(failed)?;
    up(&mut conn, SQLITE)
}

fn postgres(url: &str) -> Result<usize, MigrateError> {
    let runtime = tokio::runtime::Handle::current();
    let mut guard =
        runtime.block_on(AsyncPgConnection::establish(url)).map_err(|e| MigrateError::Open(e.to_string()))?;
    runtime.block_on(guard.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))).map_err(failed)?;
    let conn =
        runtime.block_on(AsyncPgConnection::establish(url)).map_err(|e| MigrateError::Open(e.to_string()))?;
    let steps = up(&mut AsyncMigrationHarness::new(conn), POSTGRES)?;
    runtime.block_on(guard.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))).map_err(failed)?;
    Ok(steps)
}

#[derive(diesel::QueryableByName)]
struct Applied {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// How many of this version's steps the database lacks: none, unless it was exchanged under a running program.
pub async fn missing(conn: &mut Conn) -> Result<usize, StoreError> {
    let query = || diesel::sql_query("SELECT version FROM __diesel_schema_migrations");
    let applied: Vec<Applied> = on!(conn, |c| diesel_async::RunQueryDsl::load(query(), c))?;
    // The steps of both databases have the same names; a test holds that.
    let known = diesel::migration::MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let known = known.iter().map(|migration| migration.name().version().to_string());
    Ok(known.filter(|version| !applied.iter().any(|one| one.version == *version)).count())
}

fn up<DB, C>(conn: &mut C, known: EmbeddedMigrations) -> Result<usize, MigrateError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    let versions: Vec<String> = diesel::migration::MigrationSource::<DB>::migrations(&known)
        .map_err(failed)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    for applied in conn.applied_migrations().map_err(failed)? {
        if !versions.contains(&applied.to_string()) {
            return Err(MigrateError::Newer(applied.to_string()));
        }
    }
    Ok(conn.run_pending_migrations(known).map_err(failed)?.len())
}
