//! Table `data_keys`: the keys that seal everything else, themselves sealed with the master key.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, on, schema::data_keys};

/// All wrapped keys, the newest last.
pub async fn list(conn: &mut Conn) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    Ok(on!(conn, |c| data_keys::table
        .select((data_keys::id, data_keys::wrapped))
        .order(data_keys::id)
        .load(c))?)
}

/// Keeps a wrapped key under the id that is bound into it; [`StoreError::Conflict`] when there is one with this id.
pub async fn insert(conn: &mut Conn, id: i64, wrapped: &[u8], now: DateTime<Utc>) -> Result<(), StoreError> {
    let values =
        (data_keys::id.eq(id), data_keys::wrapped.eq(wrapped), data_keys::created_at.eq(now.naive_utc()));
    on!(conn, |c| diesel::insert_into(data_keys::table).values(values).execute(c))?;
    Ok(())
}
