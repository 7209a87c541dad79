//! Plays a recording: in a shell with its prompts and pager, or one command at a time.

use super::{
    capture::{Capture, Exchange, echoes},
    fault::Fault,
    keyboard::{Echo, Keyboard},
    output::{Flow, Gone, Wire, stopped_early},
    seen::count,
};
use crate::domain::failure::Stage;

/// One shell that follows a recording.
struct Player<'a> {
    capture: &'a Capture,
    wire: Wire,
    keyboard: Keyboard,
    /// Where the recording goes on.
    at: usize,
    /// The last line that waits for input.
    prompt: Vec<u8>,
    /// Whether answers hold echo and prompt, or are bare as in exec channels.
    echoed: bool,
}

/// Talks as the recorded device did until one side has enough.
pub(super) async fn shell((wire, keyboard): (Wire, Keyboard), capture: &Capture) -> Result<(), Gone> {
    let prompt = last_line(capture.greeting()).to_vec();
    let echoed = capture.has_echo();
    let mut player = Player { capture, wire, keyboard, at: 0, prompt, echoed };
    player.wire.stall(Stage::Prompt).await?;
    player.raw(capture.greeting()).await?;
    while player.step().await? {}
    player.wire.close(0).await
}

impl Player<'_> {
    /// Reads one line or key and answers it; `false` ends the session.
    async fn step(&mut self) -> Result<bool, Gone> {
        let capture = self.capture;
        let next = capture.exchanges().get(self.at).map(|e| e.command.as_str()).unwrap_or_default();
        let alone = next.as_bytes().first().copied().filter(|_| next.len() == 1 && next != "\n");
        let echo = if self.echoed { Echo::Nothing } else { Echo::All };
        let line = self.keyboard.line_or(&mut self.wire, echo, |key| Some(key) == alone).await?;
        self.wire.pause(self.wire.state.latency()).await?;
        if alone.is_some() && line == next {
            return self.play(self.at).await;
        }
        let command = line.trim();
        if command.is_empty() {
            if next == "\n" {
                return self.play(self.at).await;
            }
            let prompt = self.prompt.clone();
            if self.echoed {
                self.raw(b"\n").await?;
            }
            return self.raw(&prompt).await.map(|()| true);
        }
        count(&self.wire.state.counters.commands);
        match capture.find(command, self.at) {
            Some(found) => self.play(found).await,
            None if asks_secret(&self.prompt) => self.play(self.at).await,
            None => self.unknown(command).await,
        }
    }

    /// Plays the exchange at `found`; `false` when the device hung up after it.
    async fn play(&mut self, found: usize) -> Result<bool, Gone> {
        let Some(exchange) = self.capture.exchanges().get(found) else {
            return Ok(true);
        };
        self.at = found.saturating_add(1);
        let leaving = matches!(exchange.command.trim(), "exit" | "quit" | "logout");
        if leaving {
            self.wire.stall(Stage::Logout).await?;
        }
        let last = last_line(&exchange.answer);
        let mut answer = exchange.answer.clone();
        if self.echoed {
            self.prompt = last.to_vec();
        } else {
            answer.push(b'\n');
            answer.extend_from_slice(&self.prompt);
        }
        if self.capture.is_configuration(found) {
            self.configuration(found, answer).await?;
        } else {
            self.raw(&answer).await?;
        }
        Ok(!leaving || (self.echoed && looks_like_prompt(last)))
    }

    async fn configuration(&mut self, found: usize, answer: Vec<u8>) -> Result<(), Gone> {
        let faults = self.wire.state.faults();
        let whole = answer.len();
        let before = self.capture.configuration_before(found);
        let mut text = stopped_early(&faults, answer, before.len());
        if text.len() < whole {
            text.extend_from_slice(&self.prompt);
        }
        let text = self.wire.line_ends(text);
        let sent = self.wire.line_ends(before).len();
        let mut flow = Flow::of(&faults, text.len()).behind(sent);
        if faults.has(&Fault::Endless) {
            return Err(self.wire.pour_forever(&mut flow).await);
        }
        self.wire.pour(&mut flow, &text).await
    }

    async fn unknown(&mut self, command: &str) -> Result<bool, Gone> {
        let leaving = matches!(command, "exit" | "quit" | "logout");
        if self.echoed {
            self.wire.raw(command.as_bytes()).await?;
            self.raw(b"\n").await?;
        }
        if leaving {
            self.wire.stall(Stage::Logout).await?;
            return Ok(false);
        }
        let complaint = self.capture.complaint(command, false);
        self.raw(complaint.as_bytes()).await?;
        let prompt = self.prompt.clone();
        self.raw(&prompt).await?;
        Ok(true)
    }

    async fn raw(&mut self, text: &[u8]) -> Result<(), Gone> {
        let bytes = self.wire.line_ends(text.to_vec());
        self.wire.raw(&bytes).await
    }
}

/// Answers one command of an exec channel from the recording and ends the channel.
pub(super) async fn exec(mut wire: Wire, capture: &Capture, command: &str) -> Result<(), Gone> {
    let Some(found) = capture.find(command, 0) else {
        let complaint = capture.complaint(command.trim(), true);
        wire.say(&complaint).await?;
        return wire.close(1).await;
    };
    let faults = wire.state.faults();
    let bare = capture.exchanges().get(found).map(|e| bare(capture, found, e)).unwrap_or_default();
    if capture.is_configuration(found) {
        let text = wire.line_ends(stopped_early(&faults, bare, 0));
        let mut flow = Flow::of(&faults, text.len());
        if faults.has(&Fault::Endless) {
            return Err(wire.pour_forever(&mut flow).await);
        }
        wire.pour(&mut flow, &text).await?;
    } else {
        let text = wire.line_ends(bare);
        wire.raw(&text).await?;
    }
    wire.stall(Stage::Logout).await?;
    wire.close(0).await
}

/// The answer without what only a shell shows: the echo, the prompt and the pager's stops.
fn bare(capture: &Capture, found: usize, exchange: &Exchange) -> Vec<u8> {
    let mut answer = exchange.answer.clone();
    if !capture.has_echo() {
        return answer;
    }
    for more in capture.exchanges().iter().skip(found.saturating_add(1)) {
        if more.command.ends_with('\n') {
            break;
        }
        answer.extend_from_slice(&more.answer);
    }
    let end = answer.len().saturating_sub(last_line(&answer).len());
    answer.truncate(end);
    if echoes(exchange) {
        let start = answer.iter().position(|&byte| byte == b'\n').map_or(0, |at| at.saturating_add(1));
        answer.drain(..start);
    }
    answer
}

fn last_line(text: &[u8]) -> &[u8] {
    text.rsplit(|&byte| byte == b'\n').next().unwrap_or_default()
}

fn looks_like_prompt(line: &[u8]) -> bool {
    matches!(line.trim_ascii_end().last(), Some(b'#' | b'>' | b'$' | b'%' | b']'))
}

fn asks_secret(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line).to_lowercase();
    text.contains("password") && text.trim_end().ends_with(':')
}
