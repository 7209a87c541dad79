//! What rows refer to, let go while they come and held again when all are there.

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::super::{Conn, StoreError};

/// A foreign key: the statements that take it away and bring it back.
#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    gone: String,
    #[diesel(sql_type = Text)]
    back: String,
}

/// Lets rows come in any order until the transaction ends; gives what [`hold_references`] needs.
pub async fn free_references(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let c = match conn {
        Conn::Sqlite(c) => {
            c.batch_execute("PRAGMA defer_foreign_keys=ON").await?;
            return Ok(Vec::new());
        }
        Conn::Postgres(c) => c,
    };
    c.batch_execute("SET LOCAL statement_timeout=0; SET LOCAL idle_in_transaction_session_timeout=0;")
        .await?;
    let all = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', CAST(conrelid AS regclass), conname) AS gone, \
         format('ALTER TABLE %s ADD CONSTRAINT %I %s', CAST(conrelid AS regclass), conname, \
         pg_get_constraintdef(oid)) AS back \
         FROM pg_constraint WHERE contype = 'f' AND connamespace = CAST(current_schema() AS regnamespace)";
    let found: Vec<Reference> = sql_query(all).load(c).await?;
    for reference in &found {
        c.batch_execute(&reference.gone).await?;
    }
    Ok(found.into_iter().map(|reference| reference.back).collect())
}

/// Holds every row to what it refers to, those that came since [`free_references`] too. SQLite does it at the commit.
pub async fn hold_references(conn: &mut Conn, references: &[String]) -> Result<(), StoreError> {
    if let Conn::Postgres(c) = conn {
        for reference in references {
            c.batch_execute(reference).await?;
        }
    }
    Ok(())
}
