//! The audit trail, to be read; every use case writes to it in its own transaction.

use super::{Core, Fault};
use crate::{
    domain::{
        access::{Actor, Grant, ViewAudit},
        audit::{Act, AuditLine},
        page::{Page, PageRequest},
    },
    store::{self, StoreError, Tx},
};

/// Writes down who did what, in the transaction that does it; the last statement before the commit, because it
/// holds the end of the chain from there on.
pub(super) async fn append(core: &Core, tx: &mut Tx, by: &Actor, act: Act<'_>) -> Result<(), StoreError> {
    store::audit::append(tx, by, &act, core.now()).await
}

/// A page of the trail, the newest line first.
pub async fn list(
    core: &Core,
    _by: &Grant<ViewAudit>,
    request: PageRequest,
) -> Result<Page<AuditLine>, Fault> {
    Ok(store::audit::list(&mut core.db.read().await?, request).await?)
}
