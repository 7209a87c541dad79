//! The telnet protocol on a stream of bytes, without a socket: what of it is text, and what has to be answered.
//!
//! RFC 854 (commands, the network virtual terminal's ends of lines), RFC 855 (subnegotiation), RFC 857 and 858 (echo and
//! going ahead are the device's to do), RFC 1073 (the size of the screen), RFC 1091 (its type). All else is refused. What
//! comes may be cut anywhere, also inside a command.

use super::line::{COLUMNS, ROWS};

/// Bytes of the protocol (RFC 854, "TELNET COMMAND STRUCTURE").
const IAC: u8 = 255;
const DONT: u8 = 254;
const DO: u8 = 253;
const WONT: u8 = 252;
const WILL: u8 = 251;
const SB: u8 = 250;
const SE: u8 = 240;

/// Options that we know.
const ECHO: u8 = 1;
const SUPPRESS_GO_AHEAD: u8 = 3;
const TERMINAL_TYPE: u8 = 24;
const WINDOW_SIZE: u8 = 31;

/// In a subnegotiation about the terminal's type (RFC 1091).
const IS: u8 = 0;
const SEND: u8 = 1;

/// As the shell over SSH says, in the letters of RFC 1091.
const TERMINAL: &[u8] = b"VT100";

/// The longest subnegotiation; those that we know have two bytes.
const LONGEST_SUBNEGOTIATION: usize = 4 * 1024;

/// Answers after which a device is not asking but going round in circles; there are 256 options, and devices ask for ten.
const MOST_ANSWERS: usize = 512;

/// Why nothing more can be made of what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NvtError {
    /// A subnegotiation without an end.
    #[error("the device began to negotiate about an option and never came to an end (telnet, RFC 855)")]
    Endless,
    /// It asks again whatever the answer is.
    #[error("the device negotiates about options for ever (telnet, RFC 854)")]
    Circles,
}

/// Where in the protocol the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// Behind IAC.
    Command,
    /// Behind WILL, WONT, DO or DONT.
    Option(u8),
    /// In a subnegotiation.
    Subnegotiation,
    /// Behind IAC in one.
    SubnegotiationCommand,
}

/// Our side of a telnet connection.
#[derive(Debug)]
pub struct Nvt {
    state: State,
    /// A CR came; a NUL behind it is part of it.
    returned: bool,
    subnegotiation: Vec<u8>,
    /// Options that we do and that the device does.
    ours: Vec<u8>,
    theirs: Vec<u8>,
    answers: usize,
}

impl Nvt {
    /// A connection on which nobody has said anything.
    pub const fn new() -> Self {
        Self {
            state: State::Text,
            returned: false,
            subnegotiation: Vec::new(),
            ours: Vec::new(),
            theirs: Vec::new(),
            answers: 0,
        }
    }

    /// Takes what came apart: appends the text to `text` and what is to be sent back to `answers`.
    ///
    /// # Errors
    /// When the device negotiates without end. What was text before it is in `text`.
    pub fn decode(
        &mut self,
        bytes: &[u8],
        text: &mut Vec<u8>,
        answers: &mut Vec<u8>,
    ) -> Result<(), NvtError> {
        for &byte in bytes {
            match self.state {
                State::Text if byte == IAC => self.state = State::Command,
                State::Text => self.text(byte, text),
                State::Command => self.command(byte, text),
                State::Option(verb) => {
                    self.state = State::Text;
                    self.negotiate(verb, byte, answers)?;
                }
                State::Subnegotiation if byte == IAC => self.state = State::SubnegotiationCommand,
                State::Subnegotiation => self.collect(byte)?,
                State::SubnegotiationCommand => match byte {
                    IAC => {
                        self.state = State::Subnegotiation;
                        self.collect(byte)?;
                    }
                    SE => {
                        self.state = State::Text;
                        self.subnegotiated(answers)?;
                    }
                    // Its end got lost; what comes is a command of its own.
                    other => self.command(other, text),
                },
            }
        }
        Ok(())
    }

    /// CR NUL is a bare CR, and CR LF the end of a line (RFC 854, "THE NVT PRINTER AND KEYBOARD").
    fn text(&mut self, byte: u8, text: &mut Vec<u8>) {
        let is_padding = std::mem::replace(&mut self.returned, byte == b'\r') && byte == 0;
        if !is_padding {
            text.push(byte);
        }
    }

    fn command(&mut self, byte: u8, text: &mut Vec<u8>) {
        self.state = match byte {
            WILL | WONT | DO | DONT => State::Option(byte),
            SB => {
                self.subnegotiation.clear();
                State::Subnegotiation
            }
            IAC => {
                self.text(IAC, text);
                State::Text
            }
            // NOP, data mark, go ahead and the others are nothing to show.
            _ => State::Text,
        };
    }

    fn collect(&mut self, byte: u8) -> Result<(), NvtError> {
        if self.subnegotiation.len() >= LONGEST_SUBNEGOTIATION {
            return Err(NvtError::Endless);
        }
        self.subnegotiation.push(byte);
        Ok(())
    }

    /// Asking for what is so already is not answered, so that two sides cannot go round in circles (RFC 854, "GENERAL
    /// CONSIDERATIONS").
    fn negotiate(&mut self, verb: u8, option: u8, answers: &mut Vec<u8>) -> Result<(), NvtError> {
        let is_known = match verb {
            WILL => matches!(option, ECHO | SUPPRESS_GO_AHEAD),
            DO => matches!(option, SUPPRESS_GO_AHEAD | TERMINAL_TYPE | WINDOW_SIZE),
            _ => false,
        };
        let done = if matches!(verb, WILL | WONT) { &mut self.theirs } else { &mut self.ours };
        let at = done.iter().position(|known| *known == option);
        let answer = match (verb, at) {
            (WILL, None) if is_known => DO,
            (WILL, None) | (WONT, Some(_)) => DONT,
            (DO, None) if is_known => WILL,
            (DO, None) | (DONT, Some(_)) => WONT,
            _ => return Ok(()),
        };
        match at {
            Some(at) => {
                done.swap_remove(at);
            }
            None if is_known => done.push(option),
            None => {}
        }
        self.answer(&[IAC, answer, option], answers)?;
        if (verb, option) == (DO, WINDOW_SIZE) {
            let [wide, narrow] = COLUMNS.to_be_bytes();
            let [long, short] = ROWS.to_be_bytes();
            self.subnegotiate(WINDOW_SIZE, &[wide, narrow, long, short], answers)?;
        }
        Ok(())
    }

    /// The device asked for something in particular: only for the type of the terminal, of which there is one.
    fn subnegotiated(&mut self, answers: &mut Vec<u8>) -> Result<(), NvtError> {
        if self.subnegotiation == [TERMINAL_TYPE, SEND] && self.ours.contains(&TERMINAL_TYPE) {
            let mut is = vec![IS];
            is.extend_from_slice(TERMINAL);
            self.subnegotiate(TERMINAL_TYPE, &is, answers)?;
        }
        Ok(())
    }

    fn subnegotiate(&mut self, option: u8, what: &[u8], answers: &mut Vec<u8>) -> Result<(), NvtError> {
        let mut whole = vec![IAC, SB, option];
        for &byte in what {
            if byte == IAC {
                whole.push(IAC);
            }
            whole.push(byte);
        }
        whole.extend_from_slice(&[IAC, SE]);
        self.answer(&whole, answers)
    }

    fn answer(&mut self, whole: &[u8], answers: &mut Vec<u8>) -> Result<(), NvtError> {
        self.answers += 1;
        if self.answers > MOST_ANSWERS {
            return Err(NvtError::Circles);
        }
        answers.extend_from_slice(whole);
        Ok(())
    }
}

/// What is typed, as it goes over the line: Enter is CR LF, which every server takes (RFC 1123, 3.3.1), a bare CR has its
/// NUL, and a byte like IAC comes twice.
pub fn encode(keys: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(keys.len() + 2);
    let mut keys = keys.iter().copied().peekable();
    while let Some(key) = keys.next() {
        match key {
            b'\r' => {
                let is_enter = keys.next_if_eq(&b'\n').is_some();
                out.extend_from_slice(if is_enter { b"\r\n" } else { b"\r\0" });
            }
            b'\n' => out.extend_from_slice(b"\r\n"),
            IAC => out.extend_from_slice(&[IAC, IAC]),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests;
