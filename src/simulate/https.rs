//! A firewall with PAN-OS's XML API: a key for name and password, and files for the key.
//!
//! HTTP's side of it is written down here by hand (RFC 9112), apart from the client that asks.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use super::{
    content,
    dice::Dice,
    fault::Fault,
    gate::{Gate, Switch},
    information,
    output::{Flow, Gone, Wire, stopped_early},
    personality::Show,
    seen::count,
    state::State,
};
use crate::domain::failure::Stage;

/// The longest request that is listened to.
const LONGEST: usize = 64 << 10;

/// The longest chunk of an answer in chunks.
const CHUNK: usize = 1000;

/// A request.
#[derive(Default)]
struct Asked {
    /// What the address and the body say, in this order.
    fields: Vec<(String, String)>,
    key: String,
}

impl Asked {
    fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The next request; `None` when the client has gone instead.
    async fn read(wire: &mut Wire) -> Result<Option<Self>, Gone> {
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            let Some(byte) = next(wire).await else { return Ok(None) };
            text.push(char::from(byte));
            if text.len() > LONGEST {
                return Err(Gone);
            }
        }
        let mut lines = text.lines();
        let address = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        let mut asked = Self::default();
        asked.fields.extend(fields(address.split_once('?').map_or("", |(_, query)| query)));
        let mut length = 0;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or(0_usize).min(LONGEST),
                "x-pan-key" => value.trim().clone_into(&mut asked.key),
                _ => {}
            }
        }
        let mut body = Vec::new();
        while body.len() < length {
            body.push(next(wire).await.ok_or(Gone)?);
        }
        asked.fields.extend(fields(&String::from_utf8_lossy(&body)));
        Ok(Some(asked))
    }
}

async fn next(wire: &mut Wire) -> Option<u8> {
    loop {
        if let Some(byte) = wire.inbox.next() {
            return Some(byte);
        }
        wire.inbox.more().await.ok()?;
    }
}

/// `a=b&c=d` taken apart, with `+` and `%20` read.
fn fields(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |it: Option<u8>| it.and_then(|it| char::from(it).to_digit(16)).unwrap_or(0);
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The key that the device gives for its account.
pub(super) fn key(hostname: &str) -> String {
    format!("LUFRPT{}=", Dice::seeded(&["api key", hostname], 0).base64(48))
}

/// Answers until one side has enough. The connection is the caller's to close.
pub(super) async fn talk(state: Arc<State>, switch: &Switch, gate: Gate) -> Result<(), Gone> {
    let settings = state.https().map_err(|_| Gone)?;
    let stream = TlsAcceptor::from(settings).accept(gate).await.map_err(|_| Gone)?;
    let mut wire = Wire::tls(Arc::clone(&state), switch.clone(), tokio::io::split(stream));
    while let Some(asked) = Asked::read(&mut wire).await? {
        wire.pause(state.latency()).await?;
        Server { state: &state, wire: &mut wire }.answer(&asked).await?;
        wire.flush().await?;
        if state.faults().has(&Fault::OneRequest) {
            break;
        }
    }
    wire.close(0).await
}

struct Server<'a> {
    state: &'a State,
    wire: &'a mut Wire,
}

impl Server<'_> {
    async fn answer(&mut self, asked: &Asked) -> Result<(), Gone> {
        if asked.field("type") == "keygen" {
            return self.keygen(asked).await;
        }
        count(&self.state.counters.commands);
        self.wire.stall(Stage::Prompt).await?;
        let faults = self.state.faults();
        let key = key(&self.state.device.hostname);
        if asked.key != key {
            return self.say("403 Forbidden", &error(403, "Invalid Credential")).await;
        }
        if faults.has(&Fault::Redirect) {
            let more = format!("Location: https://198.51.100.7/php/login.php?key={key}\r\n");
            return self.send(("302 Found", &more), b"<html>elsewhere</html>\n").await;
        }
        if let Some(status) = status(self.state) {
            let page = format!("<html><body>Status {status}, asked with the key {key}</body></html>\n");
            return self.say(&format!("{status} Told"), &page).await;
        }
        match (asked.field("type"), asked.field("category"), asked.field("cmd")) {
            ("export", "configuration", _) => self.configuration(asked).await,
            ("op", _, "<show><system><info></info></system></show>")
                if self.state.device.capture.is_none() =>
            {
                let info = information::panos(&self.state.device);
                self.say("200 OK", &info).await
            }
            _ => self.say("200 OK", &error(17, "Invalid command")).await,
        }
    }

    async fn keygen(&mut self, asked: &Asked) -> Result<(), Gone> {
        count(&self.state.counters.passwords);
        self.wire.stall(Stage::Auth).await?;
        let device = &self.state.device;
        let is_right =
            asked.field("user") == device.username && asked.field("password") == device.password.expose();
        if is_right && !self.state.faults().has(&Fault::WrongPassword) {
            count(&self.state.counters.sessions);
            let key = key(&device.hostname);
            let answer = format!("<response status = 'success'><result><key>{key}</key></result></response>");
            return self.say("200 OK", &answer).await;
        }
        let status = status(self.state).unwrap_or(403);
        self.say(&format!("{status} Told"), &error(403, "Invalid Credential")).await
    }

    async fn configuration(&mut self, asked: &Asked) -> Result<(), Gone> {
        let faults = self.state.faults();
        let text = match &self.state.device.capture {
            None => content::render(self.state, Show::default(), true),
            Some(capture) => {
                let command = format!("type=export&category={}", asked.field("category"));
                let found = capture.find(&command, 0).and_then(|at| capture.exchanges().get(at));
                found.map(|exchange| exchange.answer.clone()).unwrap_or_default()
            }
        };
        if faults.has(&Fault::Endless) {
            self.wire.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n").await?;
            return Err(self.wire.pour_forever(&mut Flow::of(&faults, 0)).await);
        }
        self.send(("200 OK", ""), &stopped_early(&faults, text, 0)).await
    }

    async fn say(&mut self, status: &str, text: &str) -> Result<(), Gone> {
        let (head, body) = self.framed((status, ""), text.as_bytes());
        self.wire.raw(head.as_bytes()).await?;
        self.wire.raw(&body).await
    }

    /// Sends an answer as the device's faults let it.
    async fn send(&mut self, head: (&str, &str), text: &[u8]) -> Result<(), Gone> {
        let (head, body) = self.framed(head, text);
        self.wire.raw(head.as_bytes()).await?;
        let mut flow = Flow::of(&self.state.faults(), body.len());
        self.wire.pour(&mut flow, &body).await
    }

    fn framed(&self, (status, more): (&str, &str), text: &[u8]) -> (String, Vec<u8>) {
        let faults = self.state.faults();
        let ends = if faults.has(&Fault::OneRequest) { "Connection: close\r\n" } else { "" };
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Type: application/xml; charset=UTF-8\r\n{ends}{more}");
        if !faults.has(&Fault::Chunked) {
            return (format!("{head}Content-Length: {}\r\n\r\n", text.len()), text.to_vec());
        }
        let mut body = Vec::new();
        for chunk in text.chunks(CHUNK) {
            body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n\r\n");
        (format!("{head}Transfer-Encoding: chunked\r\n\r\n"), body)
    }
}

fn status(state: &State) -> Option<usize> {
    state.faults().find(|fault| if let Fault::HttpStatus(status) = fault { Some(*status) } else { None })
}

fn error(code: u16, text: &str) -> String {
    format!("<response status = 'error' code = '{code}'><result><msg>{text}</msg></result></response>\n")
}
