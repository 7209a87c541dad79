//! What a terminal would have shown, as bytes.
//!
//! A device draws on a terminal: it ends lines with CR LF, paints a pager and wipes it with blanks, moves the
//! cursor and colours. The screen takes the bytes as they come, in pieces of any size, and keeps what is left
//! standing.

mod state;

use super::LineEnding;
use state::State;

/// The last column that a device may put the cursor into: no terminal of ours is wider.
const WIDEST: usize = 4_096;

/// A terminal without width and height that remembers every line.
#[derive(Debug)]
pub struct Screen {
    out: Vec<u8>,
    /// Where the last line starts.
    line: usize,
    /// Where the next byte goes.
    at: usize,
    state: State,
    /// A CR came and what follows is not known yet.
    returned: bool,
    /// A pager stood on the last line and was answered: blanks there are what the device wipes it with.
    turned: bool,
    ending: LineEnding,
}

impl Screen {
    /// An empty screen that ends its lines as `ending` says.
    pub fn new(ending: LineEnding) -> Self {
        let state = State::Ground;
        Self { out: Vec::new(), line: 0, at: 0, state, returned: false, turned: false, ending }
    }

    /// Everything shown since the screen was taken last.
    pub fn text(&self) -> &[u8] {
        &self.out
    }

    /// The last line: behind the last line feed.
    pub fn last_line(&self) -> &[u8] {
        self.out.get(self.line..).unwrap_or_default()
    }

    /// Everything before the last line.
    pub fn finished_lines(&self) -> &[u8] {
        self.out.get(..self.line).unwrap_or_default()
    }

    /// Hands everything over and starts empty; a sequence that is under way goes on.
    pub fn take(&mut self) -> Vec<u8> {
        (self.line, self.at, self.turned) = (0, 0, false);
        std::mem::take(&mut self.out)
    }

    /// Wipes the last line, on which a pager was answered.
    pub fn turn_page(&mut self) {
        self.wipe_last_line();
        self.expect_wiping();
    }

    /// The device is about to take an answered pager off the last line by itself.
    pub fn expect_wiping(&mut self) {
        self.turned = true;
    }

    /// Wipes the last line: a question that was answered.
    pub fn wipe_last_line(&mut self) {
        self.out.truncate(self.line);
        self.at = self.line;
    }

    /// Takes everything off that came behind the first `end` bytes, and goes on writing there.
    pub fn cut_back(&mut self, end: usize) {
        self.out.truncate(end);
        self.line = self.out.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        self.at = self.out.len();
        self.returned = false;
    }

    /// Shows `bytes`.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.state == State::Ground && !self.returned {
                let plain = rest.iter().position(|&byte| is_special(byte)).unwrap_or(rest.len());
                let (run, behind) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
                self.write(run);
                rest = behind;
                if let Some(behind) = rest.strip_prefix(b"\r\n") {
                    self.returned = true;
                    self.end_line();
                    rest = behind;
                    continue;
                }
            }
            if let Some((&byte, behind)) = rest.split_first() {
                self.step(byte);
                rest = behind;
            }
        }
    }

    fn step(&mut self, byte: u8) {
        match self.state {
            State::Ground => self.ground(byte),
            State::Designation => {
                self.state = if (0x20..=0x2f).contains(&byte) { State::Designation } else { State::Ground };
            }
            State::Control { number, second, more } => self.control(byte, (number, second), more),
            State::String => match byte {
                0x07 => self.state = State::Ground,
                0x1b => self.state = State::StringEscape,
                b'\n' | b'\r' => {
                    self.state = State::Ground;
                    self.ground(byte);
                }
                _ => {}
            },
            State::StringEscape if byte == b'\\' => self.state = State::Ground,
            State::StringEscape | State::Escape => self.escape(byte),
        }
    }

    fn ground(&mut self, byte: u8) {
        match byte {
            b'\r' => self.returned = true,
            b'\n' => self.end_line(),
            0x00 | 0x01 | 0x07 | 0x10 | 0x7f => {}
            0x1b => {
                self.carry_out_return();
                self.state = State::Escape;
            }
            0x08 => {
                self.carry_out_return();
                self.back();
            }
            _ => {
                self.carry_out_return();
                self.write(&[byte]);
            }
        }
    }

    fn escape(&mut self, byte: u8) {
        self.state = match byte {
            b'[' => State::Control { number: 0, second: None, more: false },
            b']' | b'P' | b'^' | b'_' | b'X' => State::String,
            0x20..=0x2f => State::Designation,
            0x1b => State::Escape,
            b'E' => {
                self.end_line();
                State::Ground
            }
            _ => State::Ground,
        };
        if matches!(byte, b'\n' | b'\r') {
            self.ground(byte);
        }
    }

    fn control(&mut self, byte: u8, (number, second): (usize, Option<usize>), more: bool) {
        match byte {
            b'0'..=b'9' if !more => {
                let digit =
                    |so_far: usize| so_far.saturating_mul(10).saturating_add(usize::from(byte - b'0'));
                self.state = match second {
                    Some(second) => State::Control { number, second: Some(digit(second)), more },
                    None => State::Control { number: digit(number), second, more },
                };
            }
            b';' if second.is_none() => self.state = State::Control { number, second: Some(0), more },
            0x20..=0x3f => self.state = State::Control { number, second, more: true },
            0x40..=0x7e => {
                self.state = State::Ground;
                self.move_cursor(byte, number, second.unwrap_or_default());
            }
            _ => {
                self.state = State::Ground;
                self.ground(byte);
            }
        }
    }

    /// The few sequences that decide about what is left standing; colours and modes do not.
    fn move_cursor(&mut self, last: u8, number: usize, column: usize) {
        match last {
            b'K' if number == 2 => self.wipe_last_line(),
            b'K' | b'J' if number == 0 => self.out.truncate(self.at),
            b'J' => self.wipe_last_line(),
            b'D' => self.at = self.at.saturating_sub(number.max(1)).max(self.line),
            b'G' => self.go_to(number.saturating_sub(1)),
            b'H' | b'f' => self.go_to(column.saturating_sub(1)),
            b'C' => {
                for _ in 0..number.clamp(1, 1000) {
                    if self.at < self.out.len() {
                        self.at += 1;
                    } else {
                        self.write(b" ");
                    }
                }
            }
            _ => {}
        }
        if self.at == self.line {
            self.forget_blanks();
        }
    }

    /// Puts the cursor so many characters behind the start of the last line, over blanks where nothing stands yet. Only the
    /// last line is a line of ours, whatever row a device names.
    fn go_to(&mut self, column: usize) {
        let end = self.line + column.min(WIDEST);
        while self.out.len() < end {
            self.out.push(b' ');
        }
        self.at = end;
    }

    fn carry_out_return(&mut self) {
        if std::mem::take(&mut self.returned) {
            self.at = self.line;
            self.forget_blanks();
        }
    }

    /// A line of blanks with the cursor at its start is a wiped line.
    fn forget_blanks(&mut self) {
        if self.last_line().iter().all(|&byte| byte == b' ') {
            self.wipe_last_line();
        }
    }

    fn end_line(&mut self) {
        // The line that a page begins with may be empty, and the CR that ends the wiping that of its end.
        if std::mem::take(&mut self.turned) {
            self.forget_blanks();
        }
        if std::mem::take(&mut self.returned) && self.ending == LineEnding::AsSent {
            self.out.push(b'\r');
        }
        self.out.push(b'\n');
        self.line = self.out.len();
        self.at = self.line;
    }

    /// Takes the character before the cursor away: devices wipe with backspace, blank, backspace.
    fn back(&mut self) {
        while self.at > self.line {
            self.at -= 1;
            let taken = self.out.remove(self.at);
            // A character of several bytes goes as a whole.
            if taken & 0xc0 != 0x80 {
                break;
            }
        }
    }

    fn write(&mut self, run: &[u8]) {
        if self.at == self.out.len() && !self.turned {
            self.out.extend_from_slice(run);
            if let Some(feed) = run.iter().rposition(|&byte| byte == b'\n') {
                self.line = self.out.len() - (run.len() - feed - 1);
            }
            self.at = self.out.len();
            return;
        }
        for &byte in run {
            match self.out.get_mut(self.at) {
                _ if byte == b'\n' => self.end_line(),
                Some(place) => {
                    *place = byte;
                    self.at += 1;
                }
                None => {
                    self.out.push(byte);
                    self.at += 1;
                }
            }
        }
    }
}

/// Bytes that are more than something to show; LF is not among them.
fn is_special(byte: u8) -> bool {
    matches!(byte, 0x00 | 0x01 | 0x07 | 0x08 | 0x10 | b'\r' | 0x1b | 0x7f)
}
