//! What surrounds a job: its device as it is now, who asked, the schedule, the credential.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        id::{JobId, ScheduleId, UserId},
        job::JobDetails,
    },
    store::{
        Conn, StoreError, on,
        schema::{batches, devices, jobs, nodes, schedules, transcripts, users},
    },
};

type Row = (
    Option<(String, i32, String)>,
    Option<bool>,
    Option<(i64, String)>,
    Option<(i64, String)>,
    Option<String>,
    Option<i32>,
    Option<(i64, bool)>,
    Option<(String, i64)>,
);

/// The surroundings of a job that the caller may see.
pub async fn details(conn: &mut Conn, id: JobId) -> Result<JobDetails, StoreError> {
    let row: Option<Row> = on!(conn, |c| jobs::table
        .inner_join(batches::table)
        .left_join(devices::table)
        .left_join(transcripts::table)
        .left_join(schedules::table.on(batches::schedule_id.eq(schedules::id.nullable())))
        .left_join(users::table.on(batches::user_id.eq(users::id.nullable())))
        .left_join(nodes::table.on(jobs::lease_owner.eq(nodes::name.nullable())))
        .filter(jobs::id.eq(id.0))
        .select((
            (devices::address, devices::port, devices::platform).nullable(),
            devices::deleted_at.is_not_null().nullable(),
            (users::id, users::username).nullable(),
            (schedules::id, schedules::name).nullable(),
            jobs::credential_name,
            batches::retention_days,
            (transcripts::bytes, transcripts::was_truncated).nullable(),
            (nodes::host, nodes::pid).nullable(),
        ))
        .get_result(c))
    .optional()?;
    Ok(row.map_or_else(JobDetails::default, |row| JobDetails {
        is_deleted: row.0.is_some() && row.1 == Some(true),
        device: row.0,
        person: row.2.map(|(id, name)| (UserId(id), name)),
        schedule: row.3.map(|(id, name)| (ScheduleId(id), name)),
        credential: row.4,
        retention_days: row.5,
        transcript: row.6,
        node: row.7,
    }))
}
