//! Tables `entries` and `screens`: what a job says while it works, and the last screen when it failed.

mod tails;

pub use tails::{Tail, tails};

use chrono::NaiveDateTime;
use diesel::{dsl::sql, prelude::*, sql_types::Text};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    prepared::prepared,
    schema::{entries, jobs, screens, transcripts},
    scope,
};
use crate::domain::{
    access::Scope,
    entry::{Cut, Entry, EntryFilter},
    id::JobId,
    page::{Page, PageRequest},
};

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
    was_truncated: Option<String>,
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
            was_truncated: column::word_if_any("entries.was_truncated", row.was_truncated.as_deref())?,
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
            was_truncated: entry.was_truncated.map(|cut| cut.as_str().to_owned()),
        })
        .collect();
    match conn {
        // One by one, so that the statement stays prepared: there is no way to a server to be saved.
        Conn::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                for row in rows {
                    let insert = diesel::insert_or_ignore_into(entries::table).values(row);
                    diesel::RunQueryDsl::execute(prepared(insert), c)?;
                }
                Ok(())
            })
            .await?;
        }
        Conn::Postgres(c) => {
            for chunk in rows.chunks(1_000) {
                diesel::insert_into(entries::table).values(chunk).on_conflict_do_nothing().execute(c).await?;
            }
        }
    }
    Ok(())
}

/// The job, if it is within the scope, for a condition on a job's id.
macro_rules! within {
    ($scope:expr, $job:expr) => {
        jobs::table
            .filter(jobs::id.eq($job.0).and(scope::of_device_in_scope!($scope, jobs::device_id)))
            .select(jobs::id)
    };
}

/// A job's lines after `seq`, in order, at most `limit`.
pub async fn after(
    conn: &mut Conn,
    scope: Scope,
    job: JobId,
    (seq, limit): (i64, i64),
) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<EntryRow> = on!(conn, |c| entries::table
        .filter(entries::job_id.eq_any(within!(scope, job)).and(entries::seq.gt(seq)))
        .select(EntryRow::as_select())
        .order(entries::seq)
        .limit(limit)
        .load(c))?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// What was cut of a job's log, its recording or its last screen, each once.
pub async fn cuts(conn: &mut Conn, scope: Scope, job: JobId) -> Result<Vec<Cut>, StoreError> {
    let words: Vec<Option<String>> = on!(conn, |c| entries::table
        .filter(entries::job_id.eq_any(within!(scope, job)).and(entries::was_truncated.is_not_null()))
        .select(entries::was_truncated)
        .distinct()
        .order(entries::was_truncated)
        .load(c))?;
    words.iter().flatten().map(|word| column::word("entries.was_truncated", word)).collect()
}

macro_rules! matching {
    ($scope:expr, $job:expr, $filter:expr, $db:ty) => {{
        let filter: &EntryFilter = $filter;
        let mut query =
            entries::table.filter(entries::job_id.eq_any(within!($scope, $job))).into_boxed::<$db>();
        if let Some(level) = filter.level {
            let words: Vec<&str> = level.at_least().map(|level| level.as_str()).collect();
            query = query.filter(entries::level.eq_any(words));
        }
        if let Some(stage) = filter.stage {
            query = query.filter(entries::stage.eq(stage.as_str()));
        }
        if let Some(piece) = &filter.text {
            let text = sql::<Text>("lower(entries.text)");
            query = query.filter(text.like(column::anywhere(piece)).escape('\\'));
        }
        query
    }};
}

macro_rules! listed {
    ($conn:expr, $scope:expr, $job:expr, ($filter:expr, $request:expr), $db:ty) => {{
        let total: i64 = matching!($scope, $job, $filter, $db).count().get_result($conn).await?;
        let rows: Vec<EntryRow> = matching!($scope, $job, $filter, $db)
            .select(EntryRow::as_select())
            .order(entries::seq)
            .limit($request.size)
            .offset($request.offset())
            .load($conn)
            .await?;
        (total, rows)
    }};
}

/// A page of those of a job's lines that match, the oldest first.
pub async fn list(
    conn: &mut Conn,
    scope: Scope,
    job: JobId,
    (filter, request): (&EntryFilter, PageRequest),
) -> Result<Page<Entry>, StoreError> {
    let (total, rows) = match conn {
        Conn::Sqlite(c) => listed!(c, scope, job, (filter, request), diesel::sqlite::Sqlite),
        Conn::Postgres(c) => listed!(c, scope, job, (filter, request), diesel::pg::Pg),
    };
    let rows = rows.into_iter().map(Entry::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}

/// The number of the job's last line; 0 when it has said nothing.
pub async fn last_seq(conn: &mut Conn, job: JobId) -> Result<i64, StoreError> {
    let seq: Option<i64> = on!(conn, |c| entries::table
        .filter(entries::job_id.eq(job.0))
        .select(diesel::dsl::max(entries::seq))
        .get_result(c))?;
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
pub async fn screen(conn: &mut Conn, scope: Scope, job: JobId) -> Result<Option<Vec<u8>>, StoreError> {
    let row = screens::table.filter(screens::job_id.eq_any(within!(scope, job)));
    Ok(on!(conn, |c| row.select(screens::sealed).get_result(c)).optional()?)
}

/// A session's transcript, sealed, for its row.
#[derive(Debug)]
pub struct SealedTranscript {
    /// The envelope.
    pub sealed: Vec<u8>,
    /// Length of what is kept.
    pub bytes: i64,
    /// Whether its middle is missing.
    pub was_truncated: bool,
}

/// Keeps the transcript of a job's session, in place of an earlier attempt's.
pub async fn set_transcript(conn: &mut Conn, job: JobId, new: &SealedTranscript) -> Result<(), StoreError> {
    let values = (
        transcripts::sealed.eq(&new.sealed),
        transcripts::bytes.eq(new.bytes),
        transcripts::was_truncated.eq(new.was_truncated),
    );
    on!(conn, |c| diesel::insert_into(transcripts::table)
        .values((transcripts::job_id.eq(job.0), values))
        .on_conflict(transcripts::job_id)
        .do_update()
        .set(values)
        .execute(c))?;
    Ok(())
}

/// The sealed transcript of a job's session.
pub async fn transcript(conn: &mut Conn, scope: Scope, job: JobId) -> Result<Option<Vec<u8>>, StoreError> {
    let row = transcripts::table.filter(transcripts::job_id.eq_any(within!(scope, job)));
    Ok(on!(conn, |c| row.select(transcripts::sealed).get_result(c)).optional()?)
}
