//! What was sent and received in a session: bounded, with head and tail kept where it is too long.

use serde::{Deserialize, Serialize};

/// Which way a piece went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// To the device; secrets are covered before it is written down.
    Sent,
    /// From the device.
    Received,
    /// Neither: so much is left out here, in words.
    Missing,
}

/// A stretch of a session in one direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Which way.
    pub way: Way,
    /// What was said.
    pub text: String,
}

/// A session from its first word to its last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// In the order they were said.
    pub pieces: Vec<Piece>,
    /// Whether the middle is missing.
    pub was_truncated: bool,
}

impl Transcript {
    /// Length of what is kept, in bytes.
    pub fn bytes(&self) -> usize {
        self.pieces.iter().map(|piece| piece.text.len()).sum()
    }

    /// The whole as one text: a sign before each line tells which way it went, so that no device can forge it.
    pub fn as_text(&self) -> String {
        let mut text = String::with_capacity(self.bytes() + self.bytes() / 16);
        for piece in &self.pieces {
            let sign = match piece.way {
                Way::Sent => "> ",
                Way::Received => "< ",
                Way::Missing => "= ",
            };
            for line in piece.text.split('\n') {
                text.push_str(sign);
                text.push_str(line.strip_suffix('\r').unwrap_or(line));
                text.push('\n');
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_which_way_it_went() {
        let piece = |way, text: &str| Piece { way, text: text.to_owned() };
        let pieces = vec![
            piece(Way::Received, "sw1#"),
            piece(Way::Sent, "show run"),
            piece(Way::Received, "a\r\n> b"),
        ];
        let transcript = Transcript { pieces, was_truncated: false };
        assert_eq!(transcript.as_text(), "< sw1#\n> show run\n< a\n< > b\n");
        assert_eq!(transcript.bytes(), 4 + 8 + 6);
    }
}
