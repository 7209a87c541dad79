//! The schema: brought up to date at start, by one process at a time.

use std::fs::File;

use diesel::migration::MigrationSource;
use diesel::{Connection, QueryableByName, SqliteConnection, sql_query, sql_types::Text};
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
};
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
    run_to(url, None)
}

/// The same, but with none but these steps; all of them must be known.
pub fn run_to(url: &str, only: Option<&[String]>) -> Result<usize, MigrateError> {
    match url.strip_prefix("sqlite://") {
        Some(path) => sqlite(path, only),
        None if url.starts_with("postgres://") || url.starts_with("postgresql://") => postgres(url, only),
        None => {
            let scheme = url.split(':').next().unwrap_or_default();
            let why = format!("\"{scheme}:\" is not a database; use sqlite:// or postgres://");
            Err(MigrateError::Open(why))
        }
    }
}

/// Refuses steps that this program does not know: a newer one took them.
pub fn knows(steps: &[String]) -> Result<(), MigrateError> {
    let known = known::<diesel::sqlite::Sqlite>(&SQLITE)?;
    match steps.iter().find(|step| !known.contains(step)) {
        Some(step) => Err(MigrateError::Newer(step.clone())),
        None => Ok(()),
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    version: String,
}

/// The steps that a database has taken.
pub async fn taken(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let all = "SELECT CAST(version AS TEXT) AS version FROM __diesel_schema_migrations ORDER BY 1";
    let steps: Vec<Step> = on!(conn, |c| sql_query(all).load(c))?;
    Ok(steps.into_iter().map(|step| step.version).collect())
}

fn sqlite(path: &str, only: Option<&[String]>) -> Result<usize, MigrateError> {
    let lock = File::create(format!("{path}.lock")).map_err(|e| MigrateError::Open(e.to_string()))?;
    lock.lock().map_err(|e| MigrateError::Open(e.to_string()))?;
    let mut conn = SqliteConnection::establish(path).map_err(|e| MigrateError::Open(e.to_string()))?;
    diesel::connection::SimpleConnection::batch_execute(
        &mut conn,
        "PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA journal_mode=WAL;",
    )
    .map_err(failed)?;
    up(&mut conn, SQLITE, only)
}

fn postgres(url: &str, only: Option<&[String]>) -> Result<usize, MigrateError> {
    let runtime = tokio::runtime::Handle::current();
    let mut guard =
        runtime.block_on(AsyncPgConnection::establish(url)).map_err(|e| MigrateError::Open(e.to_string()))?;
    runtime.block_on(guard.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))).map_err(failed)?;
    let conn =
        runtime.block_on(AsyncPgConnection::establish(url)).map_err(|e| MigrateError::Open(e.to_string()))?;
    let steps = up(&mut AsyncMigrationHarness::new(conn), POSTGRES, only)?;
    runtime.block_on(guard.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))).map_err(failed)?;
    Ok(steps)
}

fn known<DB>(steps: &EmbeddedMigrations) -> Result<Vec<String>, MigrateError>
where
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let all = MigrationSource::<DB>::migrations(steps).map_err(failed)?;
    Ok(all.iter().map(|step| step.name().version().to_string()).collect())
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
    let known = known::<diesel::sqlite::Sqlite>(&SQLITE)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(known.iter().filter(|version| !applied.iter().any(|one| one.version == **version)).count())
}

fn up<DB, C>(conn: &mut C, steps: EmbeddedMigrations, only: Option<&[String]>) -> Result<usize, MigrateError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let versions = known::<DB>(&steps)?;
    for applied in conn.applied_migrations().map_err(failed)? {
        if !versions.contains(&applied.to_string()) {
            return Err(MigrateError::Newer(applied.to_string()));
        }
    }
    let mut wanted = conn.pending_migrations(steps).map_err(failed)?;
    wanted.retain(|step| only.is_none_or(|only| only.contains(&step.name().version().to_string())));
    Ok(conn.run_migrations(&wanted).map_err(failed)?.len())
}
