//! Migrations with and without rows (R-42, DESIGN 3.10): every step can be taken back and taken again, leaves exactly
//! the schema that was there, loses no row that it need not lose, and makes the same promises on both databases.

mod killed;
mod promises;
mod rows;

use std::collections::BTreeMap;

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::support::{postgres, second::Second, source};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// What the names of the first release's steps begin with.
const FIRST: &str = "2026-11-21-";

/// A database that is taken up and down by hand.
struct Ladder {
    url: String,
    _folder: tempfile::TempDir,
}

impl Ladder {
    /// An empty one, on the database that the tests run on.
    async fn new() -> Self {
        let url = postgres::database_url().await;
        Self::at(url)
    }

    /// An empty one at this address, or on `SQLite`.
    fn at(url: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}", folder.path().join("x.db").display());
        Self { url: url.unwrap_or(file), _folder: folder }
    }

    /// Takes the next step up, or the last one back.
    async fn step(&self, is_up: bool) {
        if let Some(path) = self.url.strip_prefix("sqlite://") {
            let mut conn = SqliteConnection::establish(path).unwrap();
            // As the program does it.
            conn.batch_execute("PRAGMA foreign_keys=ON;").unwrap();
            if is_up {
                conn.run_next_migration(SQLITE).unwrap();
            } else {
                conn.revert_last_migration(SQLITE).unwrap();
            }
            return;
        }
        let conn = AsyncPgConnection::establish(&self.url).await.unwrap();
        let done = tokio::task::spawn_blocking(move || {
            let mut harness = AsyncMigrationHarness::new(conn);
            if is_up {
                harness.run_next_migration(POSTGRES).unwrap();
            } else {
                harness.revert_last_migration(POSTGRES).unwrap();
            }
        });
        done.await.unwrap();
    }

    async fn second(&self) -> Second {
        Second::open(&self.url).await
    }
}

/// The names of the steps, the first one first.
fn steps() -> Vec<String> {
    let up = source::files("migrations/sqlite", "up.sql").into_iter();
    up.map(|(path, _)| path.split('/').nth(2).unwrap().to_owned()).collect()
}

/// Everything that the catalogue says of the schema: columns with type, default and nullability, constraints, indexes
/// with their definition, triggers and functions.
async fn schema(second: &mut Second) -> Vec<String> {
    let queries: &[&str] = if second.is_sqlite() {
        &[
            "SELECT 'column ' || m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' \
             || coalesce(c.dflt_value, '-') || ' ' || c.pk AS value FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
            // A table that was made anew and renamed has its name in quotes.
            "SELECT m.type || ' ' || m.name || ' ' || replace(coalesce(m.sql, ''), '\"', '') AS value FROM sqlite_master m \
             WHERE m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        ]
    } else {
        &[
            "SELECT concat_ws(' ', 'column', table_name || '.' || column_name, data_type, is_nullable, \
             coalesce(column_default, '-'), is_identity, coalesce(identity_generation, '-')) AS value \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
            "SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS value \
             FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' \
             AND conrelid::regclass::text NOT LIKE '\\_\\_%'",
            "SELECT 'index ' || indexdef AS value FROM pg_indexes WHERE schemaname = 'public' \
             AND tablename NOT LIKE '\\_\\_%'",
            "SELECT 'trigger ' || pg_get_triggerdef(oid) AS value FROM pg_trigger WHERE NOT tgisinternal",
            "SELECT 'function ' || pg_get_functiondef(oid) AS value FROM pg_proc \
             WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE 'diesel%'",
            "SELECT concat_ws(' ', 'sequence', sequencename, data_type, start_value, increment_by) AS value \
             FROM pg_sequences WHERE schemaname = 'public'",
        ]
    };
    let mut all = Vec::new();
    for query in queries {
        all.extend(second.texts(query).await);
    }
    // On PostgreSQL what belongs to a table that was made anew and renamed keeps the old name in its own.
    for line in &mut all {
        *line = line.replace("schedules_next", "schedules").replace("_id_seq1", "_id_seq");
    }
    all.sort();
    all
}

// one step back leaves exactly what was there before it, and the same step again what was there after it.
#[tokio::test]
async fn every_step_back_leaves_the_schema_before_it_and_every_step_again_the_one_after() {
    let (ladder, names) = (Ladder::new().await, steps());
    let mut second = ladder.second().await;
    let mut seen = vec![schema(&mut second).await];
    for _ in &names {
        ladder.step(true).await;
        seen.push(schema(&mut second).await);
    }
    assert!(seen[0].is_empty() && seen[names.len()].len() > 200, "{}", seen[names.len()].len());
    for (at, name) in names.iter().enumerate().rev() {
        ladder.step(false).await;
        assert_eq!(schema(&mut second).await, seen[at], "{name} taken back");
        ladder.step(true).await;
        assert_eq!(schema(&mut second).await, seen[at + 1], "{name} taken again");
        ladder.step(false).await;
    }
    for (at, name) in names.iter().enumerate() {
        ladder.step(true).await;
        assert_eq!(schema(&mut second).await, seen[at + 1], "{name} after all were taken back");
    }
}

/// The rows of every table, each as text.
async fn rows(second: &mut Second) -> BTreeMap<String, Vec<String>> {
    let queries = second.queries().await;
    second.everything(&queries).await
}
