//! The audit trail, to be read; every use case writes to it in its own transaction.

use super::{Core, Fault};
use crate::{
    domain::{
        access::{Grant, ViewAudit},
        audit::AuditLine,
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
