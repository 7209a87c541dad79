//! Raw SQL on a house's database, for tests that look behind the store or break something on purpose.

use std::collections::BTreeMap;

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use netraven::{service::Core, store::Conn};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Runs statements that give nothing back.
pub async fn run(core: &Core, sql: &str) {
    let done = match &mut core.db.write().await.unwrap() {
        Conn::Sqlite(c) => c.batch_execute(sql).await,
        Conn::Postgres(c) => c.batch_execute(sql).await,
    };
    done.unwrap_or_else(|why| panic!("{sql}: {why}"));
}

/// The column `value` of every row of a query, as text.
pub async fn texts(core: &Core, sql: &str) -> Vec<String> {
    let lines: Result<Vec<Line>, _> = match &mut core.db.read().await.unwrap() {
        Conn::Sqlite(c) => sql_query(sql).load(c).await,
        Conn::Postgres(c) => sql_query(sql).load(c).await,
    };
    let lines = lines.unwrap_or_else(|why| panic!("{sql}: {why}"));
    lines.into_iter().map(|line| line.value).collect()
}

/// The one number that a query gives, such as `SELECT count(*) FROM jobs`.
pub async fn number(core: &Core, sql: &str) -> i64 {
    let found = texts(core, &format!("SELECT CAST(({sql}) AS TEXT) AS value")).await;
    found[0].parse().unwrap_or_else(|_| panic!("{sql}: {found:?}"))
}

/// Keeps a table for an open transaction alone. On `SQLite` a transaction has all tables for itself anyhow.
pub async fn hold(conn: &mut Conn, table: &str) {
    if let Conn::Postgres(c) = conn {
        c.batch_execute(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await.unwrap();
    }
}

/// No line of this event can be added to the trail from here on.
pub async fn refuse_lines(core: &Core, event: &str) {
    let refuses = if is_sqlite(core).await {
        "BEGIN SELECT RAISE(ABORT, 'no line'); END"
    } else {
        "EXECUTE FUNCTION audit_events_refuse()"
    };
    let new = format!(
        "CREATE TRIGGER refuse_lines BEFORE INSERT ON audit_events FOR EACH ROW WHEN (NEW.event = '{event}')"
    );
    run(core, &format!("{new} {refuses}")).await;
}

/// Lines of every event can be added again.
pub async fn accept_lines(core: &Core) {
    let on = if is_sqlite(core).await { "" } else { " ON audit_events" };
    run(core, &format!("DROP TRIGGER refuse_lines{on}")).await;
}

/// Whether the house stands on `SQLite`.
pub async fn is_sqlite(core: &Core) -> bool {
    matches!(core.db.read().await.unwrap(), Conn::Sqlite(_))
}

/// The tables, by name, without the migrations' own.
pub async fn tables(core: &Core) -> Vec<String> {
    let sql = if is_sqlite(core).await {
        "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
    } else {
        "SELECT CAST(tablename AS TEXT) AS value FROM pg_tables WHERE schemaname = 'public' \
         AND tablename NOT LIKE '\\_\\_%' ORDER BY tablename"
    };
    texts(core, sql).await
}

/// The query that gives every row of a table as text.
pub async fn whole(core: &Core, table: &str) -> String {
    if !is_sqlite(core).await {
        return format!("SELECT CAST({table} AS TEXT) AS value FROM {table}");
    }
    let columns = texts(core, &format!("SELECT name AS value FROM pragma_table_info('{table}')")).await;
    let quoted: Vec<String> = columns.iter().map(|name| format!("quote({name})")).collect();
    format!("SELECT {} AS value FROM {table}", quoted.join(" || ' ' || "))
}

/// Every row of every table as text: equal before and after means that nothing was written.
pub async fn everything(core: &Core) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for table in tables(core).await {
        let rows = texts(core, &format!("{} ORDER BY 1", whole(core, &table).await)).await;
        all.insert(table, rows);
    }
    all
}
