//! The processes at work on one database: each says every few seconds that it is there, and with what. People look at
//! that, and a rotation of keys waits for it; no job depends on it.

use chrono::{DateTime, Utc};

use super::{Core, Fault, duties};
use crate::{
    domain::{
        access::{Grant, ManageSettings},
        node::{Beat, Duty, FORGOTTEN_AFTER, Held, Node, SILENT_AFTER},
    },
    store::{self, Conn, StoreError},
};

/// The machine's name, as the kernel says it.
pub(super) fn host() -> String {
    let said = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match said.trim() {
        "" => "unknown".to_owned(),
        name => name.to_owned(),
    }
}

/// Says that a node is there. One that has not been told to stop asks for duties as well.
pub async fn beat(core: &Core, beat: &Beat) -> Result<(), Fault> {
    let has_ticked = duties::has_ticked(core);
    let mut tx = core.db.begin().await?;
    let now = store::clock::now(&mut tx).await?;
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let node = Node {
        name: beat.name.clone(),
        kind: beat.kind,
        host: host(),
        pid: std::process::id().into(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: now,
        seen_at: now,
        ticked_at: now,
        running: number(beat.running),
        places: number(beat.places),
        key_id: core.keyring.ids().1.last().copied().unwrap_or_default(),
        is_stopping: beat.is_stopping,
    };
    if !store::nodes::update(&mut tx, &node, has_ticked).await? {
        store::nodes::insert(&mut tx, &node).await?;
    }
    let sought =
        if beat.is_stopping { None } else { Some(duties::seek(core, &mut tx, &beat.name, now).await?) };
    tx.commit().await?;
    core.duties.heard();
    if let Some(sought) = sought {
        sought.keep(core);
    }
    if duties::hold(core, Duty::Upkeep) {
        store::nodes::delete_silent(&mut core.db.write().await?, now - FORGOTTEN_AFTER).await?;
    }
    Ok(())
}

/// Lets go of every duty, so that another node has them at once.
pub async fn let_go(core: &Core, name: &str) -> Result<(), Fault> {
    duties::let_go(core);
    let mut conn = core.db.write().await?;
    let now = store::clock::now(&mut conn).await?;
    Ok(store::duties::release(&mut conn, name, now).await?)
}

/// A node has ended.
pub async fn leave(core: &Core, name: &str) -> Result<(), Fault> {
    Ok(store::nodes::delete(&mut core.db.write().await?, name).await?)
}

/// All nodes, who does what for all, and the database's time that theirs are told by.
#[derive(Debug)]
pub struct Known {
    /// The nodes, the oldest first.
    pub nodes: Vec<Node>,
    /// The duties that were ever taken.
    pub duties: Vec<Held>,
    /// The database's time.
    pub now: DateTime<Utc>,
}

/// Looks at the nodes.
pub async fn known(core: &Core, _by: &Grant<ManageSettings>) -> Result<Known, Fault> {
    Ok(look(&mut core.db.read().await?).await?)
}

/// The same for NetRaven itself.
pub(super) async fn look(conn: &mut Conn) -> Result<Known, StoreError> {
    Ok(Known {
        nodes: store::nodes::list(conn).await?,
        duties: duties::list(conn).await?,
        now: store::clock::now(conn).await?,
    })
}

impl Known {
    /// The nodes that are there.
    pub fn alive(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| !node.is_silent(self.now))
    }

    /// The nodes that were at work when they fell silent.
    pub fn vanished(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.is_silent(self.now) && node.running > 0)
    }

    /// When something was planned last, or taken over to be planned; `None` where no node ever did.
    pub fn planned_at(&self) -> Option<DateTime<Utc>> {
        let plan = self.duties.iter().find(|held| held.duty == Duty::Plan);
        plan.map(|held| held.done_at.max(held.taken_at))
    }
}

/// Whether every node that is there opens the data key with this number (S-46).
pub(super) async fn all_open(conn: &mut Conn, key: i64) -> Result<bool, StoreError> {
    let now = store::clock::now(conn).await?;
    let nodes = store::nodes::list(conn).await?;
    // A sealed node opens none, seals nothing and must not hold the others up.
    let waits = |node: &Node| now - node.seen_at <= SILENT_AFTER && node.key_id > 0 && node.key_id < key;
    Ok(!nodes.iter().any(waits))
}
