//! Tables `entries` and `screens`: what a job says while it works, and the last screen when it failed.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{entries, screens},
};
use crate::domain::{entry::Entry, id::JobId};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = entries, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
#[diesel(treat_none_as_default_value = false)]
struct EntryRow {
    job_id: i64,
    seq: i64,
    at: NaiveDateTime,
    level: String,
    stage: Option<String>,
    text: String,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.seq,
            at: row.at.and_utc(),
            level: column::word("entries.level", &row.level)?,
            stage: column::word_if_any("entries.stage", row.stage.as_deref())?,
            text: row.text,
        })
    }
}

/// Appends lines of any number of jobs. A line whose number is taken is left out: a worker that lost its lease without
/// noticing may still talk, and must not keep the job from ending.
pub async fn append(conn: &mut Conn, lines: &[(JobId, Entry)]) -> Result<(), StoreError> {
    let rows: Vec<EntryRow> = lines
        .iter()
        .map(|(job, entry)| EntryRow {
            job_id: job.0,
            seq: entry.seq,
            at: entry.at.naive_utc(),
            level: entry.level.as_str().to_owned(),
            stage: entry.stage.map(|stage| stage.as_str().to_owned()),
            text: entry.text.clone(),
        })
        .collect();
    match conn {
        // diesel-async cannot insert many rows on SQLite (diesel_async#277); its blocking side can.
        Conn::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                for chunk in rows.chunks(100) {
                    diesel::RunQueryDsl::execute(diesel::insert_or_ignore_into(entries::table).values(chunk), c)?;
                }
                Ok(())
            })
            .await?;
        }
        Conn::Postgres(c) => {
            for chunk in rows.chunks(1_000) {
                diesel::insert_into(entries::table)
                    .values(chunk)
                    .on_conflict_do_nothing()
                    .execute(c)
                    .await?;
            }
        }
    }
    Ok(())
}

/// A job's lines after `seq`, in order, at most `limit`.
pub async fn after(conn: &mut Conn, job: JobId, seq: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<EntryRow> = on!(conn, |c| entries::table
        .filter(entries::job_id.eq(job.0).and(entries::seq.gt(seq)))
        .select(EntryRow::as_select())
        .order(entries::seq)
        .limit(limit)
        .load(c))?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// The number of the job's last line; 0 when it has said nothing.
pub async fn last_seq(conn: &mut Conn, job: JobId) -> Result<i64, StoreError> {
    let seq: Option<i64> = on!(conn, |c| entries::table
        .filter(entries::job_id.eq(job.0))
        .select(diesel::dsl::max(entries::seq))
        .first(c))?;
    Ok(seq.unwrap_or(0))
}

/// Keeps the sealed last screen of a job, in place of an earlier attempt's.
pub async fn set_screen(conn: &mut Conn, job: JobId, sealed: &[u8]) -> Result<(), StoreError> {
    on!(conn, |c| diesel::insert_into(screens::table)
        .values((screens::job_id.eq(job.0), screens::sealed.eq(sealed)))
        .on_conflict(screens::job_id)
        .do_update()
        .set(screens::sealed.eq(sealed))
        .execute(c))?;
    Ok(())
}

/// The sealed last screen of a job.
pub async fn screen(conn: &mut Conn, job: JobId) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(on!(conn, |c| screens::table
        .find(job.0)
        .select(screens::sealed)
        .first(c))
    .optional()?)
}
