//! What came of a schedule's slots.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        access::Scope,
        id::{BatchId, ScheduleId},
        job::{JobState, Outcome},
        schedule::Firing,
    },
    store::{
        Conn, StoreError, column, on,
        schema::{batches, jobs},
        scope,
    },
};

type Row = (i64, Option<NaiveDateTime>, NaiveDateTime, String, Option<String>);
type Standing = (JobState, Option<Outcome>, i64);

/// The newest firings of a schedule with their jobs within `scope`, counted.
pub async fn firings(
    conn: &mut Conn,
    scope: Scope,
    id: ScheduleId,
    limit: i64,
) -> Result<Vec<Firing>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| batches::table
        .filter(batches::schedule_id.eq(id.0))
        .select((batches::id, batches::slot_at, batches::created_at, batches::started_by, batches::note))
        .order(batches::id.desc())
        .limit(limit)
        .load(c))?;
    let ids: Vec<i64> = rows.iter().map(|(id, ..)| *id).collect();
    let counted: Vec<(i64, String, Option<String>, i64)> = on!(conn, |c| jobs::table
        .filter(jobs::batch_id.eq_any(&ids).and(scope::of_device_in_scope!(scope, jobs::device_id)))
        .group_by((jobs::batch_id, jobs::state, jobs::outcome))
        .select((jobs::batch_id, jobs::state, jobs::outcome, count_star()))
        .order((jobs::batch_id, jobs::state, jobs::outcome))
        .load(c))?;
    let mut standings: BTreeMap<i64, Vec<Standing>> = BTreeMap::new();
    for (batch, state, outcome, count) in counted {
        let state = column::word("jobs.state", &state)?;
        let outcome = column::word_if_any("jobs.outcome", outcome.as_deref())?;
        standings.entry(batch).or_default().push((state, outcome, count));
    }
    let firing = |(id, slot, at, started_by, note): Row| Firing {
        batch: BatchId(id),
        slot: column::instant(slot),
        at: at.and_utc(),
        started_by,
        note,
        jobs: standings.remove(&id).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(firing).collect())
}

/// Whether the newest slot of the schedule brought no jobs for this very reason.
pub async fn is_last_note(conn: &mut Conn, id: ScheduleId, note: &str) -> Result<bool, StoreError> {
    let last: Option<Option<String>> = on!(conn, |c| batches::table
        .filter(batches::schedule_id.eq(id.0).and(batches::slot_at.is_not_null()))
        .select(batches::note)
        .order(batches::id.desc())
        .first(c))
    .optional()?;
    Ok(last.flatten().as_deref() == Some(note))
}
