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
        access::{Actor, Grant, Scope, ViewAudit},
        audit::{Act, AuditEvent, AuditFilter, AuditLine},
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

/// Writes down that somebody was kept from something (S-41).
pub async fn refused(core: &Core, by: &Actor, what: &str, why: &str) -> Result<(), Fault> {
    let mut tx = core.db.begin().await?;
    let what: String = what.chars().take(200).collect();
    append(core, &mut tx, by, Act::new(AuditEvent::AccessRefused, &what).detail(why).refused()).await?;
    Ok(tx.commit().await?)
}

/// The filter as far as somebody may read: who does not see every device reads what they did themselves.
fn within(by: &Grant<ViewAudit>, filter: &AuditFilter) -> AuditFilter {
    let own = match by.scope() {
        Scope::All => None,
        Scope::TagsOf(user) => Some(user),
    };
    AuditFilter { by: own, ..filter.clone() }
}

/// A page of the lines that match, the newest first.
pub async fn list(
    core: &Core,
    by: &Grant<ViewAudit>,
    filter: &AuditFilter,
    request: PageRequest,
) -> Result<Page<AuditLine>, Fault> {
    Ok(store::audit::list(&mut core.db.read().await?, &within(by, filter), request).await?)
}

/// The line with this id, if there is one that the reader may read.
pub async fn find(core: &Core, by: &Grant<ViewAudit>, id: AuditId) -> Result<Option<AuditLine>, Fault> {
    Ok(store::audit::find(&mut core.db.read().await?, by.scope(), id).await?)
}
