//! The way out: few large packets, and the faults that change how the configuration arrives.

use std::{sync::Arc, time::Duration};

use russh::{Channel, ChannelWriteHalf, server::Msg};
use tokio::{
    io::{AsyncWriteExt, ReadHalf, WriteHalf},
    pin,
    time::sleep,
};
use tokio_rustls::server::TlsStream;

use super::{
    fault::{Fault, Faults},
    gate::{Gate, Switch},
    inbox::{Inbox, Source},
    state::State,
    telnet::{Ear, Mouth},
};
use crate::domain::failure::Stage;

/// The client is gone, or the connection was closed on purpose: nothing more to say.
#[derive(Debug)]
pub(super) struct Gone;

/// What is collected before it is sent although nobody waits yet (bytes).
const FULL: usize = 32 * 1024;
/// How often a dripping device sends.
const DROP: Duration = Duration::from_millis(50);

/// One channel or connection by telnet or HTTPS, as the device uses it. Collects what it says until somebody waits.
pub(super) struct Wire {
    pub(super) state: Arc<State>,
    pub(super) switch: Switch,
    /// Whether a terminal was asked for: echo, and CR LF line ends.
    pub(super) terminal: bool,
    pub(super) inbox: Inbox,
    voice: Voice,
    pending: Vec<u8>,
}

/// The sending side.
enum Voice {
    Channel(ChannelWriteHalf<Msg>),
    Telnet(Mouth),
    Tls(WriteHalf<TlsStream<Gate>>),
}

impl Voice {
    async fn say(&mut self, bytes: Vec<u8>) -> Result<(), Gone> {
        match self {
            Self::Channel(channel) => channel.data_bytes(bytes).await.map_err(|_| Gone),
            Self::Telnet(mouth) => mouth.say(&bytes).await,
            Self::Tls(stream) => {
                stream.write_all(&bytes).await.map_err(|_| Gone)?;
                stream.flush().await.map_err(|_| Gone)
            }
        }
    }
}

impl Wire {
    pub(super) fn new(state: Arc<State>, switch: Switch, terminal: bool, channel: Channel<Msg>) -> Self {
        let (incoming, channel) = channel.split();
        let (inbox, voice) = (Inbox::new(Source::Channel(incoming)), Voice::Channel(channel));
        Self { state, switch, terminal, inbox, voice, pending: Vec::new() }
    }

    /// A terminal on a telnet connection.
    pub(super) fn telnet(state: Arc<State>, switch: Switch, (ear, mouth): (Ear, Mouth)) -> Self {
        let (inbox, voice) = (Inbox::new(Source::Telnet(ear)), Voice::Telnet(mouth));
        Self { state, switch, terminal: true, inbox, voice, pending: Vec::new() }
    }

    /// A connection by HTTPS.
    pub(super) fn tls(
        state: Arc<State>,
        switch: Switch,
        (reader, writer): (ReadHalf<TlsStream<Gate>>, WriteHalf<TlsStream<Gate>>),
    ) -> Self {
        let (inbox, voice) = (Inbox::new(Source::Tls(reader)), Voice::Tls(writer));
        Self { state, switch, terminal: false, inbox, voice, pending: Vec::new() }
    }

    /// `text` with the line ends that the client sees.
    pub(super) fn line_ends(&self, text: Vec<u8>) -> Vec<u8> {
        if !self.terminal {
            return text;
        }
        let mut out = Vec::with_capacity(text.len() + text.len().div_euclid(16));
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(words) if !words.ends_with(b"\r") => {
                    out.extend_from_slice(words);
                    out.extend_from_slice(b"\r\n");
                }
                _ => out.extend_from_slice(line),
            }
        }
        out
    }

    /// Says `text` (LF line ends) soon.
    pub(super) async fn say(&mut self, text: &str) -> Result<(), Gone> {
        let bytes = self.line_ends(text.as_bytes().to_vec());
        self.raw(&bytes).await
    }

    /// Sends `bytes` as they are, soon.
    pub(super) async fn raw(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= FULL { self.flush().await } else { Ok(()) }
    }

    /// Sends what was collected.
    pub(super) async fn flush(&mut self) -> Result<(), Gone> {
        let owed = self.inbox.owed();
        if let Voice::Telnet(mouth) = &mut self.voice
            && !owed.is_empty()
        {
            mouth.command(&owed).await?;
        }
        if self.pending.is_empty() {
            return Ok(());
        }
        let Self { voice, inbox, pending, .. } = self;
        let sending = voice.say(std::mem::take(pending));
        pin!(sending);
        loop {
            tokio::select! {
                biased;
                sent = &mut sending => return sent,
                arrived = inbox.more() => arrived?,
            }
        }
    }

    /// The device thinks for `time`.
    pub(super) async fn pause(&mut self, time: Duration) -> Result<(), Gone> {
        if time.is_zero() {
            return Ok(());
        }
        self.flush().await?;
        let thinking = sleep(time);
        pin!(thinking);
        loop {
            tokio::select! {
                () = &mut thinking => return Ok(()),
                arrived = self.inbox.more() => arrived?,
            }
        }
    }

    /// Falls silent until the other side goes away.
    pub(super) async fn hold(&mut self) -> Gone {
        if self.flush().await.is_ok() {
            while self.inbox.more().await.is_ok() {}
        }
        Gone
    }

    /// Falls silent if the device has that fault.
    pub(super) async fn stall(&mut self, stage: Stage) -> Result<(), Gone> {
        if self.state.faults().stalls_at(stage) { Err(self.hold().await) } else { Ok(()) }
    }

    /// Sends a piece of the configuration, as far and as fast as the faults let it.
    pub(super) async fn pour(&mut self, flow: &mut Flow, bytes: &[u8]) -> Result<(), Gone> {
        let left = flow.left();
        if bytes.len() < left {
            return self.send(flow, bytes).await;
        }
        let part = bytes.get(..left).unwrap_or(bytes);
        let before = self.switch.written();
        self.send(flow, part).await?;
        self.flush().await?;
        if flow.cut.is_some_and(|cut| flow.sent >= cut) {
            self.drained(before, part.len()).await;
            self.switch.close();
            return Err(Gone);
        }
        Err(self.hold().await)
    }

    /// Prints for as long as anybody listens.
    pub(super) async fn pour_forever(&mut self, flow: &mut Flow) -> Gone {
        let block = self.line_ends(b"interface Loopback4094\n description without end\n!\n".repeat(600));
        loop {
            if self.pour(flow, &block).await.is_err() {
                return Gone;
            }
        }
    }

    async fn send(&mut self, flow: &mut Flow, bytes: &[u8]) -> Result<(), Gone> {
        flow.sent = flow.sent.saturating_add(bytes.len());
        let Some(rate) = flow.drip else {
            return self.raw(bytes).await;
        };
        for piece in bytes.chunks(rate.div_euclid(20).max(1)) {
            self.raw(piece).await?;
            self.pause(DROP).await?;
        }
        Ok(())
    }

    /// Waits until `count` bytes more than `before` went to the operating system, two seconds at most.
    async fn drained(&self, before: u64, count: usize) {
        let until = before.saturating_add(u64::try_from(count).unwrap_or(0));
        for _ in 0..400 {
            if self.switch.written() >= until {
                break;
            }
            sleep(Duration::from_millis(5)).await;
        }
        sleep(Duration::from_millis(10)).await;
    }

    /// Ends the channel, with `status` unless the device keeps it to itself.
    pub(super) async fn close(mut self, status: u32) -> Result<(), Gone> {
        self.flush().await?;
        let channel = match &mut self.voice {
            Voice::Channel(channel) => channel,
            // The connection goes with whoever holds it.
            Voice::Telnet(_) => return Ok(()),
            Voice::Tls(stream) => return stream.shutdown().await.map_err(|_| Gone),
        };
        if !self.state.faults().has(&Fault::NoExitStatus) {
            channel.exit_status(status).await.map_err(|_| Gone)?;
        }
        channel.eof().await.map_err(|_| Gone)?;
        channel.close().await.map_err(|_| Gone)
    }
}

/// How far one showing of the configuration has come, and how far it may.
pub(super) struct Flow {
    sent: usize,
    cut: Option<usize>,
    stall: Option<usize>,
    drip: Option<usize>,
}

impl Flow {
    /// For `total` bytes on a device with `faults`.
    pub(super) fn of(faults: &Faults, total: usize) -> Self {
        Self {
            sent: 0,
            cut: faults.find(|fault| if let Fault::Cut(bytes) = fault { Some(*bytes) } else { None }),
            stall: faults.stalls_at(Stage::Command).then(|| total.div_euclid(2)),
            drip: faults.find(|fault| if let Fault::Drip(rate) = fault { Some(*rate) } else { None }),
        }
    }

    /// The same where `sent` bytes of the configuration were sent before, in answers to other commands.
    pub(super) fn behind(mut self, sent: usize) -> Self {
        self.cut = self.cut.map(|cut| cut.saturating_sub(sent));
        self
    }

    fn left(&self) -> usize {
        let end = self.cut.unwrap_or(usize::MAX).min(self.stall.unwrap_or(usize::MAX));
        end.saturating_sub(self.sent)
    }
}

/// What is left of `text` when the device itself stops early (`cut-clean`), with `shown` bytes of the configuration before.
pub(super) fn stopped_early(faults: &Faults, mut text: Vec<u8>, shown: usize) -> Vec<u8> {
    let end = faults.find(|fault| if let Fault::CutClean(bytes) = fault { Some(*bytes) } else { None });
    if let Some(end) = end.and_then(|end| end.checked_sub(shown))
        && end < text.len()
    {
        text.truncate(end);
        if !text.ends_with(b"\n") {
            text.push(b'\n');
        }
    }
    text
}
