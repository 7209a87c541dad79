//! The audit trail, to be read; every use case writes to it in its own transaction.

mod chain;
mod export;
mod verify;

pub use chain::{ANCHORS, anchor};
pub use export::{Export, export};
pub use verify::{Break, Verdict, verify};

use super::{Core, Fault};
use crate::{
    domain::{
        access::{Actor, Grant, ViewAudit},
        audit::{Act, AuditFilter, AuditLine},
        id::AuditId,
        page::{Page, PageRequest},
    },
    store::{self, StoreError, Tx},
};

/// Writes down who did what, in the transaction that does it; the last statement before the commit, because it
/// holds the end of the chain from there on.
pub(super) async fn append(core: &Core, tx: &mut Tx, by: &Actor, act: Act<'_>) -> Result<(), StoreError> {
    chain::append(core, tx, by, &act).await
}

/// A page of the lines that match, the newest first.
pub async fn list(
    core: &Core,
    _by: &Grant<ViewAudit>,
    filter: &AuditFilter,
    request: PageRequest,
) -> Result<Page<AuditLine>, Fault> {
    Ok(store::audit::list(&mut core.db.read().await?, filter, request).await?)
}

/// The line with this id, if there is one.
pub async fn find(core: &Core, _by: &Grant<ViewAudit>, id: AuditId) -> Result<Option<AuditLine>, Fault> {
    Ok(store::audit::find(&mut core.db.read().await?, id).await?)
}
