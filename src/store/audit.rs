//! Table `audit_events`: appended to, never changed.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::audit_events};
use crate::domain::{
    access::Actor,
    audit::{AuditEvent, AuditLine},
    page::{Page, PageRequest},
};

/// Writes down who did what to which object.
pub async fn append(
    conn: &mut Conn,
    by: &Actor,
    event: AuditEvent,
    (object, detail): (&str, Option<&str>),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        audit_events::at.eq(now.naive_utc()),
        audit_events::actor.eq(by.name.as_str()),
        audit_events::user_id.eq(by.user.map(|id| id.0)),
        audit_events::address.eq(by.address.as_deref()),
        audit_events::event.eq(event.as_str()),
        audit_events::object.eq(object),
        audit_events::detail.eq(detail),
        audit_events::request.eq(by.request.as_deref()),
    );
    on!(conn, |c| diesel::insert_into(audit_events::table).values(values).execute(c))?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct LineRow {
    at: NaiveDateTime,
    actor: String,
    address: Option<String>,
    event: String,
    object: String,
    detail: Option<String>,
    request: Option<String>,
}

/// A page of the trail, the newest line first.
pub async fn list(conn: &mut Conn, request: PageRequest) -> Result<Page<AuditLine>, StoreError> {
    let total: i64 = on!(conn, |c| audit_events::table.count().get_result(c))?;
    let rows: Vec<LineRow> = on!(conn, |c| audit_events::table
        .select(LineRow::as_select())
        .order(audit_events::id.desc())
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    let rows = rows
        .into_iter()
        .map(|row| {
            Ok(AuditLine {
                at: row.at.and_utc(),
                actor: row.actor,
                address: row.address,
                event: column::word::<AuditEvent>("audit_events.event", &row.event)?,
                object: row.object,
                detail: row.detail,
                request: row.request,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Page { rows, total, request })
}
