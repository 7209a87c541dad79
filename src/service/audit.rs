//! The audit trail, to be read; every use case writes to it in its own transaction.

use super::{Core, Fault};
use crate::{
    domain::{
        access::{Actor, Grant, ViewAudit},
        audit::{AuditEvent, AuditLine},
        page::{Page, PageRequest},
    },
    store,
};

/// A page of the trail, the newest line first.
pub async fn list(
    core: &Core,
    _by: &Grant<ViewAudit>,
    request: PageRequest,
) -> Result<Page<AuditLine>, Fault> {
    Ok(store::audit::list(&mut core.db.read().await?, request).await?)
}

/// Writes down that somebody was refused something.
pub async fn refused(core: &Core, by: &Actor, what: &str) -> Result<(), Fault> {
    let mut tx = core.db.begin().await?;
    store::audit::append(&mut tx, by, AuditEvent::Refused, (what, None), core.now()).await?;
    tx.commit().await?;
    Ok(())
}
