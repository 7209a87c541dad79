//! HTTPS to a device: one request after the other on one connection, and answers that are whole or none.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use hyper::{
    Request, StatusCode,
    body::{Body, Incoming},
    client::conn::http1::{self, Connection, SendRequest},
    header::{CONTENT_ENCODING, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, LOCATION, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::{HostKeys, Limits, Log, Pace, Target, stream::Stream, tcp::timed_out, tls};
use crate::{
    domain::{
        device::Port,
        failure::{Failure, FailureClass, Stage},
    },
    platform::{Sent, visible},
};

/// What an answer begins with.
#[derive(Debug)]
pub struct Head {
    /// Its status, such as 200.
    pub status: StatusCode,
    /// Where it points to, without what stands behind the host's name; `None` where it points nowhere.
    pub points_to: Option<String>,
}

type Wire = Connection<TokioIo<TlsStream<Stream>>, String>;

/// A connection that is up.
struct Open {
    sender: SendRequest<String>,
    /// What moves the bytes; `None` once it is over.
    wire: Option<Pin<Box<Wire>>>,
}

impl Open {
    /// Does something on the connection.
    async fn drive<T>(wire: &mut Option<Pin<Box<Wire>>>, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if let Some(running) = wire {
            tokio::select! {
                biased;
                done = &mut work => return done,
                _ = running.as_mut() => {}
            }
            // What it had to say is with those who wait for it.
            *wire = None;
        }
        work.await
    }
}

/// Requests to one device. Dropping it ends the connection.
pub struct HttpsSession<'a> {
    target: Target,
    pace: Pace<'a>,
    host_keys: Arc<dyn HostKeys>,
    log: &'a dyn Log,
    limits: Limits,
    open: Option<Open>,
}

impl<'a> HttpsSession<'a> {
    /// Resolves, connects and has the certificate's key judged. Nothing is asked yet.
    pub async fn open(
        target: &Target,
        pace: Pace<'a>,
        host_keys: Arc<dyn HostKeys>,
        log: &'a dyn Log,
    ) -> Result<Self, Failure> {
        let (stream, whereto) = tls::open(target, pace, host_keys.as_ref(), log).await?;
        // A device that ends the connection between two requests is met again where it was met first.
        let target = target.at(&whereto);
        let open = Some(begin(stream).await?);
        Ok(Self { target, pace, host_keys, log, limits: Limits::default(), open })
    }

    /// The connection, a new one where the device has ended the last.
    async fn ready(&mut self) -> Result<Open, Failure> {
        let mut open = self.open.take();
        if let Some(Open { sender, wire }) = &mut open
            && Open::drive(wire, sender.ready()).await.is_err()
        {
            open = None;
        }
        if let Some(open) = open {
            return Ok(open);
        }
        let (stream, _) = tls::open(&self.target, self.pace, self.host_keys.as_ref(), self.log).await?;
        begin(stream).await
    }

    /// Sends a request and puts the body of the answer into `body`, as far as it comes. `name` is what it is called.
    /// A redirection is an answer like any other: it is not followed.
    ///
    /// # Errors
    /// No answer, one that is cut short of the length that it told, one that is longer than it may be, or silence.
    pub async fn ask(
        &mut self,
        (name, sent): (&str, &Sent),
        stage: Stage,
        body: &mut Vec<u8>,
    ) -> Result<Head, Failure> {
        let request = request(sent, &self.target).ok_or_else(|| {
            let text =
                format!("`{name}` cannot be sent: the account holds characters that no header may hold");
            Failure::new(FailureClass::Internal, stage, text)
        })?;
        let limit = self.pace.of(stage);
        self.limits.start_command();
        // Where something goes wrong it is dropped, and with it the connection.
        let mut open = self.ready().await?;
        let Open { sender, wire } = &mut open;
        let answer = timeout(limit, Open::drive(wire, sender.send_request(request))).await;
        let answer = answer.map_err(|_| timed_out(stage, limit, &format!("the answer to `{name}`")))?;
        let answer = answer.map_err(|error| unanswered(name, stage, &error))?;
        let (head, incoming) = answer.into_parts();
        if head.headers.get(CONTENT_ENCODING).is_some_and(|how| how != "identity") {
            let text = format!("the answer to `{name}` is compressed, and nobody asked for that");
            return Err(Failure::new(FailureClass::ErrorOutput, stage, text));
        }
        let told = head.headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()).map(str::to_owned);
        let reading = Reading { name, stage, limit, told, limits: &mut self.limits };
        reading.read(wire, incoming, body).await?;
        self.open = Some(open);
        Ok(Head { status: head.status, points_to: points_to(&head.headers) })
    }
}

async fn begin(stream: TlsStream<Stream>) -> Result<Open, Failure> {
    let (sender, wire) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| {
        Failure::new(FailureClass::ConnectionLost, Stage::Command, format!("no HTTP: {error}"))
    })?;
    Ok(Open { sender, wire: Some(Box::pin(wire)) })
}

/// `None` where something cannot stand in a header.
fn request(sent: &Sent, target: &Target) -> Option<Request<String>> {
    let host = target.host.trim_start_matches('[').trim_end_matches(']');
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let host = if target.port == Port::HTTPS.get() { host } else { format!("{host}:{}", target.port) };
    let mut request = Request::builder().method(sent.method).uri(&sent.path).header(HOST, host);
    request = request.header(USER_AGENT, "netraven");
    for (name, value) in &sent.headers {
        let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    request.body(sent.body.clone()).ok()
}

/// Scheme and host of where an answer points to; the rest may hold what is nobody's business.
fn points_to(headers: &HeaderMap) -> Option<String> {
    let location = String::from_utf8_lossy(headers.get(LOCATION)?.as_bytes()).into_owned();
    let origin = match location.split_once("//") {
        Some((scheme, rest)) => {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}//{host}")
        }
        None => "another page of its own".to_owned(),
    };
    Some(visible(&origin.chars().take(200).collect::<String>()))
}

/// The words for a request that no answer came to.
fn unanswered(name: &str, stage: Stage, error: &hyper::Error) -> Failure {
    if error.is_parse() {
        let text = format!("what came after `{name}` is no answer of a web server: {error}");
        return Failure::new(FailureClass::ErrorOutput, stage, text);
    }
    let text = format!("the connection broke off before the answer to `{name}`: {error}");
    Failure::new(FailureClass::ConnectionLost, stage, text)
}

/// The reading of one body.
struct Reading<'a> {
    name: &'a str,
    stage: Stage,
    limit: Duration,
    /// How long the device says that it is.
    told: Option<String>,
    limits: &'a mut Limits,
}

impl Reading<'_> {
    async fn read(
        self,
        wire: &mut Option<Pin<Box<Wire>>>,
        incoming: Incoming,
        body: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let Self { name, stage, limit, told, limits } = self;
        let mut incoming = pin!(incoming);
        loop {
            let next = poll_fn(|context| incoming.as_mut().poll_frame(context));
            let Ok(frame) = timeout(limit, Open::drive(wire, next)).await else {
                let waited = format!("more of the answer to `{name}`: {} bytes came", body.len());
                return Err(timed_out(stage, limit, &waited));
            };
            let Some(frame) = frame else { return Ok(()) };
            let frame = frame.map_err(|error| {
                let of = told.as_ref().map(|told| format!(" of {told}")).unwrap_or_default();
                let text =
                    format!("the answer to `{name}` was cut off after {}{of} bytes: {error}", body.len());
                Failure::new(FailureClass::Truncated, stage, text)
            })?;
            let Ok(data) = frame.into_data() else { continue };
            limits.take(stage, &data)?;
            body.extend_from_slice(&data);
        }
    }
}
