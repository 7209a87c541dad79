//! A device over telnet: its side of the protocol, and its questions before the first prompt.
//!
//! Written down from the servers' side (RFC 854, 855, 1091), apart from the client that talks to it.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};

use super::{
    device::Platform,
    fault::Fault,
    gate::{Gate, Switch},
    keyboard::{Echo, Keyboard},
    output::{Gone, Wire},
    seen::count,
    shell::{self, PASSWORD_BANNER},
    state::State,
};
use crate::domain::failure::Stage;

/// What a device says first: it will echo and not wait for its turn, and it wants to know the terminal's type, its size and
/// more than a client must know.
const OFFERS: &[u8] =
    &[255, 251, 1, 255, 251, 3, 255, 253, 24, 255, 253, 31, 255, 253, 39, 255, 253, 32, 255, 251, 5];

/// "I will tell my terminal's type", and the question for it.
const WILL_TELL_TYPE: [u8; 3] = [255, 251, 24];
const WHICH_TYPE: &[u8] = &[255, 250, 24, 1, 255, 240];

/// What `telnet-noise` puts between: nothing, go ahead, a data mark, options nobody has, and a status as long as a line.
const NOISE: &[&[u8]] = &[
    &[255, 241],
    &[255, 249],
    &[255, 242],
    &[255, 251, 200],
    &[255, 252, 200],
    &[255, 250, 5, 0, 251, 1, 255, 255, 13, 10, 35, 255, 240],
];

/// Bytes of text between two pieces of noise.
const NOISY_PIECE: usize = 23;

/// How often a wrong password may be given.
const TRIES: usize = 3;

/// The listening half of a connection.
pub(super) struct Ear {
    stream: ReadHalf<Gate>,
    buffer: Vec<u8>,
    /// A command that has begun: IAC and what followed.
    command: Vec<u8>,
    owed: Vec<u8>,
}

impl Ear {
    /// What was typed in the next packet. Safe to drop half way.
    pub(super) async fn more(&mut self) -> Result<Vec<u8>, Gone> {
        self.buffer.clear();
        if self.stream.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
            return Err(Gone);
        }
        let mut typed = Vec::new();
        for byte in std::mem::take(&mut self.buffer) {
            self.hear(byte, &mut typed);
        }
        Ok(typed)
    }

    fn hear(&mut self, byte: u8, typed: &mut Vec<u8>) {
        if self.command.is_empty() && byte != 255 {
            typed.push(byte);
            return;
        }
        self.command.push(byte);
        let is_over = match self.command.as_slice() {
            [255, 255] => {
                typed.push(255);
                true
            }
            [255, 251..=254] => false,
            [255, 250, .., 255, 240] => true,
            [255, 250, ..] => self.command.len() > 200,
            [255, _] | [255, _, _] => true,
            _ => false,
        };
        if is_over {
            if self.command == WILL_TELL_TYPE {
                self.owed.extend_from_slice(WHICH_TYPE);
            }
            self.command.clear();
        }
    }

    /// What is to be said in answer, once.
    pub(super) fn owed(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.owed)
    }
}

fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        out.extend_from_slice(if byte == 255 { &[255, 255] } else { std::slice::from_ref(&byte) });
    }
    out
}

/// The speaking half of a connection.
pub(super) struct Mouth {
    stream: WriteHalf<Gate>,
    is_noisy: bool,
}

impl Mouth {
    /// Sends text; a byte like IAC comes twice.
    pub(super) async fn say(&mut self, text: &[u8]) -> Result<(), Gone> {
        if !self.is_noisy {
            return self.command(&escaped(text)).await;
        }
        for (piece, noise) in text.chunks(NOISY_PIECE).zip(NOISE.iter().cycle()) {
            let (head, tail) = noise.split_at(noise.len().div_euclid(2));
            self.command(&escaped(piece)).await?;
            self.command(head).await?;
            self.command(tail).await?;
        }
        Ok(())
    }

    /// Sends bytes as they are.
    pub(super) async fn command(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.stream.write_all(bytes).await.map_err(|_| Gone)?;
        self.stream.flush().await.map_err(|_| Gone)
    }
}

/// What a device says and asks before anybody is in.
struct Words {
    greeting: String,
    name: String,
    password: &'static str,
    refused: &'static str,
}

fn words(state: &State) -> Words {
    let host = &state.device.hostname;
    let (greeting, name, password, refused) = match state.device.platform {
        Platform::CiscoIos => (
            "\nUser Access Verification\n\n".into(),
            "Username: ".into(),
            "Password: ",
            "% Login invalid\n\n",
        ),
        Platform::AristaEos => {
            (String::new(), format!("{host} login: "), "Password: ", "Login incorrect\n\n")
        }
        Platform::JuniperJunos => {
            (format!("\n{host} (ttyp0)\n\n"), "login: ".into(), "Password:", "Login incorrect\n")
        }
        Platform::MikrotikRouteros => (
            "\nMikroTik v7.16.2 (stable)\n".into(),
            "Login: ".into(),
            "Password: ",
            "Login failed, incorrect username or password\n\n",
        ),
        Platform::Frr => {
            ("\nUser Access Verification\n\n".into(), "Username: ".into(), "Password: ", "% Bad password\n")
        }
        Platform::Linux | Platform::PaloaltoPanosApi => {
            ("Debian GNU/Linux 12\n".into(), format!("{host} login: "), "Password: ", "\nLogin incorrect\n")
        }
    };
    Words { greeting, name, password, refused }
}

/// Talks until one side has enough. The connection is the caller's to close.
pub(super) async fn talk(state: Arc<State>, switch: &Switch, gate: Gate) -> Result<(), Gone> {
    let (reader, writer) = tokio::io::split(gate);
    let ear = Ear { stream: reader, buffer: Vec::new(), command: Vec::new(), owed: Vec::new() };
    let mut mouth = Mouth { stream: writer, is_noisy: state.faults().has(&Fault::TelnetNoise) };
    mouth.command(OFFERS).await?;
    let mut wire = Wire::telnet(Arc::clone(&state), switch.clone(), (ear, mouth));
    let mut keyboard = Keyboard::default();
    wire.stall(Stage::KeyExchange).await?;
    if sign_in(&state, &mut wire, &mut keyboard).await? {
        count(&state.counters.sessions);
        wire.stall(Stage::Shell).await?;
        shell::run(wire, keyboard).await?;
    }
    Ok(())
}

/// Asks for name and password; `false` when the device has heard enough.
async fn sign_in(state: &State, wire: &mut Wire, keyboard: &mut Keyboard) -> Result<bool, Gone> {
    let (faults, words) = (state.faults(), words(state));
    if faults.has(&Fault::BannerPassword) {
        wire.say(PASSWORD_BANNER).await?;
    }
    wire.say(&words.greeting).await?;
    for _ in 0..TRIES {
        let is_known = if faults.has(&Fault::NoUsername) {
            true
        } else {
            wire.raw(words.name.as_bytes()).await?;
            keyboard.line(wire, Echo::All).await? == state.device.username
        };
        wire.raw(words.password.as_bytes()).await?;
        let echo = if faults.has(&Fault::EchoPassword) { Echo::All } else { Echo::LineEnd };
        let typed = keyboard.line(wire, echo).await?;
        count(&state.counters.passwords);
        wire.pause(state.latency()).await?;
        wire.stall(Stage::Auth).await?;
        if is_known && typed == state.device.password.expose() && !faults.has(&Fault::WrongPassword) {
            return Ok(true);
        }
        if faults.has(&Fault::HangUp) {
            return Ok(false);
        }
        wire.say(words.refused).await?;
    }
    wire.flush().await?;
    Ok(false)
}
