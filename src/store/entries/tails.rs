//! The new lines of many jobs at once.

use std::collections::BTreeMap;

use diesel::{dsl::max, prelude::*};
use diesel_async::RunQueryDsl;

use super::EntryRow;
use crate::{
    domain::{entry::Entry, id::JobId},
    store::{Conn, StoreError, on, schema::entries},
};

/// Jobs that one query asks about.
const AT_ONCE: usize = 100;

/// Lines that one query gives.
const MOST: i64 = 5_000;

/// The end of a job's log.
#[derive(Debug)]
pub enum Tail {
    /// The lines behind the number that was asked for, in order.
    Lines(Vec<Entry>),
    /// The number of the last line, where none was asked for.
    Last(i64),
}

macro_rules! behind {
    ($chunk:expr, $db:ty) => {{
        let mut query = entries::table.select(EntryRow::as_select()).into_boxed::<$db>();
        for (job, seq) in $chunk {
            query = query.or_filter(entries::job_id.eq(job.0).and(entries::seq.gt(*seq)));
        }
        query.order((entries::job_id, entries::seq)).limit(MOST)
    }};
}

/// For each job with a number the lines behind it, for each without one the number of its last line. Jobs with nothing
/// to tell are missing.
pub async fn tails(
    conn: &mut Conn,
    jobs: &[(JobId, Option<i64>)],
) -> Result<BTreeMap<JobId, Tail>, StoreError> {
    let mut tails = BTreeMap::new();
    let new: Vec<i64> = jobs.iter().filter(|(_, seq)| seq.is_none()).map(|(job, _)| job.0).collect();
    for chunk in new.chunks(AT_ONCE) {
        let rows: Vec<(i64, Option<i64>)> = on!(conn, |c| entries::table
            .filter(entries::job_id.eq_any(chunk))
            .group_by(entries::job_id)
            .select((entries::job_id, max(entries::seq)))
            .load(c))?;
        tails.extend(rows.into_iter().filter_map(|(job, last)| Some((JobId(job), Tail::Last(last?)))));
    }
    let known: Vec<(JobId, i64)> = jobs.iter().filter_map(|(job, seq)| Some((*job, (*seq)?))).collect();
    for chunk in known.chunks(AT_ONCE) {
        let rows: Vec<EntryRow> = match conn {
            Conn::Sqlite(c) => behind!(chunk, diesel::sqlite::Sqlite).load(c).await?,
            Conn::Postgres(c) => behind!(chunk, diesel::pg::Pg).load(c).await?,
        };
        for row in rows {
            let job = JobId(row.job_id);
            let entry = Entry::try_from(row)?;
            if let Tail::Lines(lines) = tails.entry(job).or_insert_with(|| Tail::Lines(Vec::new())) {
                lines.push(entry);
            }
        }
    }
    Ok(tails)
}
