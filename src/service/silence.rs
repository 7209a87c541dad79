//! What should have happened and has not: looked for whenever somebody looks, so that no watcher has to be
//! watched, and told by mail once a day.

use chrono::Duration;

use super::{Core, Fault, audit, nodes};
use crate::{
    domain::{
        access::Scope,
        node::{Duty, STOPPED_AFTER},
        notice::{NewNotice, NoticeEvent, TOLD_AGAIN_AFTER},
        silence::{Silence, UNSENT_AFTER, allowed},
    },
    store::{self, Conn},
};

/// So many schedules are asked about at most.
const SCHEDULES: i64 = 5_000;

/// Everything that is silent, as far as it is within `scope`; nodes are told to those who see everything.
pub(super) async fn look(core: &Core, conn: &mut Conn, scope: Scope) -> Result<Vec<Silence>, Fault> {
    let now = core.now();
    let mut found = Vec::new();
    let known = nodes::look(conn).await?;
    let planned = known.planned_at().filter(|at| known.now - *at > STOPPED_AFTER);
    found.extend(planned.map(|since| Silence::NotPlanned { since }));
    if scope == Scope::All {
        found.extend(known.vanished().map(|node| Silence::Vanished {
            host: node.host.clone(),
            pid: node.pid,
            jobs: node.running,
            since: node.seen_at,
        }));
        let unsent = audit::waiting(core, conn).await?.filter(|(_, since)| now - *since > UNSENT_AFTER);
        found.extend(unsent.map(|(count, since)| Silence::Unsent { count, since }));
    }
    let schedules = store::schedules::coming(conn, SCHEDULES).await?;
    let uncovered = now - Duration::hours(core.settings.now().backup_hours.saturating_mul(2));
    let (count, some) = store::schedules::overdue(conn, scope, &allowed(&schedules, now), uncovered).await?;
    if count > 0 {
        found.push(Silence::Overdue { count, some });
    }
    let (count, some) = store::schedules::unmatched(conn).await?;
    if count > 0 {
        found.push(Silence::Unmatched { count, some });
    }
    Ok(found)
}

/// Tells by mail what is silent, each kind once a day; gives how many were told.
pub async fn tell(core: &Core) -> Result<usize, Fault> {
    let now = core.now();
    let found = look(core, &mut core.db.read().await?, Scope::All).await?;
    if found.is_empty() {
        return Ok(0);
    }
    let mut told = 0;
    let mut tx = core.db.begin().await?;
    // Two that tell at the same time tell once.
    store::duties::alone(&mut tx, Duty::Notices).await?;
    for silence in &found {
        let cause = silence.kind().as_str();
        if store::notices::is_told(&mut tx, (NoticeEvent::Silence, cause), now - TOLD_AGAIN_AFTER).await? {
            continue;
        }
        let text = format!("{}. {}", silence.title(), silence.text());
        let event = NoticeEvent::Silence;
        let new = NewNotice { event, cause: cause.to_owned(), device: None, job: None, text: &text };
        store::notices::insert(&mut tx, &new, now).await?;
        told += 1;
    }
    tx.commit().await?;
    Ok(told)
}
