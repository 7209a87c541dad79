//! Whether the database answers and takes writes: asked, remembered, and heeded after it was away.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{Core, Fault};
use crate::store::{self, StoreError};

/// After the database was away nobody's lease is taken for so long: whoever holds a job was away from it too, and
/// brings what it has. Several heartbeats of a worker.
const SETTLING: Duration = Duration::from_secs(10);

/// How long the database has to say how it stands.
const PATIENCE: Duration = Duration::from_secs(3);

/// How the database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It answers and takes writes.
    Well,
    /// It answers and takes no writes: a replica after a fail-over, or a full disk.
    ReadOnly(String),
    /// It does not answer.
    Away(String),
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Well,
    Out(String),
    BackSince(Instant),
}

/// What this process last found.
#[derive(Debug, Default)]
pub struct Outage(Mutex<State>);

impl Outage {
    /// Why it is out; `None` when it is not, as far as was noticed.
    pub fn why(&self) -> Option<String> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Out(why) => Some(why.clone()),
            State::Well | State::BackSince(_) => None,
        }
    }

    /// Something did not work because of it.
    pub fn begins(&self, why: &str) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*state, State::Out(_)) {
            tracing::error!(
                why,
                "the database does not answer, or takes no writes; finished work is kept until it does"
            );
        }
        *state = State::Out(why.to_owned());
    }

    /// Remembers it if a fault is because of it.
    pub fn notices(&self, fault: &Fault) {
        if let Fault::Unavailable(why) = fault {
            self.begins(why);
        }
    }

    /// It works.
    fn ends(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Out(_)) {
            tracing::info!("the database is back");
            *state = State::BackSince(Instant::now());
        }
    }

    /// Whether it came back within this time.
    fn is_back_within(&self, time: Duration) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let State::BackSince(at) = *state else { return false };
        let is_settling = at.elapsed() < time;
        if !is_settling {
            *state = State::Well;
        }
        is_settling
    }
}

/// Asks the database how it stands, for at most three seconds, and remembers the answer.
pub async fn standing(core: &Core) -> Standing {
    let asked = tokio::time::timeout(PATIENCE, store::is_writable(&core.db)).await;
    let standing = match asked {
        Ok(Ok(true)) => Standing::Well,
        Ok(Ok(false)) => Standing::ReadOnly("it can only be read".to_owned()),
        Ok(Err(StoreError::Unavailable(why))) => Standing::Away(why),
        Ok(Err(error)) => Standing::Away(error.to_string()),
        Err(_) => Standing::Away("it does not answer".to_owned()),
    };
    match &standing {
        Standing::Well => core.outage.ends(),
        Standing::ReadOnly(why) | Standing::Away(why) => core.outage.begins(why),
    }
    standing
}

/// Remembers it where something did not work because the database is away.
pub(super) fn noticed<T>(core: &Core, result: Result<T, Fault>) -> Result<T, Fault> {
    result.inspect_err(|fault| core.outage.notices(fault))
}

/// Whether leases may be judged: not while the database is away, nor right after.
pub(super) async fn is_settled(core: &Core) -> Result<bool, Fault> {
    if core.outage.why().is_some() {
        return match standing(core).await {
            Standing::Well => Ok(false),
            Standing::ReadOnly(why) | Standing::Away(why) => Err(Fault::Unavailable(why)),
        };
    }
    Ok(!core.outage.is_back_within(SETTLING))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_are_left_alone_for_a_while_after_an_outage() {
        let outage = Outage::default();
        assert!(outage.why().is_none() && !outage.is_back_within(SETTLING));
        outage.ends();
        assert!(!outage.is_back_within(SETTLING), "it was never away");
        outage.begins("gone");
        assert_eq!(outage.why().as_deref(), Some("gone"));
        outage.ends();
        assert!(outage.why().is_none() && outage.is_back_within(SETTLING));
        assert!(!outage.is_back_within(Duration::ZERO), "that was long ago");
        assert!(!outage.is_back_within(SETTLING), "and is over");
    }
}
