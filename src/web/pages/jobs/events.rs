//! A job's log as server-sent events: stored lines only, each told once.

use std::{collections::VecDeque, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Path},
};
use futures_util::stream;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::{is_settled, line};
use crate::{
    domain::{
        access::ViewDevices,
        entry::Entry,
        id::{JobId, SessionId},
    },
    service::{Core, Fault, jobs, sign_in},
    web::{
        error::PageError,
        form::Params,
        live::{self, Event},
        session::{self, May},
    },
};

/// How often the store is asked for more.
const POLL: Duration = Duration::from_millis(300);
/// How often the session is looked at (S-25).
const SESSION: Duration = Duration::from_secs(3);
/// Lines held in memory at a time.
const BATCH: i64 = 200;

/// Where to go on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct After {
    after: String,
}

struct Tail {
    core: Data<Core>,
    by: May<ViewDevices>,
    job: JobId,
    session: SessionId,
    after: i64,
    waiting: VecDeque<Entry>,
    looked: Instant,
    is_over: bool,
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
    if *req.method() == Method::HEAD {
        return Ok(live::stream(stream::empty()));
    }
    let tail = Tail {
        core,
        by,
        job,
        session,
        after: live::resume_after(&req, Some(&from.after)),
        waiting: VecDeque::new(),
        looked: Instant::now(),
        is_over: false,
    };
    Ok(live::stream(stream::unfold(tail, step)))
}

/// The next event; the stream ends with the job, with the session, and on a fault (the browser comes back by itself).
async fn step(mut tail: Tail) -> Option<(Event, Tail)> {
    match tail.next().await {
        Ok(event) => event.map(|event| (event, tail)),
        Err(fault) => {
            tracing::warn!(job.id = %tail.job, error = %fault, "live log cut");
            None
        }
    }
}

impl Tail {
    async fn next(&mut self) -> Result<Option<Event>, Fault> {
        while !self.is_over {
            if let Some(entry) = self.waiting.pop_front() {
                self.after = entry.seq;
                return Ok(Some(told(&entry)));
            }
            if self.looked.elapsed() >= SESSION {
                self.looked = Instant::now();
                if !sign_in::is_alive(&self.core, self.session).await? {
                    return Ok(None);
                }
            }
            // The job first, then its lines: what is there when it has settled is all there will be.
            let job = jobs::find(&self.core, &self.by, self.job).await?;
            let settled = job.is_none_or(|job| is_settled(&job, self.core.now()));
            let fresh = jobs::entries(&self.core, &self.by, self.job, (self.after, BATCH)).await?;
            if fresh.is_empty() && settled {
                self.is_over = true;
                return Ok(Some(Event { id: None, name: "done", data: String::new() }));
            }
            if fresh.is_empty() {
                sleep(POLL).await;
            }
            self.waiting = fresh.into();
        }
        Ok(None)
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
        });
        assert_eq!((event.id, event.name), (Some(12), "line"));
        assert!(!event.data.contains('\n'), "{}", event.data);
        assert!(event.data.contains("\"seq\":12"), "{}", event.data);
    }
}
