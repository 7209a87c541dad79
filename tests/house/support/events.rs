//! Server-sent events as a browser reads them.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use reqwest::StatusCode;

use super::house::Visitor;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number, if it can be resumed from.
    pub id: Option<i64>,
    /// Its name.
    pub name: String,
    /// Its payload.
    pub data: String,
}

/// An open stream.
pub struct Events {
    bytes: BoxStream<'static, reqwest::Result<Vec<u8>>>,
    text: String,
    /// Comments so far.
    pub comments: usize,
}

impl Events {
    /// Opens a stream behind the line `last`, if there is one.
    pub async fn open(visitor: &Visitor, path: &str, last: Option<i64>) -> Self {
        let mut request = visitor.client().get(visitor.address(path)).header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), StatusCode::OK, "{path}");
        assert!(reply.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        let bytes = reply.bytes_stream().map(|piece| piece.map(|bytes| bytes.to_vec())).boxed();
        Self { bytes, text: String::new(), comments: 0 }
    }

    /// The next event; `None` when the stream has ended. Half a minute of silence is a failure.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                if let Some(event) = self.event(&block) {
                    return Some(event);
                }
            }
            let piece = tokio::time::timeout(Duration::from_secs(30), self.bytes.next()).await;
            match piece.expect("30 s of silence") {
                Some(Ok(piece)) => self.text.push_str(std::str::from_utf8(&piece).unwrap()),
                Some(Err(_)) | None => return None,
            }
        }
    }

    fn event(&mut self, block: &str) -> Option<Event> {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if block.starts_with(':') {
            self.comments += 1;
        }
        let name = field("event:")?.to_owned();
        let id = field("id:").map(|id| id.parse().unwrap());
        Some(Event { id, name, data: field("data:").unwrap_or_default().to_owned() })
    }

    /// The numbers of the lines up to the end or until `enough` came, and whether `done` came.
    pub async fn lines(&mut self, enough: usize) -> (Vec<i64>, bool) {
        let mut ids = Vec::new();
        while ids.len() < enough {
            match self.next().await {
                Some(event) if event.name == "line" => ids.extend(event.id),
                Some(event) => return (ids, event.name == "done"),
                None => return (ids, false),
            }
        }
        (ids, false)
    }
}
