//! Where SQLite's blocking calls run.

use std::{
    future::Future,
    pin::Pin,
    sync::{OnceLock, mpsc},
    task::{Context, Poll},
    time::Duration,
};

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::{FutureExt, future::BoxFuture};
use tokio::{runtime::Handle, task::JoinHandle};

/// Runs SQLite's blocking calls on the process's main runtime.
///
/// diesel-async's own spawner waits in `Drop` with `block_in_place`, which panics on actix's single-threaded
/// workers and spoils the connection for its next user (`diesel_async#281`). This one waits on a channel.
pub struct OnMainRuntime(Handle);

struct Waiting<R> {
    task: JoinHandle<R>,
    done: mpsc::Receiver<()>,
}

impl<R> Future for Waiting<R> {
    type Output = Result<R, tokio::task::JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.get_mut().task).poll(cx)
    }
}

impl<R> Drop for Waiting<R> {
    fn drop(&mut self) {
        if !self.task.is_finished() {
            // The sender is dropped when the query ends; what it says does not matter.
            let _ = self.done.recv_timeout(Duration::from_secs(30));
        }
    }
}

impl SpawnBlocking for OnMainRuntime {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn std::error::Error + Send + Sync>>> {
        let (ends, done) = mpsc::channel::<()>();
        let task = self.0.spawn_blocking(move || {
            let result = task();
            drop(ends);
            result
        });
        let waiting = Waiting { task, done };
        async move { waiting.await.map_err(|e| -> Box<dyn std::error::Error + Send + Sync> { Box::new(e) }) }
            .boxed()
    }

    fn get_runtime() -> Self {
        // The first connection is made at start, on the main runtime; actix's workers come later.
        static MAIN: OnceLock<Handle> = OnceLock::new();
        Self(MAIN.get_or_init(Handle::current).clone())
    }
}
