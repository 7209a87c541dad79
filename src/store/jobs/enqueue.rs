//! New jobs, and their turns.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use diesel::{
    dsl::{min, sql},
    prelude::*,
    sql_types::Bool,
};
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        id::{BatchId, DeviceId},
        job::{JobKind, JobState, Priority},
    },
    store::{Conn, StoreError, on, schema::jobs},
};

#[derive(Insertable)]
#[diesel(table_name = jobs)]
struct NewRow {
    kind: &'static str,
    batch_id: i64,
    device_id: i64,
    device_name: String,
    state: &'static str,
    started_by: String,
    priority: i32,
    queued_at: NaiveDateTime,
    due_at: NaiveDateTime,
    attempt: i32,
    fence: i64,
    is_cancel_wanted: bool,
    payload: Option<String>,
    turn: i64,
}

/// What the jobs of a batch have in common.
pub struct Order<'a> {
    /// The batch.
    pub batch: BatchId,
    /// What they do.
    pub kind: JobKind,
    /// Who asked.
    pub started_by: &'a str,
    /// Who goes first.
    pub priority: Priority,
    /// More about what they do.
    pub payload: Option<String>,
}

/// Queues a job for each device that has none waiting or running, all due at once.
pub async fn enqueue(
    conn: &mut Conn,
    order: &Order<'_>,
    devices: &[(DeviceId, String)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    enqueue_spread(conn, order, devices, (now, Duration::zero())).await
}

/// The same, with the jobs' starts spread evenly over a time.
pub async fn enqueue_spread(
    conn: &mut Conn,
    order: &Order<'_>,
    devices: &[(DeviceId, String)],
    (now, spread): (DateTime<Utc>, Duration),
) -> Result<(), StoreError> {
    let first = next_turn(conn, order.priority).await?;
    let count = i32::try_from(devices.len().max(1)).unwrap_or(i32::MAX);
    let rows: Vec<NewRow> = devices
        .iter()
        .zip(0_i32..)
        .map(|((id, name), place)| NewRow {
            kind: order.kind.as_str(),
            batch_id: order.batch.0,
            device_id: id.0,
            device_name: name.clone(),
            state: JobState::Queued.as_str(),
            started_by: order.started_by.to_owned(),
            priority: order.priority.0,
            queued_at: now.naive_utc(),
            due_at: (now + spread / count * place).naive_utc(),
            attempt: 0,
            fence: 0,
            is_cancel_wanted: false,
            payload: order.payload.clone(),
            turn: first + i64::from(place),
        })
        .collect();
    match conn {
        // diesel-async cannot insert many rows on SQLite (diesel_async#277); its blocking side can.
        Conn::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                for row in rows {
                    let insert = diesel::insert_into(jobs::table).values(row).on_conflict_do_nothing();
                    diesel::RunQueryDsl::execute(insert, c)?;
                }
                Ok(())
            })
            .await?;
        }
        Conn::Postgres(c) => {
            for chunk in rows.chunks(1_000) {
                diesel::insert_into(jobs::table).values(chunk).on_conflict_do_nothing().execute(c).await?;
            }
        }
    }
    Ok(())
}

/// The turn of a new batch's first job: that of the job which is next now. So a batch that comes later is worked on in
/// turn with those that wait already, one job each.
async fn next_turn(conn: &mut Conn, priority: Priority) -> Result<i64, StoreError> {
    let waiting = jobs::table
        .filter(sql::<Bool>("state IN ('queued', 'retrying')").and(jobs::priority.eq(priority.0)))
        .select(min(jobs::turn));
    let first: Option<i64> = on!(conn, |c| waiting.get_result(c))?;
    Ok(first.unwrap_or_default())
}
