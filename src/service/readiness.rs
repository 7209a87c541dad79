//! Whether this process can do its work: what a load balancer or an orchestrator asks.

use std::time::Duration;

use super::Core;
use crate::{
    domain::node::STOPPED_AFTER,
    store::{self, StoreError},
};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A heart whose beats have not been written down for so long: the database takes no writes.
const UNHEARD_AFTER: Duration = Duration::from_secs(20);

/// One of the things that must be well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// What is wrong with it and what to do; `None` when it is well. Without causes: those are in the log.
    pub fault: Option<&'static str>,
}

/// Looks at everything that must be well.
pub async fn checks(core: &Core) -> Vec<Check> {
    let (database, schema) = match tokio::time::timeout(PATIENCE, missing(core)).await {
        Ok(Ok(0)) => (None, None),
        Ok(Ok(_)) => {
            (None, Some("the database lacks steps of this version; start NetRaven anew, which takes them"))
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database");
            (Some("it does not answer; see the log of the program and the database's"), None)
        }
        Err(_) => (Some("it takes longer than three seconds to answer; see what it is busy with"), None),
    };
    let stopping = core.stopping.is_cancelled().then_some("NetRaven has been told to stop");
    let sealed = core.keyring.why_sealed().map(|_| "NetRaven is sealed; the log says which key is missing");
    let database = database.or_else(|| unheard(core.duties.unheard()));
    let named = [
        ("running", stopping),
        ("database", database),
        ("schema", schema),
        ("key", sealed),
        ("storage", storage(core).await),
        ("planner", stopped(core.duties.silence())),
    ];
    named.into_iter().map(|(name, fault)| Check { name, fault }).collect()
}

/// How many steps of the schema the database lacks.
async fn missing(core: &Core) -> Result<usize, StoreError> {
    store::migrate::missing(&mut core.db.read().await?).await
}

fn unheard(since: Option<Duration>) -> Option<&'static str> {
    let is_unheard = since.is_some_and(|since| since > UNHEARD_AFTER);
    is_unheard.then_some("it takes no writes; see whether its disk is full or it is read-only")
}

fn stopped(since: Option<Duration>) -> Option<&'static str> {
    let most = STOPPED_AFTER.to_std().unwrap_or_default();
    let is_stopped = since.is_some_and(|since| since > most);
    is_stopped.then_some("it has not come round for two minutes; a restart helps when it hangs")
}

/// Whether the data folder takes a file.
async fn storage(core: &Core) -> Option<&'static str> {
    let file = core.data_dir.join(format!(".ready-{}", std::process::id()));
    let probe = async {
        tokio::fs::write(&file, b"1").await?;
        tokio::fs::remove_file(&file).await
    };
    match probe.await {
        Ok(()) => None,
        // Two requests at once: the other one has taken it away.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && core.data_dir.is_dir() => None,
        Err(error) => {
            tracing::warn!(%error, "not ready: the data folder");
            Some("the data folder takes no files; see whether its disk is full or it is read-only")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planner_and_a_heart_may_be_silent_for_so_long() {
        let seconds = |count| Some(Duration::from_secs(count));
        assert_eq!((stopped(None), stopped(seconds(119))), (None, None));
        assert!(stopped(seconds(121)).is_some());
        assert_eq!((unheard(None), unheard(seconds(19))), (None, None));
        assert!(unheard(seconds(21)).is_some());
    }
}
