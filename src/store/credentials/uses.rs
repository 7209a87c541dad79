//! Table `credential_uses`: which batch's use of which credential is in the audit trail.

use diesel::{dsl, prelude::*};
use diesel_async::RunQueryDsl;

use crate::{
    domain::id::{BatchId, CredentialId, JobId},
    store::{
        Conn, StoreError, on,
        schema::{credential_uses, jobs},
    },
};

/// Whether the use of a credential by this job's batch is noted.
pub async fn is_noted(conn: &mut Conn, job: JobId, credential: CredentialId) -> Result<bool, StoreError> {
    let batch = jobs::table.find(job.0).select(jobs::batch_id);
    let noted = credential_uses::table
        .filter(credential_uses::credential_id.eq(credential.0))
        .filter(credential_uses::batch_id.eq_any(batch));
    Ok(on!(conn, |c| diesel::select(dsl::exists(noted)).get_result(c))?)
}

/// Notes it; gives the batch and who started it where nobody had noted it yet.
pub async fn note(
    conn: &mut Conn,
    job: JobId,
    credential: CredentialId,
) -> Result<Option<(BatchId, String)>, StoreError> {
    let row = jobs::table.find(job.0).select((jobs::batch_id, jobs::started_by));
    let (batch, started_by): (i64, String) = on!(conn, |c| row.get_result(c))?;
    let values = (credential_uses::batch_id.eq(batch), credential_uses::credential_id.eq(credential.0));
    let added = on!(conn, |c| diesel::insert_into(credential_uses::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok((added > 0).then_some((BatchId(batch), started_by)))
}
