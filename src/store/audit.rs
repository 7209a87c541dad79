//! Table `audit_events`: added to, never changed; the databases themselves refuse it.

pub mod chain;
pub mod stream;

use chrono::NaiveDateTime;
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Text},
};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{audit_events, backups, jobs},
    scope,
};
use crate::domain::{
    access::Scope,
    audit::{AuditEvent, AuditFilter, AuditLine, AuditOutcome, Changes, ObjectKind},
    id::{AuditId, SessionId},
    page::{Page, PageRequest},
};

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
    mac: Option<String>,
    session_id: Option<i64>,
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
            session: row.session_id.map(SessionId),
            target: kind.zip(row.object_id),
            changes: changes.unwrap_or_default(),
            outcome: column::word::<AuditOutcome>("audit_events.outcome", &row.outcome)?,
            seq: row.seq,
            mac: row.mac,
        })
    }
}

type Condition<DB> = Box<dyn BoxableExpression<audit_events::table, DB, SqlType = Bool>>;

/// Whose eyes read the trail.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Which devices the person sees.
    pub scope: Scope,
    /// The person's name in the trail.
    pub name: String,
}

/// Which lines a person reads: whoever sees every device reads all; others what is about the devices that they see,
/// their versions and jobs, and what they did themselves (S-37).
macro_rules! readable {
    ($reader:expr) => {{
        let reader: &Reader = $reader;
        let of_kind = |kind: ObjectKind| audit_events::object_kind.eq(kind.as_str());
        let versions = backups::table
            .filter(scope::of_device_in_scope!(reader.scope, backups::device_id))
            .select(backups::id.nullable());
        let runs = jobs::table
            .filter(scope::of_device_in_scope!(reader.scope, jobs::device_id))
            .select(jobs::id.nullable());
        let object = audit_events::object_id;
        let seen = of_kind(ObjectKind::Device)
            .and(scope::of_device_in_scope!(reader.scope, audit_events::object_id))
            .or(of_kind(ObjectKind::Backup).and(object.eq_any(versions).assume_not_null()))
            .or(of_kind(ObjectKind::Job).and(object.eq_any(runs).assume_not_null()));
        let is_all = reader.scope.parts().0;
        is_all.into_sql::<Bool>().or(audit_events::actor.eq(reader.name.clone())).or(seen)
    }};
}

/// A name as it is searched; both databases write it so.
fn lowered(column: &'static str) -> diesel::expression::SqlLiteral<Text> {
    sql::<Text>(column)
}

/// The filter as one condition, for either database.
macro_rules! condition {
    ($filter:expr, $db:ty) => {{
        let (reader, filter): (&Reader, &AuditFilter) = $filter;
        let mut all: Condition<$db> = Box::new(readable!(reader));
        if !filter.events.is_empty() {
            let words: Vec<&'static str> = filter.events.iter().map(|event| event.as_str()).collect();
            all = Box::new(all.and(audit_events::event.eq_any(words)));
        }
        if let Some(piece) = &filter.actor {
            all = Box::new(all.and(lowered("lower(actor)").like(column::anywhere(piece)).escape('\\')));
        }
        if let Some(piece) = &filter.object {
            let pattern = column::anywhere(piece);
            let named = lowered("lower(object)").like(pattern.clone()).escape('\\');
            let detailed = lowered("lower(coalesce(detail, ''))").like(pattern).escape('\\');
            all = Box::new(all.and(named.or(detailed)));
        }
        if let Some(kind) = filter.kind {
            all = Box::new(all.and(audit_events::object_kind.eq(kind.as_str())));
        }
        if let Some(id) = filter.object_id {
            all = Box::new(all.and(audit_events::object_id.assume_not_null().eq(id)));
        }
        if let Some(outcome) = filter.outcome {
            all = Box::new(all.and(audit_events::outcome.eq(outcome.as_str())));
        }
        if let Some(piece) = &filter.address {
            let address = lowered("lower(coalesce(address, ''))");
            all = Box::new(all.and(address.like(column::anywhere(piece)).escape('\\')));
        }
        if let Some(from) = filter.from {
            all = Box::new(all.and(audit_events::at.ge(from.naive_utc())));
        }
        if let Some(until) = filter.until {
            all = Box::new(all.and(audit_events::at.lt(until.naive_utc())));
        }
        all
    }};
}

macro_rules! listed {
    ($conn:expr, $filter:expr, $request:expr, $db:ty) => {{
        let counted = audit_events::table
            .filter(condition!($filter, $db))
            .select(audit_events::id)
            .limit($request.count_limit())
            .into_boxed::<$db>();
        let total: i64 =
            audit_events::table.filter(audit_events::id.eq_any(counted)).count().get_result($conn).await?;
        let rows: Vec<LineRow> = audit_events::table
            .filter(condition!($filter, $db))
            .select(LineRow::as_select())
            .order(audit_events::id.desc())
            .limit($request.limit())
            .offset($request.offset())
            .load($conn)
            .await?;
        (total, rows)
    }};
}

fn lines(rows: Vec<LineRow>) -> Result<Vec<AuditLine>, StoreError> {
    rows.into_iter().map(AuditLine::try_from).collect()
}

/// A page of the lines that match, the newest first.
pub async fn list(
    conn: &mut Conn,
    reader: &Reader,
    filter: &AuditFilter,
    request: PageRequest,
) -> Result<Page<AuditLine>, StoreError> {
    let filter = (reader, filter);
    let (total, rows) = match conn {
        Conn::Sqlite(c) => listed!(c, filter, request, diesel::sqlite::Sqlite),
        Conn::Postgres(c) => listed!(c, filter, request, diesel::pg::Pg),
    };
    Ok(Page { rows: lines(rows)?, total, request })
}

macro_rules! older {
    ($conn:expr, $filter:expr, $below:expr, $limit:expr, $db:ty) => {
        audit_events::table
            .filter(condition!($filter, $db))
            .filter(audit_events::id.lt($below))
            .select(LineRow::as_select())
            .order(audit_events::id.desc())
            .limit($limit)
            .load($conn)
            .await?
    };
}

/// The newest lines that match and have an id below this one.
pub async fn older(
    conn: &mut Conn,
    filter: (&Reader, &AuditFilter),
    below: i64,
    limit: i64,
) -> Result<Vec<AuditLine>, StoreError> {
    let rows: Vec<LineRow> = match conn {
        Conn::Sqlite(c) => older!(c, filter, below, limit, diesel::sqlite::Sqlite),
        Conn::Postgres(c) => older!(c, filter, below, limit, diesel::pg::Pg),
    };
    lines(rows)
}

/// The line with this id, if there is one that this person reads.
pub async fn find(conn: &mut Conn, reader: &Reader, id: AuditId) -> Result<Option<AuditLine>, StoreError> {
    let row: Option<LineRow> = on!(conn, |c| audit_events::table
        .filter(audit_events::id.eq(id.0).and(readable!(reader)))
        .select(LineRow::as_select())
        .get_result(c))
    .optional()?;
    row.map(AuditLine::try_from).transpose()
}

/// The id of the newest line; 0 when there is none.
pub async fn newest_id(conn: &mut Conn) -> Result<i64, StoreError> {
    let newest: Option<i64> =
        on!(conn, |c| audit_events::table.select(diesel::dsl::max(audit_events::id)).get_result(c))?;
    Ok(newest.unwrap_or(0))
}
