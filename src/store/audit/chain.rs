//! The chain of the audit trail: its end, its links, and the line as it goes into the seal.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Serialize, Serializer};

use crate::{
    domain::{access::Actor, audit::Act},
    store::{
        Conn, StoreError, on,
        prepared::prepared,
        schema::{audit_events, audit_heads},
    },
};

/// Everything about a line that the seal covers; as JSON, in this order.
#[derive(Debug, Clone, Serialize, Insertable, Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct Columns {
    seq: Option<i64>,
    #[serde(serialize_with = "microseconds")]
    at: NaiveDateTime,
    actor: String,
    user_id: Option<i64>,
    address: Option<String>,
    event: String,
    object_kind: String,
    object_id: Option<i64>,
    object: String,
    detail: Option<String>,
    changes: Option<String>,
    outcome: String,
    request: Option<String>,
    /// Left out where there is none, so that lines from before this column keep their seal.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<i64>,
}

/// The same text from either database.
fn microseconds<S: Serializer>(at: &NaiveDateTime, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&at.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
}

impl Columns {
    /// `act` of `by` as the line number `seq`.
    pub fn new(by: &Actor, act: &Act<'_>, seq: Option<i64>, now: DateTime<Utc>) -> Self {
        let changes = || serde_json::to_string(&act.changes).unwrap_or_default();
        Self {
            seq,
            at: now.naive_utc(),
            actor: by.name.clone(),
            user_id: by.user.map(|id| id.0),
            address: by.address.clone(),
            event: act.event.as_str().to_owned(),
            object_kind: act.target.map_or("", |(kind, _)| kind.as_str()).to_owned(),
            object_id: act.target.map(|(_, id)| id),
            object: act.object.to_owned(),
            detail: act.detail.map(str::to_owned),
            changes: (!act.changes.is_empty()).then(changes),
            outcome: act.outcome.as_str().to_owned(),
            request: by.request.clone(),
            session_id: by.session.map(|id| id.0),
        }
    }

    /// The line as it is sealed: one text for one content.
    pub fn canonical(&self) -> String {
        // A struct of texts and numbers always has a form in JSON; without it no seal would ever match.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Writes a line down with its seal.
pub async fn append(conn: &mut Conn, line: &Columns, mac: &str) -> Result<(), StoreError> {
    let values = (line, audit_events::mac.eq(mac));
    on!(conn, |c| prepared(diesel::insert_into(audit_events::table).values(values)).execute(c))?;
    Ok(())
}

/// The end of the chain.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_heads, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct Head {
    /// The number of the last line.
    pub seq: i64,
    /// The last seal that was made.
    pub mac: String,
    /// The chain's own key, sealed; `None` before the first sealed line.
    pub sealed_key: Option<Vec<u8>>,
}

/// The one row of `audit_heads`.
const ROW: i64 = 1;

fn present(head: Option<Head>) -> Result<Head, StoreError> {
    head.ok_or_else(|| StoreError::Unreadable { column: "audit_heads.id", value: "no row".to_owned() })
}

/// The end of the chain, to be looked at.
pub async fn head(conn: &mut Conn) -> Result<Head, StoreError> {
    present(on!(conn, |c| audit_heads::table.find(ROW).select(Head::as_select()).get_result(c)).optional()?)
}

/// The end of the chain, held until the transaction ends: nobody else can add a line before.
pub async fn lock_head(conn: &mut Conn) -> Result<Head, StoreError> {
    let row = audit_heads::table.find(ROW);
    let head = match conn {
        // The transaction holds SQLite's one write lock already.
        Conn::Sqlite(c) => row.select(Head::as_select()).get_result(c).await.optional()?,
        Conn::Postgres(c) => row.select(Head::as_select()).for_update().get_result(c).await.optional()?,
    };
    present(head)
}

/// Moves the end of the chain on.
pub async fn move_head(conn: &mut Conn, seq: i64, mac: &str) -> Result<(), StoreError> {
    let values = (audit_heads::seq.eq(seq), audit_heads::mac.eq(mac));
    on!(conn, |c| prepared(diesel::update(audit_heads::table.find(ROW)).set(values)).execute(c))?;
    Ok(())
}

/// Keeps the chain's key, sealed.
pub async fn set_key(conn: &mut Conn, sealed: &[u8]) -> Result<(), StoreError> {
    let value = audit_heads::sealed_key.eq(sealed);
    on!(conn, |c| diesel::update(audit_heads::table.find(ROW)).set(value).execute(c))?;
    Ok(())
}

/// A line as it is found in the chain.
#[derive(Debug, Clone)]
pub struct Link {
    /// The row.
    pub id: i64,
    /// Its number.
    pub seq: i64,
    /// Its seal; empty for a line that was written while NetRaven was sealed.
    pub mac: String,
    /// What the seal covers.
    pub canonical: String,
}

/// The next lines of the chain after number `seq`, in its order.
pub async fn links(conn: &mut Conn, seq: i64, limit: i64) -> Result<Vec<Link>, StoreError> {
    let rows: Vec<(i64, Option<String>, Columns)> = on!(conn, |c| audit_events::table
        .filter(audit_events::seq.assume_not_null().gt(seq))
        .order(audit_events::seq)
        .select((audit_events::id, audit_events::mac, Columns::as_select()))
        .limit(limit)
        .load(c))?;
    let link = |(id, mac, columns): (i64, Option<String>, Columns)| Link {
        id,
        seq: columns.seq.unwrap_or_default(),
        mac: mac.unwrap_or_default(),
        canonical: columns.canonical(),
    };
    Ok(rows.into_iter().map(link).collect())
}

/// How many lines have no number: those from before there was a chain have ids up to `first`, others do not belong.
pub async fn without_number(conn: &mut Conn, first: i64) -> Result<(i64, i64), StoreError> {
    let before = audit_events::table.filter(audit_events::seq.is_null().and(audit_events::id.lt(first)));
    let before: i64 = on!(conn, |c| before.count().get_result(c))?;
    let since = audit_events::table.filter(audit_events::seq.is_null().and(audit_events::id.gt(first)));
    let since: i64 = on!(conn, |c| since.count().get_result(c))?;
    Ok((before, since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{audit::AuditEvent, id::SessionId};

    // What was sealed before lines had a session must be the same text for ever.
    #[test]
    fn a_line_without_a_session_is_sealed_as_it_always_was() {
        let at = "2026-03-01T12:00:00Z".parse().unwrap();
        let (mut by, act) = (Actor::system(), Act::new(AuditEvent::SignedIn, "olga"));
        let old = r#"{"seq":7,"at":"2026-03-01T12:00:00.000000Z","actor":"netraven","user_id":null,"address":null,"event":"signed_in","object_kind":"","object_id":null,"object":"olga","detail":null,"changes":null,"outcome":"done","request":null}"#;
        assert_eq!(Columns::new(&by, &act, Some(7), at).canonical(), old);
        by.session = Some(SessionId(3));
        let new = old.replace(r#""request":null}"#, r#""request":null,"session_id":3}"#);
        assert_eq!(Columns::new(&by, &act, Some(7), at).canonical(), new);
    }
}
