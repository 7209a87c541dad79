//! How many devices a shared credential is tried on at the same time.
//!
//! A wrong password on a hundred devices must not be tried a hundred times before the third refusal is known. So
//! until a device has accepted a credential, no more of them try it at once than may still refuse it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::{
    domain::id::{CredentialId, JumpHostId},
    service::{Core, Fault, credentials},
};

/// An acceptance opens the gate for so long; then one device must accept it again first.
const OPEN_FOR: Duration = Duration::from_mins(10);

/// How often the standing is asked for again when nobody knocks: another process may have changed it.
const POLL: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Gate {
    /// Devices that it is being tried on.
    under_way: i32,
    open_until: Option<Instant>,
}

/// The revision of the secrets that a jump host has let in; whoever holds it finds out.
pub type Known = Arc<tokio::sync::Mutex<Option<i32>>>;

/// The gates of this process, one for each shared credential.
#[derive(Clone, Default)]
pub struct Gates {
    shared: Arc<Mutex<BTreeMap<CredentialId, Gate>>>,
    hops: Arc<Mutex<BTreeMap<JumpHostId, Known>>>,
    moved: Arc<Notify>,
}

/// The permission to try a credential on one device; given back when dropped.
pub struct Pass {
    gates: Gates,
    id: CredentialId,
}

impl Gates {
    fn with<T>(&self, id: CredentialId, act: impl FnOnce(&mut Gate) -> T) -> T {
        act(self.shared.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default())
    }

    /// What is known of a jump host's account.
    pub fn hop(&self, id: JumpHostId) -> Known {
        self.hops.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default().clone()
    }

    /// Waits until the credential may be tried on one more device; `None` when it is stopped.
    pub async fn pass(&self, core: &Core, id: CredentialId) -> Result<Option<Pass>, Fault> {
        loop {
            let moved = self.moved.notified();
            // Counted first and asked after: a refusal is written down before its pass is given back, so whatever is
            // not counted here any more is known there.
            let (number, is_open) = self.with(id, |gate| {
                gate.under_way += 1;
                (gate.under_way, gate.open_until.is_some_and(|until| Instant::now() < until))
            });
            let pass = Pass { gates: self.clone(), id };
            let standing = credentials::standing(core, id).await?;
            if standing.is_stopped {
                return Ok(None);
            }
            if is_open || number <= standing.left {
                return Ok(Some(pass));
            }
            pass.unused();
            tokio::select! {
                () = moved => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }
}

impl Pass {
    /// A device accepted it: the others need not wait.
    pub fn accepted(&self) {
        self.gates.with(self.id, |gate| gate.open_until = Some(Instant::now() + OPEN_FOR));
        self.gates.moved.notify_waiters();
    }

    /// A device refused it, and that is written down.
    pub fn refused(&self) {
        self.gates.with(self.id, |gate| gate.open_until = None);
    }
}

impl Pass {
    /// Gives it back without waking those that wait: nothing has changed for them.
    fn unused(self) {
        self.gates.with(self.id, |gate| gate.under_way -= 1);
        std::mem::forget(self);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gates.with(self.id, |gate| gate.under_way -= 1);
        self.gates.moved.notify_waiters();
    }
}
