//! Table `nodes`: which processes are at work, as they say themselves.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, schema::nodes};
use crate::domain::node::Node;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = nodes, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct NodeRow {
    name: String,
    kind: String,
    host: String,
    pid: i64,
    version: String,
    started_at: NaiveDateTime,
    seen_at: NaiveDateTime,
    ticked_at: NaiveDateTime,
    running: i32,
    places: i32,
    key_id: i64,
    is_stopping: bool,
}

impl TryFrom<NodeRow> for Node {
    type Error = StoreError;

    fn try_from(row: NodeRow) -> Result<Self, StoreError> {
        Ok(Self {
            kind: column::word("nodes.kind", &row.kind)?,
            name: row.name,
            host: row.host,
            pid: row.pid,
            version: row.version,
            started_at: row.started_at.and_utc(),
            seen_at: row.seen_at.and_utc(),
            ticked_at: row.ticked_at.and_utc(),
            running: row.running,
            places: row.places,
            key_id: row.key_id,
            is_stopping: row.is_stopping,
        })
    }
}

/// Adds a node that begins, or one whose row is gone.
pub async fn insert(conn: &mut Conn, node: &Node) -> Result<(), StoreError> {
    let row = NodeRow {
        name: node.name.clone(),
        kind: node.kind.as_str().to_owned(),
        host: node.host.clone(),
        pid: node.pid,
        version: node.version.clone(),
        started_at: node.started_at.naive_utc(),
        seen_at: node.seen_at.naive_utc(),
        ticked_at: node.ticked_at.naive_utc(),
        running: node.running,
        places: node.places,
        key_id: node.key_id,
        is_stopping: node.is_stopping,
    };
    on!(conn, |c| diesel::insert_into(nodes::table).values(&row).execute(c))?;
    Ok(())
}

/// Writes down what a node says of itself; `false` when its row is gone. Where and when it began never changes.
pub async fn update(conn: &mut Conn, node: &Node, has_ticked: bool) -> Result<bool, StoreError> {
    let values = (
        nodes::seen_at.eq(node.seen_at.naive_utc()),
        nodes::running.eq(node.running),
        nodes::places.eq(node.places),
        nodes::key_id.eq(node.key_id),
        nodes::is_stopping.eq(node.is_stopping),
    );
    let row = || nodes::table.find(&node.name);
    if has_ticked {
        let values = (values, nodes::ticked_at.eq(node.ticked_at.naive_utc()));
        return Ok(on!(conn, |c| diesel::update(row()).set(values).execute(c))? > 0);
    }
    Ok(on!(conn, |c| diesel::update(row()).set(values).execute(c))? > 0)
}

/// All nodes that are known, the oldest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<Node>, StoreError> {
    let rows: Vec<NodeRow> = on!(conn, |c| nodes::table
        .select(NodeRow::as_select())
        .order((nodes::started_at, nodes::name))
        .load(c))?;
    rows.into_iter().map(Node::try_from).collect()
}

/// Removes a node that has ended.
pub async fn delete(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(nodes::table.find(name)).execute(c))?;
    Ok(())
}

/// Removes the nodes that have said nothing since `before`.
pub async fn delete_silent(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let silent = nodes::table.filter(nodes::seen_at.lt(before.naive_utc()));
    Ok(on!(conn, |c| diesel::delete(silent).execute(c))?)
}
