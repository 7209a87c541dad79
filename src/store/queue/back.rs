//! One job given back by who holds it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::unheld;
use crate::{
    domain::job::{Claimed, JobState},
    store::{Conn, StoreError, jobs::is_running, on, schema::jobs},
};

/// Gives one job back, as if it had never been taken; `false` when it is not held under this fence any more.
pub async fn give_back(conn: &mut Conn, job: &Claimed) -> Result<bool, StoreError> {
    let held = jobs::table.filter(jobs::id.eq(job.id.0).and(is_running()).and(jobs::fence.eq(job.fence)));
    let back = (jobs::state.eq(JobState::Queued.as_str()), jobs::attempt.eq(jobs::attempt - 1));
    Ok(on!(conn, |c| diesel::update(held).set((back, unheld!())).execute(c))? > 0)
}
