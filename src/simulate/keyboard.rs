//! The way in: what the client types, key by key and line by line.

use super::output::{Gone, Wire};

/// The longest line that is kept (bytes); the rest of a longer one is dropped.
const LONGEST: usize = 16 * 1024;

/// What the client sees of its own typing; nothing at all without a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    /// Everything.
    All,
    /// Only that the line ended, as for passwords.
    LineEnd,
    /// Nothing: the answer holds the echo.
    Nothing,
}

/// The reading side of one shell.
#[derive(Default)]
pub(super) struct Keyboard {
    after_return: bool,
}

impl Keyboard {
    /// The next key. CR, LF and CR LF are all one `\n`.
    pub(super) async fn key(&mut self, wire: &mut Wire) -> Result<u8, Gone> {
        loop {
            while let Some(key) = wire.inbox.next() {
                let second = key == b'\n' && std::mem::take(&mut self.after_return);
                self.after_return = key == b'\r';
                if !second {
                    return Ok(if key == b'\r' { b'\n' } else { key });
                }
            }
            wire.flush().await?;
            if wire.inbox.ended() {
                return Err(Gone);
            }
            wire.inbox.more().await?;
        }
    }

    /// The next line without its end.
    pub(super) async fn line(&mut self, wire: &mut Wire, echo: Echo) -> Result<String, Gone> {
        self.line_or(wire, echo, |_| false).await
    }

    /// The next line, or at its start one key for which `alone` says that it stands for itself.
    pub(super) async fn line_or(
        &mut self,
        wire: &mut Wire,
        echo: Echo,
        alone: impl Fn(u8) -> bool,
    ) -> Result<String, Gone> {
        let echo = if wire.terminal { echo } else { Echo::Nothing };
        let mut line = Vec::new();
        loop {
            match self.key(wire).await? {
                b'\n' => break,
                key if line.is_empty() && alone(key) => return Ok(char::from(key).to_string()),
                0x08 | 0x7f => {
                    if line.pop().is_some() && echo == Echo::All {
                        wire.raw(b"\x08 \x08").await?;
                    }
                }
                0x03 | 0x15 => line.clear(),
                key if key < b' ' => {}
                key => {
                    if line.len() < LONGEST {
                        line.push(key);
                    }
                    if echo == Echo::All {
                        wire.raw(&[key]).await?;
                    }
                }
            }
        }
        if echo != Echo::Nothing {
            wire.raw(b"\r\n").await?;
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}
