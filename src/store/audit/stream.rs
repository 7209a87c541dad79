//! How far the trail has come on its way to a log server.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::LineRow;
use crate::{
    domain::audit::AuditLine,
    store::{
        Conn, StoreError, on,
        schema::{audit_events, audit_heads},
    },
};

/// The number of the last line that the log server has; 0 before the first.
pub async fn sent(conn: &mut Conn) -> Result<i64, StoreError> {
    let seq: Option<Option<i64>> =
        on!(conn, |c| audit_heads::table.select(audit_heads::sent_seq).get_result(c)).optional()?;
    Ok(seq.flatten().unwrap_or_default())
}

/// Notes that the log server has the lines up to this one; never back.
pub async fn note(conn: &mut Conn, seq: i64) -> Result<(), StoreError> {
    let before = audit_heads::table.filter(audit_heads::sent_seq.is_null().or(audit_heads::sent_seq.lt(seq)));
    let value = audit_heads::sent_seq.eq(seq);
    on!(conn, |c| diesel::update(before).set(value).execute(c))?;
    Ok(())
}

/// The next lines after this number, in the chain's order.
pub async fn after(conn: &mut Conn, seq: i64, limit: i64) -> Result<Vec<AuditLine>, StoreError> {
    let rows: Vec<LineRow> = on!(conn, |c| audit_events::table
        .filter(audit_events::seq.assume_not_null().gt(seq))
        .order(audit_events::seq)
        .select(LineRow::as_select())
        .limit(limit)
        .load(c))?;
    rows.into_iter().map(AuditLine::try_from).collect()
}

/// How many lines come after this number, and when the first of them was written; `None` where there are none.
pub async fn waiting(conn: &mut Conn, seq: i64) -> Result<Option<(i64, DateTime<Utc>)>, StoreError> {
    let later = audit_events::table.filter(audit_events::seq.assume_not_null().gt(seq));
    let count: i64 = on!(conn, |c| later.count().get_result(c))?;
    let first: Option<NaiveDateTime> =
        on!(conn, |c| later.order(audit_events::seq).select(audit_events::at).first(c)).optional()?;
    Ok(first.map(|at| (count, at.and_utc())))
}
