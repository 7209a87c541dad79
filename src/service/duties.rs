//! What one node does for all: a row for each duty, held for some seconds and taken over when its holder is
//! silent. The row saves work and nothing depends on it: every duty is safe when two nodes do it at the same time.
//!
//! A node asks for duties with its heartbeat and remembers until when it has them by a clock of its own that never
//! jumps, so that asking [`hold`] costs nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

use super::Core;
use crate::{
    domain::node::{Duty, HELD_FOR, Held},
    store::{self, Conn, StoreError},
};

/// A node whose ticker has not come round for so long lets go of what it does, however well its heart beats.
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// What this process has to do, and has done.
#[derive(Debug, Clone, Default)]
pub struct Own(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Until when it has what.
    held: BTreeMap<Duty, Instant>,
    /// What was done since the last heartbeat.
    done: BTreeSet<Duty>,
    /// When the ticker last came round; `None` before the first heartbeat of a process that has one.
    ticked: Option<Instant>,
    /// Whether it came round since the last heartbeat.
    has_ticked: bool,
    /// When a heartbeat was last written down; `None` before the first.
    heard: Option<Instant>,
}

impl Own {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ticker came round.
    pub fn tick(&self) {
        let mut state = self.state();
        (state.ticked, state.has_ticked) = (Some(Instant::now()), true);
    }

    /// How long ago the ticker came round; `None` where there is none.
    pub fn silence(&self) -> Option<Duration> {
        self.state().ticked.map(|at| at.elapsed())
    }

    /// How long ago a heartbeat was written down; `None` where there is no heart.
    pub fn unheard(&self) -> Option<Duration> {
        self.state().heard.map(|at| at.elapsed())
    }

    /// A heartbeat was written down.
    pub(super) fn heard(&self) {
        self.state().heard = Some(Instant::now());
    }
}

/// Whether this process has the duty now.
pub fn hold(core: &Core, duty: Duty) -> bool {
    core.duties.state().held.get(&duty).is_some_and(|until| Instant::now() < *until)
}

/// Notes that a duty was done; the next heartbeat tells the others.
pub fn done(core: &Core, duty: Duty) {
    core.duties.state().done.insert(duty);
}

/// Takes what is free and holds on to what this node has, with its heartbeat at `now` by the database's clock. The
/// caller commits, then calls [`Sought::keep`].
pub(super) async fn seek(
    core: &Core,
    conn: &mut Conn,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<Sought, StoreError> {
    let began = Instant::now();
    let (done, is_stuck) = {
        let state = core.duties.state();
        (state.done.clone(), state.ticked.is_some_and(|at| at.elapsed() > STUCK_AFTER))
    };
    let mut held = BTreeMap::new();
    let (known, until) = (store::duties::list(conn).await?, now + HELD_FOR);
    // Mails go out beside the ticker: they may have to tell that it hangs.
    for duty in Duty::ALL.iter().filter(|duty| !is_stuck || **duty == Duty::Notices) {
        let row = known.iter().find(|row| row.duty == *duty);
        let has_it = match row {
            Some(row) if row.owner == owner => {
                store::duties::renew(conn, (*duty, owner), (now, until), done.contains(duty)).await?
            }
            Some(row) if row.held_until > now => false,
            _ => store::duties::take(conn, (*duty, owner), (now, until)).await?,
        };
        if has_it {
            held.insert(*duty, began + HELD_FOR.to_std().unwrap_or_default());
        }
    }
    Ok(Sought { held, done })
}

/// What a heartbeat brought, to be remembered when it is committed.
pub(super) struct Sought {
    held: BTreeMap<Duty, Instant>,
    done: BTreeSet<Duty>,
}

impl Sought {
    /// Remembers it.
    pub(super) fn keep(self, core: &Core) {
        let mut state = core.duties.state();
        for duty in self.held.keys().filter(|duty| !state.held.contains_key(duty)) {
            tracing::info!(%duty, "this node does it for all from now on");
        }
        for duty in state.held.keys().filter(|duty| !self.held.contains_key(duty)) {
            tracing::warn!(%duty, "this node does it for all no more");
        }
        state.held = self.held;
        for duty in self.done {
            state.done.remove(&duty);
        }
    }
}

/// Whether the ticker came round since this was asked last; the time counts from now where it never has.
pub(super) fn has_ticked(core: &Core) -> bool {
    let mut state = core.duties.state();
    state.ticked.get_or_insert_with(Instant::now);
    std::mem::take(&mut state.has_ticked)
}

/// Forgets what this process has, before it tells the database.
pub(super) fn let_go(core: &Core) {
    core.duties.state().held.clear();
}

/// Who has which duty.
pub(super) async fn list(conn: &mut Conn) -> Result<Vec<Held>, StoreError> {
    store::duties::list(conn).await
}
