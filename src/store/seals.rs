//! Everything that is sealed, whichever table holds it, so that it can be sealed anew with another key.
//!
//! An envelope names its key in bytes 2 to 9 (`crypt::sealed`), so what is still sealed with an old key is found
//! without opening anything. Here alone SQL is written by hand: table and column come from [`SEALED`], never from outside.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Binary, Text},
};
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, on};

/// A sealed column.
#[derive(Debug, Clone, Copy)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What identifies the row, as text: the name that is bound into its envelopes.
    pub row: &'static str,
}

const fn sealed(table: &'static str, column: &'static str, row: &'static str) -> SealedColumn {
    SealedColumn { table, column, row }
}

/// Every sealed column but the data keys' own.
pub const SEALED: &[SealedColumn] = &[
    sealed("credentials", "password", "row_key"),
    sealed("credentials", "enable_secret", "row_key"),
    sealed("credentials", "private_key", "row_key"),
    sealed("credentials", "passphrase", "row_key"),
    sealed("settings", "sealed", "key"),
    sealed("audit_heads", "sealed_key", "CAST(id AS TEXT)"),
    sealed("screens", "sealed", "CAST(job_id AS TEXT)"),
    sealed("transcripts", "sealed", "CAST(job_id AS TEXT)"),
    sealed("imports", "sealed", "row_key"),
    sealed("imports", "rejected", "row_key"),
    sealed("contents", "sealed", "sha256"),
];

/// A sealed value and where it is.
#[derive(Debug, QueryableByName)]
pub struct SealedValue {
    /// What identifies the row.
    #[diesel(sql_type = Text)]
    pub owner: String,
    /// The envelope.
    #[diesel(sql_type = Binary)]
    pub sealed: Vec<u8>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The bytes by which an envelope names its key, as SQL. Empty values are no envelopes.
fn names_key(at: &SealedColumn) -> String {
    format!("{0} IS NOT NULL AND length({0}) > 9 AND substr({0}, 2, 8)", at.column)
}

/// Up to `limit` values of a column that are not sealed with `key`.
pub async fn others(
    conn: &mut Conn,
    at: &SealedColumn,
    key: i64,
    limit: i64,
) -> Result<Vec<SealedValue>, StoreError> {
    let sql = format!(
        "SELECT {} AS owner, {} AS sealed FROM {} WHERE {} <> $1 LIMIT $2",
        at.row,
        at.column,
        at.table,
        names_key(at)
    );
    let query = || sql_query(sql).bind::<Binary, _>(key.to_be_bytes().to_vec()).bind::<BigInt, _>(limit);
    Ok(on!(conn, |c| query().load(c))?)
}

/// Puts a value sealed anew in place of the one that was read; `false` when it was changed in between.
pub async fn replace(
    conn: &mut Conn,
    at: &SealedColumn,
    old: &SealedValue,
    anew: &[u8],
) -> Result<bool, StoreError> {
    let sql = format!("UPDATE {} SET {1} = $1 WHERE {2} = $2 AND {1} = $3", at.table, at.column, at.row);
    let query = || {
        sql_query(sql)
            .bind::<Binary, _>(anew.to_vec())
            .bind::<Text, _>(old.owner.clone())
            .bind::<Binary, _>(old.sealed.clone())
    };
    Ok(on!(conn, |c| query().execute(c))? > 0)
}

/// How many values are sealed with `key`.
pub async fn count(conn: &mut Conn, key: i64) -> Result<i64, StoreError> {
    let mut total = 0;
    for at in SEALED {
        let sql = format!("SELECT count(*) AS count FROM {} WHERE {} = $1", at.table, names_key(at));
        let query = || sql_query(sql).bind::<Binary, _>(key.to_be_bytes().to_vec());
        let found: Count = on!(conn, |c| query().get_result(c))?;
        total += found.count;
    }
    // Files and objects are out of SQL's sight; their rows say which key it was.
    Ok(total + super::contents::sealed_elsewhere(conn, key).await?)
}
