//! Transactions of many callers that become true with one write to the disk.
//!
//! On SQLite each transaction costs a way to a thread and back and a durable write, whatever it holds. Under load those of
//! many jobs wait for the one writer anyway: all that wait are done in one transaction, each behind a savepoint of its own,
//! and nobody is told that his is done before the whole of it is on the disk.

use std::{
    any::Any,
    future::Future,
    mem,
    panic::{AssertUnwindSafe, resume_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use diesel_async::{SimpleAsyncConnection, pooled_connection::deadpool::Pool};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep},
};

use super::{Conn, SqliteConn, Tx, main_runtime};
use crate::store::StoreError;

/// How long steps are waited for where others have just been done. Without it a thousand backups took 7 % more CPU; longer
/// gains nothing more and holds the jobs up (`cargo bench --bench fleet -- 1000 0`).
const GATHER: Duration = Duration::from_millis(1);

/// How long after the last steps more are expected.
const LIVELY: Duration = Duration::from_millis(50);

/// How many are done at once, so that those who write by themselves get their turn.
const MOST: usize = 64;

/// A step that waits: it takes the connection, or the reason why there is none, and gives it back.
type Step = Box<dyn FnOnce(Result<Conn, StoreError>) -> BoxFuture<'static, Done> + Send>;

/// Tells a caller what became of his step: of the transaction around it, where that is an error.
type Tell = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// A step that was done.
struct Done {
    /// `None` where it kept it.
    conn: Option<Conn>,
    /// Whether the step committed; else what it did is to be undone.
    is_committed: bool,
    tell: Tell,
}

/// The steps that wait for the writer.
#[derive(Clone, Default)]
pub struct Together(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    steps: Vec<Step>,
    is_led: bool,
    /// So many steps go alone: among as many others one went that broke the transaction of all.
    alone: usize,
    last: Option<Instant>,
}

impl Together {
    /// Does a whole transaction, which `step` commits.
    pub(super) async fn run<T, E, F>(
        &self,
        pool: &Pool<SqliteConn>,
        step: impl FnOnce(Tx) -> F + Send + 'static,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (tells, told) = oneshot::channel();
        self.push(pool, Box::new(move |conn| done(conn, step, tells).boxed()));
        let lost = |_| StoreError::Unavailable("the step was given up".to_owned());
        match told.await.map_err(lost)? {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic),
        }
    }

    fn push(&self, pool: &Pool<SqliteConn>, step: Step) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.steps.push(step);
        if !mem::replace(&mut waiting.is_led, true) {
            // A task of its own: whoever waits may go away.
            main_runtime::spawn(self.clone().lead(pool.clone()));
        }
    }

    /// Does what waits until nothing does.
    async fn lead(self, pool: Pool<SqliteConn>) {
        while let Some(is_lively) = self.goes_on() {
            if is_lively {
                sleep(GATHER).await;
            }
            let conn = pool.get().await;
            let steps = self.take();
            match conn {
                Ok(conn) => {
                    let count = steps.len();
                    let conn = Conn::Sqlite(Box::new(conn));
                    let hop = main_runtime::in_one_hop(move || all(conn, steps));
                    // Whatever happens there, somebody goes on leading, or no step would ever be done again.
                    let done = AssertUnwindSafe(hop).catch_unwind().await;
                    let is_whole = done.is_ok_and(|done| done.is_ok_and(|broke| !broke));
                    let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    waiting.alone = if is_whole { waiting.alone.saturating_sub(count) } else { count };
                    waiting.last = Some(Instant::now());
                }
                Err(error) => refuse(steps, &StoreError::from(error)).await,
            }
        }
    }

    /// Whether more are to be expected; `None`, and nobody leads, where nothing waits.
    fn goes_on(&self) -> Option<bool> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.is_led = !waiting.steps.is_empty();
        let is_lively = waiting.alone == 0 && waiting.last.is_some_and(|last| last.elapsed() < LIVELY);
        waiting.is_led.then_some(is_lively)
    }

    fn take(&self) -> Vec<Step> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let most = if waiting.alone > 0 { 1 } else { MOST.min(waiting.steps.len()) };
        waiting.steps.drain(..most).collect()
    }
}

/// What a step gave, or with what it panicked.
type Told<T, E> = Result<Result<T, E>, Box<dyn Any + Send>>;

/// Does one step within the transaction that is open on `conn`.
async fn done<T, E, F>(
    conn: Result<Conn, StoreError>,
    step: impl FnOnce(Tx) -> F + Send,
    tells: oneshot::Sender<Told<T, E>>,
) -> Done
where
    F: Future<Output = Result<T, E>> + Send,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let conn = match conn {
        Ok(conn) if !tells.is_closed() => conn,
        // Nobody waits for it any more, and it has not begun.
        Ok(conn) => return Done { conn: Some(conn), is_committed: false, tell: Box::new(|_| {}) },
        Err(error) => {
            drop(tells.send(Ok(Err(error.into()))));
            return Done { conn: None, is_committed: false, tell: Box::new(|_| {}) };
        }
    };
    let (tx, mut back) = Tx::within(conn);
    let result = AssertUnwindSafe(async move { step(tx).await }).catch_unwind().await;
    let (conn, is_committed) = back.try_recv().map_or((None, false), |(conn, is)| (Some(conn), is));
    let tell = move |around: Result<(), StoreError>| {
        drop(tells.send(match (result, around) {
            (Ok(Ok(_)), Err(error)) => Ok(Err(error.into())),
            (result, _) => result,
        }));
    };
    Done { conn, is_committed, tell: Box::new(tell) }
}

/// Does these steps in one transaction; gives whether that broke.
async fn all(conn: Conn, steps: Vec<Step>) -> bool {
    let are_many = steps.len() > 1;
    let mut outer = match Tx::begin(conn).await {
        Ok(outer) => outer,
        Err(error) => {
            refuse(steps, &error).await;
            return false;
        }
    };
    let mut tells = Vec::with_capacity(steps.len());
    let mut steps = steps.into_iter();
    let mut is_kept = true;
    let mut broken = None;
    while let (None, Some(step)) = (&broken, steps.next()) {
        match part(&mut outer, step, are_many, &mut tells).await {
            Ok(is_committed) => is_kept = are_many || is_committed,
            Err(error) => broken = Some(error),
        }
    }
    let broken = match broken {
        None if is_kept => outer.commit().await.err(),
        other => {
            drop(outer);
            other
        }
    };
    let Some(error) = broken else {
        for tell in tells {
            tell(Ok(()));
        }
        return false;
    };
    refuse(steps.collect(), &error).await;
    match <[Tell; 1]>::try_from(tells) {
        Ok([tell]) if !are_many => tell(Err(error)),
        Ok(tells) => tell_all(tells.into(), &error),
        Err(tells) => tell_all(tells, &error),
    }
    true
}

/// Does one step of the transaction, behind a savepoint where there are others; gives whether it committed.
async fn part(outer: &mut Tx, step: Step, are_many: bool, tells: &mut Vec<Tell>) -> Result<bool, StoreError> {
    if are_many && let Err(error) = mark(outer, "SAVEPOINT part").await {
        refuse(vec![step], &error).await;
        return Err(error);
    }
    let Some(conn) = outer.conn.take() else { return Err(kept()) };
    let Done { conn, is_committed, tell } = step(Ok(conn)).await;
    tells.push(tell);
    outer.conn = Some(conn.ok_or_else(kept)?);
    if are_many {
        mark(outer, if is_committed { "RELEASE part" } else { "ROLLBACK TO part; RELEASE part" }).await?;
    }
    Ok(is_committed)
}

fn kept() -> StoreError {
    StoreError::Unavailable("a step did not give the connection back".to_owned())
}

/// What happened to one is not for the others to see to: they try again, and alone.
fn again(error: &StoreError) -> StoreError {
    StoreError::Unavailable(format!("the transaction broke: {error}"))
}

fn tell_all(tells: Vec<Tell>, error: &StoreError) {
    for tell in tells {
        tell(Err(again(error)));
    }
}

/// Tells those whose steps have not begun.
async fn refuse(steps: Vec<Step>, error: &StoreError) {
    for step in steps {
        drop(step(Err(again(error))).await);
    }
}

async fn mark(outer: &mut Tx, statement: &'static str) -> Result<(), StoreError> {
    if let Conn::Sqlite(c) = &mut **outer {
        c.batch_execute(statement).await?;
    }
    Ok(())
}
