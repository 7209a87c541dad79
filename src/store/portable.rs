//! Every table as rows that either database writes and either takes: lines of JSON, for a copy of the whole (R-44).
//!
//! Tables and columns are asked from the database itself, so that none can be forgotten. Here SQL is written by hand:
//! names come from the database's own catalogue, and what was copied is checked against the catalogue before it is used.

mod numbers;
mod references;

pub use numbers::continue_numbers;
pub use references::{free_references, hold_references};

use chrono::NaiveDateTime;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Conn, StoreError, on};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A whole number.
    Whole,
    /// 0 or 1.
    Flag,
    /// A text.
    Text,
    /// A time in UTC, in the form in which SQLite keeps it.
    Instant,
    /// Bytes, in hexadecimal.
    Bytes,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Its place, from 1, in what identifies a row; 0 when it is no part of that.
    pub key: i64,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns by name, whatever their order in the database: the order of each row's values.
    pub columns: Vec<Column>,
    /// The highest number that was given to a row, which no other may get again; 0 where rows are not numbered.
    pub last_number: i64,
}

impl Table {
    /// The columns that identify a row, with their places among all.
    fn key(&self) -> impl Iterator<Item = (usize, &Column)> {
        let mut key: Vec<_> = self.columns.iter().enumerate().filter(|(_, column)| column.key > 0).collect();
        key.sort_by_key(|(_, column)| column.key);
        key.into_iter()
    }

    /// Rows that are read at once: few where one may hold a whole configuration.
    pub fn step(&self) -> usize {
        if self.columns.iter().any(|column| column.kind == Kind::Bytes) { 8 } else { 1_000 }
    }

    /// A row as either database gives it, in the one form that both give; `None` when it is none of this table.
    pub fn canonical(&self, row: &str) -> Option<Vec<Value>> {
        let mut values: Vec<Value> = serde_json::from_str(row).ok()?;
        if values.len() != self.columns.len() {
            return None;
        }
        for (value, column) in values.iter_mut().zip(&self.columns) {
            if let (Kind::Instant, Value::String(text)) = (column.kind, &*value) {
                let at = NaiveDateTime::parse_from_str(text, "%F %T%.f").ok()?;
                *value = Value::String(at.format("%F %T%.f").to_string());
            }
        }
        Some(values)
    }
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    key: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

const SQLITE_COLUMNS: &str = "SELECT m.name AS owner, p.name AS name, p.type AS kind, p.pk AS key \
     FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' \
     AND substr(m.name, 1, 2) <> '__' ORDER BY m.name, p.cid";

const POSTGRES_COLUMNS: &str = "SELECT CAST(r.relname AS TEXT) AS owner, CAST(a.attname AS TEXT) AS name, \
     format_type(a.atttypid, NULL) AS kind, \
     CAST(COALESCE(array_position(CAST(i.indkey AS SMALLINT[]), a.attnum), -1) + 1 AS BIGINT) AS key \
     FROM pg_class r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_index i ON i.indrelid = r.oid AND i.indisprimary \
     WHERE r.relkind = 'r' AND r.relnamespace = CAST(current_schema() AS regnamespace) \
     AND left(r.relname, 2) <> '__' ORDER BY r.relname, a.attnum";

fn kind(name: &str) -> Result<Kind, StoreError> {
    Ok(match name.to_lowercase().as_str() {
        "bigint" | "integer" => Kind::Whole,
        "boolean" => Kind::Flag,
        "text" => Kind::Text,
        "timestamp" | "timestamp without time zone" => Kind::Instant,
        "blob" | "bytea" => Kind::Bytes,
        _ => return Err(StoreError::Unreadable { column: "a column's type", value: name.to_owned() }),
    })
}

/// All tables but the migrations' own, by name.
pub async fn tables(conn: &mut Conn) -> Result<Vec<Table>, StoreError> {
    let rows: Vec<ColumnRow> = match conn {
        Conn::Sqlite(c) => sql_query(SQLITE_COLUMNS).load(c).await?,
        Conn::Postgres(c) => sql_query(POSTGRES_COLUMNS).load(c).await?,
    };
    let mut tables: Vec<Table> = Vec::new();
    for row in rows {
        let column = Column { name: row.name, kind: kind(&row.kind)?, key: row.key };
        match tables.last_mut().filter(|table| table.name == row.owner) {
            Some(table) => table.columns.push(column),
            None => tables.push(Table { name: row.owner, columns: vec![column], last_number: 0 }),
        }
    }
    for table in &mut tables {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        table.last_number = numbers::last_number(conn, table).await?;
    }
    Ok(tables)
}

fn quoted<'a>(names: impl Iterator<Item = &'a Column>) -> String {
    names.map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ")
}

/// A row's key as SQL; both databases keep quotes in texts by doubling them.
fn literals(table: &Table, row: &[Value]) -> String {
    let literal = |at: usize| match row.get(at) {
        Some(Value::String(text)) => format!("'{}'", text.replace('\'', "''")),
        Some(other) => other.to_string(),
        None => "NULL".to_owned(),
    };
    table.key().map(|(at, _)| literal(at)).collect::<Vec<_>>().join(", ")
}

/// The next rows of a table in the order of their keys, those after the row `after`; each as a list in JSON, in the
/// database's own words ([`Table::canonical`]).
pub async fn rows(
    conn: &mut Conn,
    table: &Table,
    after: Option<&[Value]>,
) -> Result<Vec<String>, StoreError> {
    let is_sqlite = matches!(conn, Conn::Sqlite(_));
    let value = |column: &Column| {
        let name = format!("\"{}\"", column.name);
        match (column.kind, is_sqlite) {
            (Kind::Whole | Kind::Text, _) | (Kind::Instant, true) => name,
            (Kind::Flag, _) => format!("CAST({name} AS INTEGER)"),
            (Kind::Instant, false) => format!("CAST({name} AS TEXT)"),
            // The hexadecimal of nothing is an empty text there.
            (Kind::Bytes, true) => format!("CASE WHEN {name} IS NOT NULL THEN lower(hex({name})) END"),
            (Kind::Bytes, false) => format!("encode({name}, 'hex')"),
        }
    };
    let values = table.columns.iter().map(value).collect::<Vec<_>>().join(", ");
    let key = quoted(table.key().map(|(_, column)| column));
    let made = if is_sqlite {
        format!("json_array({values})")
    } else {
        format!("CAST(json_build_array({values}) AS TEXT)")
    };
    let from = after.map_or_else(String::new, |row| format!("WHERE ({key}) > ({})", literals(table, row)));
    let (name, limit) = (&table.name, table.step());
    let sql = format!("SELECT {made} AS value FROM \"{name}\" {from} ORDER BY {key} LIMIT {limit}");
    let lines: Vec<Line> = on!(conn, |c| sql_query(sql).load(c))?;
    Ok(lines.into_iter().map(|line| line.value).collect())
}

/// Adds rows of a table: a list in JSON of what [`Table::canonical`] gives.
pub async fn insert(conn: &mut Conn, table: &Table, rows: &str) -> Result<(), StoreError> {
    let (name, columns) = (&table.name, quoted(table.columns.iter()));
    let is_sqlite = matches!(conn, Conn::Sqlite(_));
    let value = |(at, column): (usize, &Column)| match (is_sqlite, column.kind) {
        (true, Kind::Bytes) => format!("unhex(json_extract(value, '$[{at}]'))"),
        (true, _) => format!("json_extract(value, '$[{at}]')"),
        (false, Kind::Whole) => format!("CAST(r->>{at} AS BIGINT)"),
        (false, Kind::Flag) => format!("CAST(CAST(r->>{at} AS INTEGER) AS BOOLEAN)"),
        (false, Kind::Text) => format!("r->>{at}"),
        (false, Kind::Instant) => format!("CAST(r->>{at} AS TIMESTAMP)"),
        (false, Kind::Bytes) => format!("decode(r->>{at}, 'hex')"),
    };
    let values = table.columns.iter().enumerate().map(value).collect::<Vec<_>>().join(", ");
    let from = if is_sqlite { "json_each($1)" } else { "json_array_elements(CAST($1 AS json)) AS r" };
    let sql = format!("INSERT INTO \"{name}\" ({columns}) SELECT {values} FROM {from}");
    on!(conn, |c| sql_query(sql).bind::<Text, _>(rows.to_owned()).execute(c))?;
    Ok(())
}

/// Whether a table has a row.
pub async fn has_rows(conn: &mut Conn, table: &Table) -> Result<bool, StoreError> {
    let sql = format!(
        "SELECT CAST(count(*) AS BIGINT) AS value FROM (SELECT 1 FROM \"{}\" LIMIT 1) AS found",
        table.name
    );
    let found: numbers::Number = on!(conn, |c| sql_query(sql).get_result(c))?;
    Ok(found.value > 0)
}

/// Removes the rows of a table.
pub async fn clear(conn: &mut Conn, table: &Table) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM \"{}\"", table.name);
    on!(conn, |c| sql_query(sql).execute(c))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_words_become_the_same_row() {
        let column = |name: &str, kind| Column { name: name.to_owned(), kind, key: i64::from(name == "id") };
        let columns =
            vec![column("id", Kind::Whole), column("at", Kind::Instant), column("text", Kind::Text)];
        let table = Table { name: "t".to_owned(), columns, last_number: 0 };
        let sqlite = table.canonical(r#"[1,"2026-03-01 12:00:00.120","it's"]"#).unwrap();
        let postgres = table.canonical(r#"[1, "2026-03-01 12:00:00.12", "it\u0027s"]"#).unwrap();
        assert_eq!(sqlite, postgres);
        assert_eq!(literals(&table, &sqlite), "1");
        assert_eq!(table.canonical("[1]"), None);
        assert_eq!(table.canonical(r#"[1,"noon","x"]"#), None);
    }
}
