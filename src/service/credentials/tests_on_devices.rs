//! Trying a shared credential on chosen devices, as jobs whose logs tell how it went.

use crate::{
    domain::{
        access::{Grant, ManageCredentials},
        audit::{Act, AuditEvent, ObjectKind},
        id::{BatchId, CredentialId, DeviceId},
        job::{JobKind, Priority},
    },
    service::{Core, Fault, audit},
    store::{self, batches::NewBatch, jobs::Order},
};

/// Queues a test of a credential on each of these devices; `None` when there is no such credential, or none of the
/// devices. A device with a job under way is left out.
pub async fn test(
    core: &Core,
    by: &Grant<ManageCredentials>,
    id: CredentialId,
    devices: &[DeviceId],
) -> Result<Option<BatchId>, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let Some(shared) = store::credentials::shared::find(&mut tx, id).await? else {
        return Ok(None);
    };
    let devices = store::devices::named(&mut tx, by.scope(), devices).await?;
    if devices.is_empty() {
        return Ok(None);
    }
    let started_by = by.actor().name.as_str();
    let new = NewBatch { started_by, user: by.actor().user, ..NewBatch::default() };
    let Some(batch) = store::batches::insert(&mut tx, &new, now).await? else {
        return Ok(None);
    };
    let payload = Some(id.to_string());
    let order = Order { batch, kind: JobKind::TestLogin, started_by, priority: Priority::URGENT, payload };
    store::jobs::enqueue(&mut tx, &order, &devices, now).await?;
    let name = shared.credential.name.unwrap_or_default();
    let on: Vec<&str> = devices.iter().map(|(_, name)| name.as_str()).take(20).collect();
    let detail = on.join(", ");
    let act = Act::new(AuditEvent::CredentialTested, &name).on(ObjectKind::Credential, id.0).detail(&detail);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    core.wake.notify_one();
    Ok(Some(batch))
}
