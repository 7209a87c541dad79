//! Table `data_keys`: the keys that seal everything else, themselves sealed with the master key.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::data_keys};
use crate::domain::key::KeyState;

/// A key's row.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The row; bound into the wrapping and into every envelope.
    pub id: i64,
    /// The key, sealed with the master key.
    pub wrapped: Vec<u8>,
    /// What it is used for.
    pub state: KeyState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When nothing was sealed with it any more.
    pub retired_at: Option<DateTime<Utc>>,
}

/// All keys, the newest last.
pub async fn list(conn: &mut Conn) -> Result<Vec<Kept>, StoreError> {
    type Row = (i64, Vec<u8>, String, NaiveDateTime, Option<NaiveDateTime>);
    let rows: Vec<Row> = on!(conn, |c| data_keys::table
        .select((
            data_keys::id,
            data_keys::wrapped,
            data_keys::state,
            data_keys::created_at,
            data_keys::retired_at
        ))
        .order(data_keys::id)
        .load(c))?;
    rows.into_iter()
        .map(|(id, wrapped, state, created_at, retired_at)| {
            Ok(Kept {
                id,
                wrapped,
                state: column::word("data_keys.state", &state)?,
                created_at: created_at.and_utc(),
                retired_at: column::instant(retired_at),
            })
        })
        .collect()
}

/// Keeps a wrapped key under the id that is bound into it; [`StoreError::Conflict`] when there is one with this id.
pub async fn insert(
    conn: &mut Conn,
    id: i64,
    (wrapped, state): (&[u8], KeyState),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        data_keys::id.eq(id),
        data_keys::wrapped.eq(wrapped),
        data_keys::state.eq(state.as_str()),
        data_keys::created_at.eq(now.naive_utc()),
    );
    on!(conn, |c| diesel::insert_into(data_keys::table).values(values).execute(c))?;
    Ok(())
}

/// Moves a key on from one state to the next; `false` when it was not in that state.
pub async fn move_on(
    conn: &mut Conn,
    id: i64,
    (from, to): (KeyState, KeyState),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = data_keys::table.filter(data_keys::id.eq(id).and(data_keys::state.eq(from.as_str())));
    let retired = (to == KeyState::Retired).then(|| now.naive_utc());
    let values = (data_keys::state.eq(to.as_str()), data_keys::retired_at.eq(retired));
    Ok(on!(conn, |c| diesel::update(row).set(values).execute(c))? > 0)
}

/// Removes a key for good.
pub async fn delete(conn: &mut Conn, id: i64) -> Result<bool, StoreError> {
    Ok(on!(conn, |c| diesel::delete(data_keys::table.find(id)).execute(c))? > 0)
}
