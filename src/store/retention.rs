//! Which versions may go: superseded for long enough, and nothing speaks for keeping them.

use chrono::{DateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, on,
    schema::{backups, devices},
};
use crate::domain::job::{JobState, Outcome};

mod alias {
    use crate::store::schema::backups;

    diesel::alias!(backups as newer: Newer);
}
use alias::newer;

/// The versions that may go: a whole one followed them by `before`, they are not pinned and not the current one, and
/// their device is there and its last job was well. One condition for the preview and for the removal.
macro_rules! superseded {
    ($before:expr) => {{
        let followed = newer
            .filter(newer.field(backups::device_id).eq(backups::device_id))
            .filter(newer.field(backups::id).gt(backups::id))
            .filter(newer.field(backups::is_damaged).eq(false))
            .filter(newer.field(backups::taken_at).le($before.naive_utc()));
        let well = devices::table
            .filter(devices::id.eq(backups::device_id))
            .filter(devices::deleted_at.is_null())
            .filter(devices::last_job_state.assume_not_null().eq(JobState::Succeeded.as_str()))
            .filter(
                devices::last_job_outcome
                    .assume_not_null()
                    .eq_any([Outcome::Stored.as_str(), Outcome::Unchanged.as_str()]),
            )
            .filter(devices::current_backup_id.assume_not_null().ne(backups::id));
        backups::table.filter(backups::is_pinned.eq(false)).filter(exists(followed)).filter(exists(well))
    }};
}

/// How many versions may go.
pub async fn count(conn: &mut Conn, before: DateTime<Utc>) -> Result<i64, StoreError> {
    Ok(on!(conn, |c| superseded!(before).count().get_result(c))?)
}

/// A version that went.
#[derive(Debug, Queryable)]
pub struct Gone {
    /// Whose it was.
    pub device: i64,
    /// Where its text is.
    pub sha256: String,
    /// Where its device information is, if it has some.
    pub info_sha256: Option<String>,
}

/// Removes up to `limit` of the versions that may go, the oldest first.
pub async fn remove(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> Result<Vec<Gone>, StoreError> {
    let ids: Vec<i64> =
        on!(conn, |c| superseded!(before).select(backups::id).order(backups::id).limit(limit).load(c))?;
    // Pinned is asked again: somebody may have pinned one since.
    let doomed = backups::table.filter(backups::id.eq_any(ids)).filter(backups::is_pinned.eq(false));
    Ok(on!(conn, |c| diesel::delete(doomed)
        .returning((backups::device_id, backups::sha256, backups::info_sha256))
        .get_results(c))?)
}
