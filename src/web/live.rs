//! Server-sent events: what is stored already, told as it comes.

use std::{convert::Infallible, fmt::Write as _, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
    web::Bytes,
};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const BEAT: Duration = Duration::from_secs(15);

/// One event. Its id is the number of a stored line, so that a browser can say where it left off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The line's number; `None` for events that cannot be resumed from.
    pub id: Option<i64>,
    /// `line` or `done`.
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

/// Streams `events` until they end or the browser leaves; a comment every 15 seconds keeps the line open.
pub fn stream<S>(events: S) -> HttpResponse
where
    S: Stream<Item = Event> + 'static,
{
    let mut beat = interval_at(Instant::now() + BEAT, BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let hello = stream::once(async { Ok(Bytes::from_static(b"retry: 2000\n\n")) });
    let rest = stream::unfold((Box::pin(events), beat), step);
    HttpResponse::Ok()
        .insert_header(("content-type", "text/event-stream; charset=utf-8"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")))
        .streaming(hello.chain(rest))
}

async fn step<S: Stream<Item = Event> + Unpin>(
    (mut events, mut beat): (S, Interval),
) -> Option<(Result<Bytes, Infallible>, (S, Interval))> {
    let bytes = tokio::select! {
        biased;
        event = events.next() => event?.wire(),
        _ = beat.tick() => Bytes::from_static(b": still here\n\n"),
    };
    Some((Ok(bytes), (events, beat)))
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
        let reply = stream(stream::iter([event, Event { id: None, name: "done", data: String::new() }]));
        assert_eq!(reply.headers().get("x-accel-buffering").unwrap(), "no");
        let text = body::to_bytes(reply.into_body()).await.ok().unwrap();
        assert_eq!(
            text,
            "retry: 2000\n\nid: 7\nevent: line\ndata: a\ndata: b\ndata: : c\n\nevent: done\ndata: \n\n"
        );
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
