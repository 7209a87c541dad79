//! The audit trail, to be read; every use case writes to it in its own transaction.

mod chain;
mod export;
mod log_server;
mod stream;
mod verify;

pub use chain::{ANCHORS, anchor};
pub use export::{Export, export};
pub use log_server::{AUTHORITIES as LOG_SERVER_AUTHORITIES, LogServerError};
pub(super) use stream::waiting;
pub use stream::{SendError, send_new, unsent};
pub use verify::{Break, Verdict, verify};

use super::{Core, Fault};
use crate::{
    domain::{
        access::{Actor, Grant, ViewAudit},
        audit::{Act, AuditEvent, AuditFilter, AuditLine},
        id::AuditId,
        page::{Page, PageRequest},
    },
    store::{self, StoreError, Tx, audit::Reader},
};

impl From<&Grant<ViewAudit>> for Reader {
    fn from(by: &Grant<ViewAudit>) -> Self {
        Self { scope: by.scope(), name: by.actor().name.clone() }
    }
}

/// Writes down who did what, in the transaction that does it; the last statement before the commit, because it
/// holds the end of the chain from there on.
pub(super) async fn append(core: &Core, tx: &mut Tx, by: &Actor, act: Act<'_>) -> Result<(), StoreError> {
    chain::append(core, tx, by, &[act]).await
}

/// The same for many acts at once.
pub(super) async fn append_all(
    core: &Core,
    tx: &mut Tx,
    by: &Actor,
    acts: &[Act<'_>],
) -> Result<(), StoreError> {
    chain::append(core, tx, by, acts).await
}

/// Writes down that somebody was kept from something (S-41).
pub async fn refused(core: &Core, by: &Actor, what: &str, why: &str) -> Result<(), Fault> {
    let mut tx = core.db.begin().await?;
    let what: String = what.chars().take(200).collect();
    append(core, &mut tx, by, Act::new(AuditEvent::AccessRefused, &what).detail(why).refused()).await?;
    Ok(tx.commit().await?)
}

/// A page of the lines that match, the newest first.
pub async fn list(
    core: &Core,
    by: &Grant<ViewAudit>,
    filter: &AuditFilter,
    request: PageRequest,
) -> Result<Page<AuditLine>, Fault> {
    let reader = Reader::from(by);
    Ok(store::audit::list(&mut core.db.read().await?, &reader, filter, request).await?)
}

/// The line with this id, if there is one.
pub async fn find(core: &Core, by: &Grant<ViewAudit>, id: AuditId) -> Result<Option<AuditLine>, Fault> {
    Ok(store::audit::find(&mut core.db.read().await?, &Reader::from(by), id).await?)
}
