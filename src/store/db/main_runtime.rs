//! Where SQLite's blocking calls run.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    task::{Context, Poll},
    time::Duration,
};

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::{FutureExt, future::BoxFuture};
use tokio::{
    runtime::Handle,
    task::{JoinError, JoinHandle},
};

/// Runs SQLite's blocking calls on the process's main runtime.
///
/// diesel-async's own spawner waits in `Drop` with `block_in_place`, which panics on actix's single-threaded
/// workers and spoils the connection for its next user (`diesel_async#281`). This one waits on a channel.
pub struct OnMainRuntime(Handle);

/// How often SQLite's work went to a thread and back.
static HOPS: AtomicU64 = AtomicU64::new(0);

/// How often SQLite's work has gone to a thread of its own and back in this process.
pub fn hops() -> u64 {
    HOPS.load(Ordering::Relaxed)
}

/// The first connection is made at start, on the main runtime; actix's workers come later.
fn main_runtime() -> &'static Handle {
    static MAIN: OnceLock<Handle> = OnceLock::new();
    MAIN.get_or_init(Handle::current)
}

thread_local! {
    /// Whether this thread is one for blocking calls and does a whole step.
    static DOES_A_STEP: Cell<bool> = const { Cell::new(false) };
}

/// As long as it lives, what this thread asks of SQLite is done on this thread.
struct InPlace;

impl InPlace {
    fn begin() -> Self {
        DOES_A_STEP.set(true);
        Self
    }
}

impl Drop for InPlace {
    fn drop(&mut self) {
        DOES_A_STEP.set(false);
    }
}

/// Starts a task that goes on when whoever started it is gone.
pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    main_runtime().spawn(task);
}

/// Does a whole step on one thread for blocking calls, its calls of SQLite in place. A step that has begun is done to
/// its end, even when nobody waits for it any more.
///
/// What the step waits for besides SQLite blocks that thread, so it must hold its connection before it comes here.
pub(super) async fn in_one_hop<F: Future>(
    step: impl FnOnce() -> F + Send + 'static,
) -> Result<F::Output, JoinError>
where
    F::Output: Send + 'static,
{
    if DOES_A_STEP.get() {
        return Ok(step().await);
    }
    HOPS.fetch_add(1, Ordering::Relaxed);
    let runtime = main_runtime();
    let done = runtime.spawn_blocking(move || {
        let _in_place = InPlace::begin();
        runtime.block_on(step())
    });
    match done.await {
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        other => other,
    }
}

struct Waiting<R> {
    task: JoinHandle<R>,
    done: mpsc::Receiver<()>,
}

impl<R> Future for Waiting<R> {
    type Output = Result<R, JoinError>;

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
        if DOES_A_STEP.get() {
            let result = task();
            return async move { Ok(result) }.boxed();
        }
        HOPS.fetch_add(1, Ordering::Relaxed);
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
        Self(main_runtime().clone())
    }
}
