//! Table `audit_events`: appended to, never changed.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::audit_events};
use crate::domain::{
    access::Actor,
    audit::{Act, AuditEvent, AuditLine, AuditOutcome, Changes, ObjectKind},
    id::AuditId,
    page::{Page, PageRequest},
};

/// Writes down who did what to which object.
pub async fn append(
    conn: &mut Conn,
    by: &Actor,
    act: &Act<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let changes = (!act.changes.is_empty()).then(|| serde_json::to_string(&act.changes).unwrap_or_default());
    let values = (
        audit_events::object_kind.eq(act.target.map_or("", |(kind, _)| kind.as_str())),
        audit_events::object_id.eq(act.target.map(|(_, id)| id)),
        audit_events::outcome.eq(act.outcome.as_str()),
        audit_events::changes.eq(changes),
        audit_events::at.eq(now.naive_utc()),
        audit_events::actor.eq(by.name.as_str()),
        audit_events::user_id.eq(by.user.map(|id| id.0)),
        audit_events::address.eq(by.address.as_deref()),
        audit_events::event.eq(act.event.as_str()),
        audit_events::object.eq(act.object),
        audit_events::detail.eq(act.detail),
        audit_events::request.eq(by.request.as_deref()),
    );
    on!(conn, |c| diesel::insert_into(audit_events::table).values(values).execute(c))?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct LineRow {
    id: i64,
    at: NaiveDateTime,
    actor: String,
    address: Option<String>,
    event: String,
    object: String,
    detail: Option<String>,
    request: Option<String>,
    object_kind: String,
    object_id: Option<i64>,
    outcome: String,
    changes: Option<String>,
    seq: Option<i64>,
}

impl TryFrom<LineRow> for AuditLine {
    type Error = StoreError;

    fn try_from(row: LineRow) -> Result<Self, StoreError> {
        let kind = Some(row.object_kind.as_str()).filter(|kind| !kind.is_empty());
        let kind: Option<ObjectKind> = column::word_if_any("audit_events.object_kind", kind)?;
        let changes: Option<Changes> = match &row.changes {
            None => None,
            Some(text) => Some(serde_json::from_str(text).map_err(|_| StoreError::Unreadable {
                column: "audit_events.changes",
                value: text.clone(),
            })?),
        };
        Ok(Self {
            id: AuditId(row.id),
            at: row.at.and_utc(),
            actor: row.actor,
            address: row.address,
            event: column::word::<AuditEvent>("audit_events.event", &row.event)?,
            object: row.object,
            detail: row.detail,
            request: row.request,
            target: kind.zip(row.object_id),
            changes: changes.unwrap_or_default(),
            outcome: column::word::<AuditOutcome>("audit_events.outcome", &row.outcome)?,
            seq: row.seq,
        })
    }
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
    let rows = rows.into_iter().map(AuditLine::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}
