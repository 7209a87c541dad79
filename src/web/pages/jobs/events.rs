//! A job's log as server-sent events: stored lines only, each told once.

use std::collections::VecDeque;

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Path},
};
use futures_util::stream;
use serde::Deserialize;

use super::line;
use crate::{
    domain::{access::ViewDevices, entry::Entry, id::JobId},
    service::{
        Core, Fault,
        following::{Follower, News},
        jobs,
    },
    web::{
        error::PageError,
        form::Params,
        live::{self, Event},
        session::{self, May},
    },
};

/// Stored lines that are held in memory at a time.
const BATCH: i64 = 200;

/// Where to go on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct After {
    after: String,
}

/// Where the next line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// From what is stored, as there is more than was told.
    Stored,
    /// From what is told when it is stored.
    Live,
    /// From what is stored, and then there is no more.
    Last,
    /// From nowhere.
    Over,
}

struct Reader {
    core: Data<Core>,
    by: May<ViewDevices>,
    job: JobId,
    follower: Follower,
    after: i64,
    waiting: VecDeque<Entry>,
    phase: Phase,
}

/// `GET /jobs/{id}/events`: the lines after `Last-Event-ID` or `?after=`, then each as it is stored, then `done`.
pub async fn follow(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    Params(from): Params<After>,
) -> Result<HttpResponse, PageError> {
    let job = JobId(*id);
    jobs::find(&core, &by, job).await?.ok_or(PageError::NotFound)?;
    let session = session::known(&req).ok_or(PageError::SignInRequired)?.id;
    let stopping = core.stopping.clone();
    if *req.method() == Method::HEAD {
        return Ok(live::stream(stream::empty(), stopping));
    }
    let reader = Reader {
        follower: core.following.follow(&by, session, job),
        core,
        by,
        job,
        after: live::resume_after(&req, Some(&from.after)),
        waiting: VecDeque::new(),
        phase: Phase::Stored,
    };
    Ok(live::stream(stream::unfold(reader, step), stopping))
}

/// The next event; the stream ends with the job, with the session, when it is cut and on a fault: then the browser comes
/// back by itself, with the number of the last line it has.
async fn step(mut reader: Reader) -> Option<(Event, Reader)> {
    match reader.next().await {
        Ok(event) => event.map(|event| (event, reader)),
        Err(fault) => {
            tracing::warn!(job.id = %reader.job, error = %fault, "live log cut");
            None
        }
    }
}

impl Reader {
    async fn next(&mut self) -> Result<Option<Event>, Fault> {
        loop {
            if self.follower.is_cut() {
                return Ok(None);
            }
            if let Some(entry) = self.waiting.pop_front() {
                self.after = entry.seq;
                return Ok(Some(told(&entry)));
            }
            match self.phase {
                Phase::Over => return Ok(None),
                Phase::Stored | Phase::Last => {
                    let stored = jobs::entries(&self.core, &self.by, self.job, (self.after, BATCH)).await?;
                    self.waiting = stored.into();
                    if self.waiting.is_empty() && self.phase == Phase::Last {
                        self.phase = Phase::Over;
                        return Ok(Some(Event { id: None, name: "done", data: String::new() }));
                    }
                    if self.waiting.is_empty() {
                        self.phase = Phase::Live;
                    }
                }
                Phase::Live => match self.follower.next().await {
                    News::Lines(lines) => self.take(&lines),
                    News::Stored(last) if last > self.after => self.phase = Phase::Stored,
                    News::Stored(_) => {}
                    News::Over => self.phase = Phase::Last,
                    News::Cut => return Ok(None),
                },
            }
        }
    }

    /// Takes those of the lines that were not told yet; where some before them were not either, they are stored.
    fn take(&mut self, lines: &[Entry]) {
        let is_gap = lines.first().is_some_and(|first| first.seq > self.after + 1);
        if is_gap {
            self.phase = Phase::Stored;
        } else {
            self.waiting.extend(lines.iter().filter(|entry| entry.seq > self.after).cloned());
        }
    }
}

fn told(entry: &Entry) -> Event {
    Event { id: Some(entry.seq), name: "line", data: serde_json::to_string(&line(entry)).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::entry::Level;

    #[test]
    fn an_event_is_one_line_of_json_whatever_the_device_said() {
        let event = told(&Entry {
            seq: 12,
            at: DateTime::UNIX_EPOCH,
            level: Level::Info,
            stage: None,
            text: "a\nevent: done\n\n</script>".into(),
            was_truncated: None,
        });
        assert_eq!((event.id, event.name), (Some(12), "line"));
        assert!(!event.data.contains('\n'), "{}", event.data);
        assert!(event.data.contains("\"seq\":12"), "{}", event.data);
    }
}
