//! A second connection to a database, beside the program's pools: what it sees is committed.

use std::collections::BTreeMap;

use diesel::{
    Connection, QueryableByName, SqliteConnection, connection::SimpleConnection, sql_query, sql_types::Text,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

/// The connection. Its methods panic with the statement that failed.
pub enum Second {
    /// A `SQLite` connection of its own to the file.
    Sqlite(Box<SqliteConnection>),
    /// A `PostgreSQL` connection outside of the pool.
    Postgres(Box<AsyncPgConnection>),
}

impl Second {
    /// Connects to the database at this address, as [`netraven::app::Places`] has it.
    pub async fn open(url: &str) -> Self {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let mut conn = SqliteConnection::establish(path).unwrap();
            conn.batch_execute("PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON;").unwrap();
            Self::Sqlite(Box::new(conn))
        } else {
            Self::Postgres(Box::new(AsyncPgConnection::establish(url).await.unwrap()))
        }
    }

    /// Whether it is one to `SQLite`.
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Runs statements that give nothing back.
    pub async fn run(&mut self, sql: &str) {
        let done = match self {
            Self::Sqlite(c) => c.batch_execute(sql),
            Self::Postgres(c) => SimpleAsyncConnection::batch_execute(&mut **c, sql).await,
        };
        done.unwrap_or_else(|why| panic!("{sql}: {why}"));
    }

    /// The column `value` of every row of a query, as text.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let lines: Result<Vec<Line>, _> = match self {
            Self::Sqlite(c) => diesel::RunQueryDsl::load(sql_query(sql), &mut **c),
            Self::Postgres(c) => sql_query(sql).load(&mut **c).await,
        };
        lines.unwrap_or_else(|why| panic!("{sql}: {why}")).into_iter().map(|line| line.value).collect()
    }

    /// The tables, by name, without the migrations' own.
    pub async fn tables(&mut self) -> Vec<String> {
        let sql = if self.is_sqlite() {
            "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
        } else {
            "SELECT CAST(tablename AS TEXT) AS value FROM pg_tables WHERE schemaname = 'public' \
             AND tablename NOT LIKE '\\_\\_%' ORDER BY tablename"
        };
        self.texts(sql).await
    }

    /// The columns of a table, by name.
    async fn columns(&mut self, table: &str) -> Vec<String> {
        let sql = if self.is_sqlite() {
            format!("SELECT name AS value FROM pragma_table_info('{table}') ORDER BY name")
        } else {
            format!(
                "SELECT CAST(column_name AS TEXT) AS value FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY column_name"
            )
        };
        self.texts(&sql).await
    }

    /// The query that gives every row of a table as text, its columns by name.
    async fn whole(&mut self, table: &str) -> String {
        let columns = self.columns(table).await;
        let cell = |name: &String| {
            if self.is_sqlite() {
                format!("quote({name})")
            } else {
                format!("coalesce(CAST({name} AS TEXT), 'NULL')")
            }
        };
        let cells: Vec<String> = columns.iter().map(cell).collect();
        format!("SELECT {} AS value FROM {table} ORDER BY 1", cells.join(" || ' ' || "))
    }

    /// The queries that together give every row of every table.
    pub async fn queries(&mut self) -> Vec<(String, String)> {
        let mut queries = Vec::new();
        for table in self.tables().await {
            let query = self.whole(&table).await;
            queries.push((table, query));
        }
        queries
    }

    /// Every row of every table as text.
    pub async fn everything(&mut self, queries: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
        let mut all = BTreeMap::new();
        for (table, query) in queries {
            all.insert(table.clone(), self.texts(query).await);
        }
        all
    }
}
