//! The numbers that the database gives to rows.

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::{
    super::{Conn, StoreError},
    Table,
};

#[derive(QueryableByName)]
pub(super) struct Number {
    #[diesel(sql_type = BigInt)]
    pub value: i64,
}

/// Whether its rows get their numbers from the database.
fn is_numbered(table: &Table) -> bool {
    table.key().map(|(_, column)| column.name.as_str()).eq(["id"])
}

pub(super) async fn last_number(conn: &mut Conn, table: &Table) -> Result<i64, StoreError> {
    if !is_numbered(table) {
        return Ok(0);
    }
    let name = &table.name;
    let found: Vec<Number> = match conn {
        Conn::Sqlite(c) => {
            sql_query(format!("SELECT seq AS value FROM sqlite_sequence WHERE name = '{name}'"))
                .load(c)
                .await?
        }
        Conn::Postgres(c) => {
            let sequence = format!("CAST(pg_get_serial_sequence('{name}', 'id') AS regclass)");
            sql_query(format!("SELECT COALESCE(pg_sequence_last_value({sequence}), 0) AS value"))
                .load(c)
                .await?
        }
    };
    Ok(found.into_iter().next().map_or(0, |number| number.value))
}

/// Makes sure that no row gets a number that another had.
pub async fn continue_numbers(conn: &mut Conn, table: &Table) -> Result<(), StoreError> {
    if !is_numbered(table) || table.last_number == 0 {
        return Ok(());
    }
    let (name, last) = (&table.name, table.last_number);
    match conn {
        Conn::Sqlite(c) => {
            let sql = format!(
                "DELETE FROM sqlite_sequence WHERE name = '{name}'; \
                 INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', {last});"
            );
            c.batch_execute(&sql).await?;
        }
        Conn::Postgres(c) => {
            let sql = format!("SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last})");
            c.batch_execute(&sql).await?;
        }
    }
    Ok(())
}
