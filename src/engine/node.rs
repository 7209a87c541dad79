//! The heartbeat of this node, in a task of its own: neither a busy planner nor a slow device keeps it waiting.

use std::sync::Arc;

use tokio::{sync::Mutex, time::MissedTickBehavior};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::worker::Crew;
use crate::{
    domain::node::{BEAT, Beat, NodeKind},
    service::{Core, Fault, nodes},
};

/// A process that says that it is there.
pub struct Heart {
    core: Core,
    crew: Arc<Crew>,
    kind: NodeKind,
    /// Goes off when the node plans no more.
    resting: CancellationToken,
    /// Goes off when the node is gone.
    stopped: CancellationToken,
    /// Held while it says something, so that nothing is said after its good-bye.
    speaking: Mutex<()>,
}

impl Heart {
    /// Says so for the first time, and from then on until it leaves.
    pub async fn start(
        core: Core,
        crew: Arc<Crew>,
        kind: NodeKind,
        tasks: &TaskTracker,
    ) -> Result<Arc<Self>, Fault> {
        let (resting, stopped) = (CancellationToken::new(), CancellationToken::new());
        let heart = Arc::new(Self { core, crew, kind, resting, stopped, speaking: Mutex::default() });
        // Before anything is planned: whoever is alone has every duty from the beginning.
        heart.beat().await?;
        tasks.spawn(heart.clone().run());
        Ok(heart)
    }

    async fn beat(&self) -> Result<(), Fault> {
        let _speaking = self.speaking.lock().await;
        if self.stopped.is_cancelled() {
            return Ok(());
        }
        let (running, places) = self.crew.load();
        let beat = Beat {
            name: self.crew.name().to_owned(),
            kind: self.kind,
            running,
            places,
            is_stopping: self.resting.is_cancelled(),
        };
        nodes::beat(&self.core, &beat).await
    }

    async fn run(self: Arc<Self>) {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.tick().await;
        loop {
            tokio::select! {
                () = self.stopped.cancelled() => return,
                _ = beat.tick() => {}
            }
            if let Err(fault) = self.beat().await {
                tracing::warn!(error = %fault, "this node could not say that it is there");
            }
        }
    }

    /// Lets go of what this node does for all; it goes on saying that it is there, and that it is about to go.
    pub async fn rest(&self) {
        self.resting.cancel();
        // A beat that is under way may still ask for duties.
        drop(self.speaking.lock().await);
        let told = async {
            nodes::let_go(&self.core, self.crew.name()).await?;
            self.beat().await
        };
        if let Err(fault) = told.await {
            tracing::warn!(error = %fault, "duties could not be handed over; others take them in some seconds");
        }
    }

    /// Says good-bye.
    pub async fn leave(&self) {
        self.stopped.cancel();
        let _speaking = self.speaking.lock().await;
        if let Err(fault) = nodes::leave(&self.core, self.crew.name()).await {
            tracing::warn!(error = %fault, "this node could not say that it has gone");
        }
    }
}
