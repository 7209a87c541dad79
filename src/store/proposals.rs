//! Table `proposals`: which platforms devices may be of, until somebody confirms.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, on, schema::proposals};
use crate::domain::{
    id::{DeviceId, JobId},
    proposal::{Proposal, Proposed},
};

#[derive(Queryable)]
struct Row {
    job: Option<i64>,
    platform: String,
    sure: i32,
    reasons: String,
    second: Option<String>,
    second_sure: Option<i32>,
    at: NaiveDateTime,
}

impl TryFrom<Row> for Proposed {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let Ok(reasons) = serde_json::from_str(&row.reasons) else {
            return Err(StoreError::Unreadable { column: "proposals.reasons", value: row.reasons });
        };
        let percent = |number: i32| u8::try_from(number).unwrap_or_default();
        Ok(Self {
            proposal: Proposal {
                platform: row.platform,
                sure: percent(row.sure),
                reasons,
                second: row.second.map(|key| (key, percent(row.second_sure.unwrap_or_default()))),
            },
            job: row.job.map(JobId),
            at: row.at.and_utc(),
        })
    }
}

/// Keeps what `job` found out, in place of what was found out before.
pub async fn keep(
    conn: &mut Conn,
    (device, job): (DeviceId, JobId),
    found: &Proposal,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    forget(conn, device).await?;
    // A list of texts always has a form in JSON.
    let reasons = serde_json::to_string(&found.reasons).unwrap_or_default();
    let second = found.second.as_ref();
    let values = (
        proposals::device_id.eq(device.0),
        proposals::job_id.eq(Some(job.0)),
        proposals::platform.eq(&found.platform),
        proposals::sure.eq(i32::from(found.sure)),
        proposals::reasons.eq(reasons),
        proposals::second.eq(second.map(|(key, _)| key)),
        proposals::second_sure.eq(second.map(|(_, sure)| i32::from(*sure))),
        proposals::seen_at.eq(now.naive_utc()),
    );
    on!(conn, |c| diesel::insert_into(proposals::table).values(values).execute(c))?;
    Ok(())
}

/// What was found out about a device; `None` where nothing was, or somebody has decided since.
pub async fn find(conn: &mut Conn, device: DeviceId) -> Result<Option<Proposed>, StoreError> {
    let row: Option<Row> = on!(conn, |c| proposals::table
        .find(device.0)
        .select((
            proposals::job_id,
            proposals::platform,
            proposals::sure,
            proposals::reasons,
            proposals::second,
            proposals::second_sure,
            proposals::seen_at,
        ))
        .get_result(c))
    .optional()?;
    row.map(Proposed::try_from).transpose()
}

/// Somebody has decided.
pub async fn forget(conn: &mut Conn, device: DeviceId) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(proposals::table.find(device.0)).execute(c))?;
    Ok(())
}
