//! Following jobs: one look at the database per beat for all readers of this process together.
//!
//! What readers get is stored already, wherever the job runs. A reader reads what there is by itself, then waits for
//! news here; a reader that falls too far behind is cut, and comes back by the number of the last line it has.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, broadcast},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{Core, Fault, sign_in};
use crate::{
    domain::{
        access::{Grant, Permission, Scope, ViewDevices},
        entry::Entry,
        id::{JobId, SessionId},
    },
    store::{self, entries::Tail},
};

/// How often the database is asked for more while somebody follows a job.
const BEAT: Duration = Duration::from_millis(300);

/// How often it is asked whether the readers still may (S-25).
const RIGHTS: Duration = Duration::from_secs(2);

/// Lines of one job that are told in one beat, at most; the rest follows in the next.
const LINES: usize = 500;

/// Lines in one piece of news, at most.
const PIECE: usize = 50;

/// Pieces of news that a reader may be behind.
const BEHIND: usize = 64;

/// What happened to a job that is followed.
#[derive(Debug, Clone)]
pub enum News {
    /// These lines were stored, without a gap between them.
    Lines(Arc<[Entry]>),
    /// Lines up to this number were stored before anybody listened.
    Stored(i64),
    /// The job has ended, and everything it said is stored.
    Over,
    /// The reader is not told any more: it is too slow, it may not any more, or the database is away.
    Cut,
}

struct Followed {
    /// The number of the last line that was told; `None` until it was first looked at.
    told: Option<i64>,
    news: broadcast::Sender<News>,
}

struct Reader {
    session: SessionId,
    scope: Scope,
    job: JobId,
    cut: CancellationToken,
}

#[derive(Default)]
struct Room {
    last: u64,
    jobs: BTreeMap<JobId, Followed>,
    readers: BTreeMap<u64, Reader>,
}

/// Everybody in this process who follows a job.
#[derive(Clone, Default)]
pub struct Following {
    room: Arc<Mutex<Room>>,
    knock: Arc<Notify>,
}

/// One who follows a job; leaves when dropped.
pub struct Follower {
    of: Following,
    id: u64,
    news: broadcast::Receiver<News>,
    cut: CancellationToken,
}

impl Follower {
    /// Waits for what happens next.
    pub async fn next(&mut self) -> News {
        tokio::select! {
            biased;
            () = self.cut.cancelled() => News::Cut,
            news = self.news.recv() => news.unwrap_or(News::Cut),
        }
    }

    /// Whether it is not told any more.
    pub fn is_cut(&self) -> bool {
        self.cut.is_cancelled()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut room = self.of.room();
        let Some(gone) = room.readers.remove(&self.id) else { return };
        if !room.readers.values().any(|reader| reader.job == gone.job) {
            room.jobs.remove(&gone.job);
        }
    }
}

impl Following {
    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows a job for somebody who may see it, as long as the session stands.
    pub fn follow(&self, by: &Grant<ViewDevices>, session: SessionId, job: JobId) -> Follower {
        let cut = CancellationToken::new();
        let mut room = self.room();
        room.last += 1;
        let id = room.last;
        room.readers.insert(id, Reader { session, scope: by.scope(), job, cut: cut.clone() });
        let new = || Followed { told: None, news: broadcast::channel(BEHIND).0 };
        let news = room.jobs.entry(job).or_insert_with(new).news.subscribe();
        drop(room);
        self.knock.notify_one();
        Follower { of: self.clone(), id, news, cut }
    }

    /// How many readers there are.
    pub fn readers(&self) -> usize {
        self.room().readers.len()
    }

    /// Tells all readers what happens to their jobs, until the process stops.
    pub async fn run(self, core: Core) {
        let mut asked = Instant::now();
        let work = async {
            loop {
                while self.readers() == 0 {
                    self.knock.notified().await;
                }
                if let Err(fault) = self.beat(&core, &mut asked).await {
                    tracing::warn!(error = %fault, "live logs cut: the database could not be asked");
                    self.cut(|_| true);
                }
                sleep(BEAT).await;
            }
        };
        let _: Option<()> = core.stopping.run_until_cancelled(work).await;
    }

    async fn beat(&self, core: &Core, asked: &mut Instant) -> Result<(), Fault> {
        if asked.elapsed() >= RIGHTS {
            *asked = Instant::now();
            self.ask_for_rights(core).await?;
        }
        let jobs: Vec<(JobId, Option<i64>)> =
            self.room().jobs.iter().map(|(job, followed)| (*job, followed.told)).collect();
        if jobs.is_empty() {
            return Ok(());
        }
        // The states first, then the lines: what is there when a job has settled is all there will be.
        let mut conn = core.db.read().await?;
        let now = core.now();
        let ids: Vec<JobId> = jobs.iter().map(|(job, _)| *job).collect();
        let states = store::jobs::states(&mut conn, &ids).await?;
        let tails = store::entries::tails(&mut conn, &jobs).await?;
        drop(conn);
        let settled = |job| states.get(job).is_none_or(|(state, end)| state.is_settled(*end, now));
        let mut room = self.room();
        for (job, _) in &jobs {
            let Some(followed) = room.jobs.get_mut(job) else { continue };
            let is_all = followed.tell(tails.get(job));
            if is_all && settled(job) {
                // Nobody listening is no fault.
                let _ = followed.news.send(News::Over);
                room.jobs.remove(job);
            }
        }
        Ok(())
    }

    /// Cuts those whose session has ended, whose role or scope is another, or whose job has left their sight.
    async fn ask_for_rights(&self, core: &Core) -> Result<(), Fault> {
        let readers: Vec<(SessionId, Scope, JobId)> =
            self.room().readers.values().map(|it| (it.session, it.scope, it.job)).collect();
        let sessions: BTreeSet<SessionId> = readers.iter().map(|(session, ..)| *session).collect();
        let alive = sign_in::alive(core, &sessions.into_iter().collect::<Vec<_>>()).await?;
        let mut seen: Vec<(Scope, BTreeSet<JobId>)> = Vec::new();
        for (_, scope, _) in readers.iter().filter(|(_, scope, _)| *scope != Scope::All) {
            if seen.iter().any(|(known, _)| known == scope) {
                continue;
            }
            let jobs: Vec<JobId> =
                readers.iter().filter(|(_, of, _)| of == scope).map(|(.., job)| *job).collect();
            let within = store::jobs::within(&mut core.db.read().await?, *scope, &jobs).await?;
            seen.push((*scope, within));
        }
        self.cut(|reader| {
            let is_in = alive
                .get(&reader.session)
                .is_some_and(|(role, scope)| ViewDevices::ROLES.contains(role) && *scope == reader.scope);
            let jobs = seen.iter().find(|(scope, _)| *scope == reader.scope);
            !is_in || jobs.is_some_and(|(_, jobs)| !jobs.contains(&reader.job))
        });
        Ok(())
    }

    fn cut(&self, is_meant: impl Fn(&Reader) -> bool) {
        for reader in self.room().readers.values().filter(|reader| is_meant(reader)) {
            reader.cut.cancel();
        }
    }
}

impl Followed {
    /// Tells what is new; whether that is all there is now.
    fn tell(&mut self, tail: Option<&Tail>) -> bool {
        let lines = match tail {
            Some(Tail::Last(last)) => {
                self.told = Some(*last);
                let _ = self.news.send(News::Stored(*last));
                return false;
            }
            Some(Tail::Lines(lines)) => lines.as_slice(),
            None => &[],
        };
        // A job that nobody looked at before, and that has said nothing.
        let told = *self.told.get_or_insert(0);
        let due = lines.iter().zip(told + 1..).take_while(|(entry, due)| entry.seq == *due).count();
        let fresh = lines.get(..due.min(LINES)).unwrap_or_default();
        for piece in fresh.chunks(PIECE) {
            let _ = self.news.send(News::Lines(piece.into()));
        }
        self.told = fresh.last().map_or(self.told, |entry| Some(entry.seq));
        fresh.is_empty()
    }
}
