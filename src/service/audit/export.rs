//! The trail taken out, in pieces; written down before the first piece is given (S-77).

use crate::{
    domain::{
        access::{Grant, ViewAudit},
        audit::{Act, AuditEvent, AuditFilter, AuditLine},
    },
    service::{Core, Fault},
    store,
};

/// Lines of a piece.
const PIECE: i64 = 500;

/// Lines on their way out.
pub struct Export {
    core: Core,
    filter: AuditFilter,
    below: i64,
}

/// Takes out the lines that match, the newest first, as they are now. `told` says for the trail in which form, and how
/// they were narrowed down.
pub async fn export(
    core: &Core,
    by: &Grant<ViewAudit>,
    filter: AuditFilter,
    told: &str,
) -> Result<Export, Fault> {
    let mut tx = core.db.begin().await?;
    let act = Act::new(AuditEvent::Exported, "audit trail").detail(told);
    super::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    let newest = store::audit::newest_id(&mut core.db.read().await?).await?;
    Ok(Export { core: core.clone(), filter: super::within(by, &filter), below: newest.saturating_add(1) })
}

impl Export {
    /// The next lines; none at the end.
    pub async fn next(&mut self) -> Result<Vec<AuditLine>, Fault> {
        let mut conn = self.core.db.read().await?;
        let lines = store::audit::older(&mut conn, &self.filter, self.below, PIECE).await?;
        if let Some(last) = lines.last() {
            self.below = last.id.0;
        }
        Ok(lines)
    }
}
