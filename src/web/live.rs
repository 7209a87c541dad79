//! Server-sent events: what is stored already, told as it comes.

use std::{convert::Infallible, fmt::Write as _, pin::Pin, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
    web::Bytes,
};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const BEAT: Duration = Duration::from_secs(15);

/// One event. Its id is the number of a stored line, so that a browser can say where it left off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The line's number; `None` for events that cannot be resumed from.
    pub id: Option<i64>,
    /// `line`, `done` or `server-restarting`.
    pub name: &'static str,
    /// The payload; may have several lines.
    pub data: String,
}

impl Event {
    /// The event as it goes over the wire.
    fn wire(&self) -> Bytes {
        let mut text = String::with_capacity(self.data.len().saturating_add(48));
        // writing to a String cannot fail
        if let Some(id) = self.id {
            let _ = writeln!(text, "id: {id}");
        }
        let _ = writeln!(text, "event: {}", self.name);
        for line in self.data.split(['\n', '\r']) {
            let _ = writeln!(text, "data: {line}");
        }
        text.push('\n');
        Bytes::from(text)
    }
}

/// What a stream ends with when the process stops: the browser comes back in a while, and says so meanwhile.
const RESTARTING: &[u8] = b"retry: 3000\nevent: server-restarting\ndata: 3000\n\n";

struct Open<S> {
    events: Pin<Box<S>>,
    beat: Interval,
    stopping: CancellationToken,
    is_over: bool,
}

/// Streams `events` until they end, the browser leaves or the process stops; a comment every 15 seconds keeps the line
/// open. Nothing is asked of `events` before the browser has taken what there was.
pub fn stream<S>(events: S, stopping: CancellationToken) -> HttpResponse
where
    S: Stream<Item = Event> + 'static,
{
    beating(events, stopping, BEAT)
}

fn beating<S>(events: S, stopping: CancellationToken, every: Duration) -> HttpResponse
where
    S: Stream<Item = Event> + 'static,
{
    let mut beat = interval_at(Instant::now() + every, every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let hello = stream::once(async { Ok(Bytes::from_static(b"retry: 2000\n\n")) });
    let open = Open { events: Box::pin(events), beat, stopping, is_over: false };
    HttpResponse::Ok()
        .insert_header(("content-type", "text/event-stream; charset=utf-8"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")))
        .streaming(hello.chain(stream::unfold(open, step)))
}

async fn step<S: Stream<Item = Event>>(mut open: Open<S>) -> Option<(Result<Bytes, Infallible>, Open<S>)> {
    if open.is_over {
        return None;
    }
    let bytes = tokio::select! {
        biased;
        () = open.stopping.cancelled() => {
            open.is_over = true;
            Bytes::from_static(RESTARTING)
        }
        event = open.events.next() => event?.wire(),
        _ = open.beat.tick() => Bytes::from_static(b": still here\n\n"),
    };
    Some((Ok(bytes), open))
}

/// The number of the last line the browser has: what it says after a reconnect, or `after` on first contact.
pub fn resume_after(req: &HttpRequest, after: Option<&str>) -> i64 {
    let header = req.headers().get(LAST_EVENT_ID).and_then(|value| value.to_str().ok());
    header.or(after).and_then(|text| text.trim().parse().ok()).filter(|number| *number >= 0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use actix_web::{body, test::TestRequest};

    use super::*;

    #[actix_web::test]
    async fn an_event_goes_out_as_the_standard_says() {
        let event = Event { id: Some(7), name: "line", data: "a\nb\r: c".into() };
        let events = stream::iter([event, Event { id: None, name: "done", data: String::new() }]);
        let reply = stream(events, CancellationToken::new());
        assert_eq!(reply.headers().get("x-accel-buffering").unwrap(), "no");
        let text = body::to_bytes(reply.into_body()).await.ok().unwrap();
        assert_eq!(
            text,
            "retry: 2000\n\nid: 7\nevent: line\ndata: a\ndata: b\ndata: : c\n\nevent: done\ndata: \n\n"
        );
    }

    #[actix_web::test]
    async fn silence_is_broken_by_comments_and_the_end_of_the_process_is_told() {
        let stopping = CancellationToken::new();
        let stop = stopping.clone();
        let events = stream::once(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stop.cancel();
            Event { id: Some(1), name: "line", data: "the last".into() }
        });
        // What would come behind it is not waited for.
        let events = events.chain(stream::pending());
        let reply = beating(events, stopping, Duration::from_millis(30));
        let text = body::to_bytes(reply.into_body()).await.ok().unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(text.starts_with("retry: 2000\n\n: still here\n\n: still here\n\n"), "{text}");
        let end =
            "id: 1\nevent: line\ndata: the last\n\nretry: 3000\nevent: server-restarting\ndata: 3000\n\n";
        assert!(text.ends_with(end), "{text}");
        assert_eq!(BEAT, Duration::from_secs(15));
    }

    #[test]
    fn the_browser_says_where_it_left_off() {
        let req = |id| TestRequest::default().insert_header((LAST_EVENT_ID, id)).to_http_request();
        assert_eq!(resume_after(&req("12"), Some("3")), 12);
        assert_eq!(resume_after(&req("x"), None), 0);
        assert_eq!(resume_after(&req("-4"), None), 0);
        assert_eq!(resume_after(&TestRequest::default().to_http_request(), Some("3")), 3);
    }
}
