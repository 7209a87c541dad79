//! Telnet: a line without a sign-in of its own, without encryption, and without a way to know the device.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split},
    time::timeout,
};

use super::{
    Line, LineError, Log, Pace, Tape, Target,
    nvt::{self, Nvt},
    stream::Stream,
    tcp,
};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    platform::{LineEnding, Screen, visible},
};

/// What is read at once, in bytes.
const AT_ONCE: usize = 16 * 1024;

/// A terminal on a telnet connection. Dropping it ends the connection.
pub struct TelnetLine {
    reader: ReadHalf<Stream>,
    writer: WriteHalf<Stream>,
    nvt: Nvt,
    incoming: Vec<u8>,
    /// Text that came and was not shown yet.
    text: Vec<u8>,
    /// What waits to be sent.
    outgoing: VecDeque<u8>,
    tape: Option<Arc<Tape>>,
}

impl TelnetLine {
    /// Resolves and connects. The device speaks first, and asks for what it wants of us.
    pub async fn open(target: &Target, pace: Pace<'_>, log: &dyn Log) -> Result<Self, Failure> {
        let (stream, _) = tcp::connect(target, pace, log).await?;
        let (reader, writer) = split(stream);
        let text = "telnet: the password and the configuration cross the network in clear text, and nothing shows that this is the right device";
        log.say(Level::Warning, Stage::Connect, text);
        Ok(Self {
            reader,
            writer,
            nvt: Nvt::new(),
            incoming: Vec::with_capacity(AT_ONCE),
            text: Vec::new(),
            outgoing: VecDeque::new(),
            tape: log.tape(),
        })
    }

    async fn flush(&mut self) -> Result<(), LineError> {
        while !self.outgoing.is_empty() {
            self.writer.write_buf(&mut self.outgoing).await.map_err(|error| broken(&error))?;
        }
        Ok(())
    }
}

fn broken(error: &std::io::Error) -> LineError {
    LineError::Closed(format!("the connection broke off: {error}"))
}

impl Line for TelnetLine {
    async fn send(&mut self, bytes: &[u8]) -> Result<(), LineError> {
        if let Some(tape) = &self.tape {
            tape.sent(bytes);
        }
        self.outgoing.extend(nvt::encode(bytes));
        self.flush().await
    }

    async fn read_more(&mut self, screen: &mut Screen) -> Result<usize, LineError> {
        while self.text.is_empty() {
            self.incoming.clear();
            tokio::select! {
                read = self.reader.read_buf(&mut self.incoming) => {
                    if read.map_err(|error| broken(&error))? == 0 {
                        return Err(LineError::Closed("the device ended the connection".to_owned()));
                    }
                    let mut answers = Vec::new();
                    let decoded = self.nvt.decode(&self.incoming, &mut self.text, &mut answers);
                    self.outgoing.extend(answers);
                    decoded.map_err(|error| LineError::Closed(error.to_string()))?;
                }
                written = self.writer.write_buf(&mut self.outgoing), if !self.outgoing.is_empty() => {
                    written.map_err(|error| broken(&error))?;
                }
            }
        }
        if let Some(tape) = &self.tape {
            tape.received(&self.text);
        }
        screen.feed(&self.text);
        let count = self.text.len();
        self.text.clear();
        Ok(count)
    }

    async fn ended(&mut self) {
        loop {
            self.incoming.clear();
            let read = self.reader.read_buf(&mut self.incoming).await;
            if !read.is_ok_and(|count| count > 0) {
                return;
            }
        }
    }
}

/// Whether the device can be reached: connects and waits for its first words.
pub async fn greet(target: &Target, pace: Pace<'_>, log: &dyn Log) -> Result<String, Failure> {
    let start = Instant::now();
    let mut line = TelnetLine::open(target, pace, log).await?;
    let connected = start.elapsed().as_millis();
    let limit = pace.of(Stage::Banner);
    let mut screen = Screen::new(LineEnding::Lf);
    let spoke = timeout(limit, line.read_more(&mut screen)).await;
    let spoke = spoke.map_err(|_| tcp::timed_out(Stage::Banner, limit, "the device's first words"))?;
    spoke.map_err(|LineError::Closed(why)| Failure::new(FailureClass::ConnectionLost, Stage::Banner, why))?;
    let said = String::from_utf8_lossy(screen.text()).into_owned();
    let said = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let said: String = visible(said).chars().take(120).collect();
    let all = start.elapsed().as_millis();
    Ok(format!("connected in {connected} ms, `{said}` after {all} ms, by telnet"))
}
