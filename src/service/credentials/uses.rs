//! The use of a credential is in the trail before a device sees it; without that it is not used (S-77).
//!
//! One line for a batch and a credential: which devices of the batch it was shown to is in their jobs.

use crate::{
    domain::{
        access::Actor,
        audit::{Act, AuditEvent, ObjectKind},
        credential::Accepted,
        id::JobId,
    },
    service::{Core, Fault, audit},
    store::{self, Tx},
};

/// Why a job ends whose use of a credential is not in the trail.
pub const UNNOTED: &str =
    "That a credential is used could not be written down, and without that it is not used.";

/// Writes down that a job is about to show a credential to the device with this name, unless its batch has said so.
pub async fn used(core: &Core, job: JobId, of: &Accepted, device: &str) -> Result<(), Fault> {
    if store::credentials::uses::is_noted(&mut core.db.read().await?, job, of.credential).await? {
        return Ok(());
    }
    let mut tx = core.db.begin().await?;
    note(core, &mut tx, job, (of, device)).await?;
    Ok(tx.commit().await?)
}

/// The same, in a transaction that is open.
pub(in crate::service) async fn note(
    core: &Core,
    tx: &mut Tx,
    job: JobId,
    (of, device): (&Accepted, &str),
) -> Result<(), Fault> {
    if let Some((batch, by)) = store::credentials::uses::note(tx, job, of.credential).await? {
        let detail = format!("by batch {batch}, started by {by}; first on {device}");
        let act = Act::new(AuditEvent::CredentialUsed, &of.name)
            .on(ObjectKind::Credential, of.credential.0)
            .detail(&detail);
        audit::append(core, tx, &Actor::system(), act).await?;
    }
    Ok(())
}
