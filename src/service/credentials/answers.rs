//! What devices answer: a refusal is written down at once, before anything else is tried.

use super::edit::{SaveCredentialError, needs_all};
use crate::{
    domain::{
        access::{Actor, Grant, ManageCredentials},
        audit::{Act, AuditEvent, ObjectKind},
        credential::{Accepted, Answer},
        id::{CredentialId, DeviceId},
    },
    service::{Core, Fault, audit, notices},
    store,
};

/// Devices that refuse a shared credential one after the other before it is stopped.
pub const MOST_REFUSALS: i32 = 3;

/// How a shared credential stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is stopped.
    pub is_stopped: bool,
    /// How many more devices may refuse it before it is.
    pub left: i32,
}

/// How a shared credential stands now.
pub async fn standing(core: &Core, id: CredentialId) -> Result<Standing, Fault> {
    let (is_stopped, refusals) =
        store::credentials::answers::standing(&mut core.db.read().await?, id).await?;
    Ok(Standing { is_stopped, left: MOST_REFUSALS.saturating_sub(refusals).max(0) })
}

/// Writes down that a device refused a credential; whether that stopped it for all.
///
/// `is_counted` is false where the other of a pair may still be right: during a rotation devices refuse the new
/// secrets until they are changed.
pub async fn refused(core: &Core, device: DeviceId, of: &Accepted, is_counted: bool) -> Result<bool, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let whom = (of.row, device);
    let is_another = !store::credentials::answers::has_refused(&mut tx, whom, of.revision).await?;
    let answer = Answer { revision: of.revision, is_accepted: false, at: now };
    store::credentials::answers::put(&mut tx, whom, answer).await?;
    let mut is_stopped = false;
    if is_counted {
        let whose = (of.credential, of.tag);
        // A device that is asked again by a person says nothing about the others.
        let row = (is_another, MOST_REFUSALS);
        is_stopped = store::credentials::answers::refused(&mut tx, whose, row, now).await?;
    }
    if is_stopped {
        notices::credential_stopped(core, &mut tx, (&of.name, device)).await?;
        let act = Act::new(AuditEvent::CredentialStopped, &of.name)
            .on(ObjectKind::Credential, of.credential.0)
            .detail("three devices in a row refused it");
        audit::append(core, &mut tx, &Actor::system(), act).await?;
    }
    tx.commit().await?;
    Ok(is_stopped)
}

/// Lets a stopped credential be used again, on devices that refused it too; `false` when it was not stopped.
pub async fn resume(
    core: &Core,
    by: &Grant<ManageCredentials>,
    id: CredentialId,
) -> Result<bool, SaveCredentialError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    let Some(shared) = store::credentials::shared::find(&mut tx, id).await? else {
        return Ok(false);
    };
    if !store::credentials::answers::resume(&mut tx, id).await? {
        return Ok(false);
    }
    store::credentials::answers::forget(&mut tx, id).await?;
    let name = shared.credential.name.unwrap_or_default();
    let act = Act::new(AuditEvent::CredentialResumed, &name).on(ObjectKind::Credential, id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(true)
}
