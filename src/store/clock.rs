//! The database's clock: the one that all nodes share.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::sql, sql_types::Timestamp};
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError};

/// The time by the database's clock; within a transaction it moves on as well.
pub async fn now(conn: &mut Conn) -> Result<DateTime<Utc>, StoreError> {
    let now: NaiveDateTime = match conn {
        Conn::Sqlite(c) => {
            let now = sql::<Timestamp>("strftime('%Y-%m-%d %H:%M:%f', 'now')");
            diesel::select(now).get_result(c).await?
        }
        Conn::Postgres(c) => {
            let now = sql::<Timestamp>("timezone('utc', clock_timestamp())");
            diesel::select(now).get_result(c).await?
        }
    };
    Ok(now.and_utc())
}
