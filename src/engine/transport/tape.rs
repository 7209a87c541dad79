//! Records what goes over a session's line: bounded, without the secrets that we send.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use crate::domain::{
    secret::Secret,
    transcript::{Piece, Transcript, Way},
};

/// What is kept of the beginning and of the end, in bytes each.
const HALF: usize = 4 << 20;

/// The longest stretch that is thrown away at once when the end grows too long.
const CHUNK: usize = 64 << 10;

/// Stands where a secret was.
const COVER: &str = "●●●";

/// The head of a private key's end; without its beginning nobody would know the lines before it for what they are.
const KEY_END: &str = "PRIVATE KEY-----";

type Stretch = (Way, Vec<u8>);

/// A running recording.
#[derive(Default)]
pub struct Tape {
    hidden: Vec<Secret>,
    reel: Mutex<Reel>,
    half: Option<usize>,
}

#[derive(Default)]
struct Reel {
    head: Vec<Stretch>,
    in_head: usize,
    tail: VecDeque<Stretch>,
    in_tail: usize,
    missing: usize,
}

impl Tape {
    /// A recording in which these secrets never appear.
    pub fn hiding(hidden: Vec<Secret>) -> Self {
        Self { hidden, ..Self::default() }
    }

    #[cfg(test)]
    fn short(hidden: Vec<Secret>, half: usize) -> Self {
        Self { half: Some(half), ..Self::hiding(hidden) }
    }

    /// Something was sent.
    pub fn sent(&self, bytes: &[u8]) {
        let text = self.covered(String::from_utf8_lossy(bytes).into_owned());
        self.push(Way::Sent, text.as_bytes());
    }

    /// Something came.
    pub fn received(&self, bytes: &[u8]) {
        self.push(Way::Received, bytes);
    }

    fn push(&self, way: Way, bytes: &[u8]) {
        let half = self.half.unwrap_or(HALF);
        let mut reel = self.reel.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = bytes.len().min(half.saturating_sub(reel.in_head));
        let (now, later) = bytes.split_at_checked(fits).unwrap_or((bytes, &[]));
        if !now.is_empty() {
            reel.in_head += now.len();
            match reel.head.last_mut().filter(|(last, _)| *last == way) {
                Some((_, stretch)) => stretch.extend_from_slice(now),
                None => reel.head.push((way, now.to_vec())),
            }
        }
        let chunk = CHUNK.min(half / 4).max(1);
        for piece in later.chunks(chunk) {
            reel.in_tail += piece.len();
            match reel.tail.back_mut().filter(|(last, stretch)| *last == way && stretch.len() < chunk) {
                Some((_, stretch)) => stretch.extend_from_slice(piece),
                None => reel.tail.push_back((way, piece.to_vec())),
            }
        }
        while reel.in_tail > half {
            let Some((_, lost)) = reel.tail.pop_front() else { break };
            reel.in_tail -= lost.len();
            reel.missing += lost.len();
        }
    }

    /// What was recorded, and the tape is empty again; `None` when nothing was.
    pub fn take(&self) -> Option<Transcript> {
        let reel = std::mem::take(&mut *self.reel.lock().unwrap_or_else(PoisonError::into_inner));
        if reel.in_head == 0 {
            return None;
        }
        let mut stretches = reel.head;
        let was_truncated = reel.missing > 0;
        if was_truncated {
            let (rest, dropped) = from_a_safe_place(reel.tail.into());
            let missing = reel.missing + dropped + to_a_safe_place(&mut stretches);
            let text =
                format!("{missing} bytes are missing here: the session was longer than what is kept of one");
            stretches.push((Way::Missing, text.into_bytes()));
            stretches.extend(rest);
        } else {
            stretches.extend(reel.tail);
        }
        let pieces = joined(stretches)
            .into_iter()
            .map(|(way, bytes)| Piece {
                way,
                text: self.covered(String::from_utf8_lossy(&bytes).into_owned()),
            })
            .collect();
        Some(Transcript { pieces, was_truncated })
    }

    fn covered(&self, mut text: String) -> String {
        for secret in self.hidden.iter().filter(|secret| !secret.is_empty()) {
            if text.contains(secret.expose()) {
                text = text.replace(secret.expose(), COVER);
            }
        }
        text
    }
}

/// Stretches that follow each other in one direction become one: a secret that came in two packets is found.
fn joined(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::new();
    for (way, bytes) in stretches {
        match joined.last_mut().filter(|(last, _)| *last == way) {
            Some((_, stretch)) => stretch.extend(bytes),
            None => joined.push((way, bytes)),
        }
    }
    joined
}

/// Cuts the head behind its last whole line: half a secret would not be known for one. Gives how many bytes that
/// takes away.
fn to_a_safe_place(head: &mut [Stretch]) -> usize {
    let Some((_, last)) = head.last_mut() else { return 0 };
    let end = last.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let dropped = last.len() - end;
    last.truncate(end);
    dropped
}

/// The tail from its first whole line on, and behind the end of a private key whose beginning is missing; what stood
/// before would not be known for a secret. Gives how many bytes that takes away.
fn from_a_safe_place(tail: Vec<Stretch>) -> (Vec<Stretch>, usize) {
    let mut tail = joined(tail);
    let Some((_, first)) = tail.first_mut() else { return (tail, 0) };
    let mut start = first.iter().position(|byte| *byte == b'\n').map_or(first.len(), |at| at + 1);
    let text = String::from_utf8_lossy(first);
    let ends = text.find("-----END ").filter(|end| text.find("-----BEGIN ").is_none_or(|begin| *end < begin));
    if ends.is_some_and(|end| text.get(end..).is_some_and(|rest| rest.contains(KEY_END))) {
        let end = b"-----END ";
        let at = first.windows(end.len()).position(|window| window == end).unwrap_or_default();
        let line = first.iter().skip(at).position(|byte| *byte == b'\n');
        start = start.max(line.map_or(first.len(), |line| at + line + 1));
    }
    first.drain(..start);
    (tail, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(tape: &Tape) -> String {
        tape.take().map(|it| it.as_text()).unwrap_or_default()
    }

    #[test]
    fn both_directions_are_told_in_order_and_without_our_secrets() {
        let tape = Tape::hiding(vec![Secret::new("hunter2"), Secret::new("")]);
        tape.received(b"Password: ");
        tape.sent(b"hunter2\n");
        tape.received(b"echo hun");
        tape.received(b"ter2\r\nsw1#");
        assert_eq!(told(&tape), "< Password: \n> ●●●\n> \n< echo ●●●\n< sw1#\n");
        assert!(tape.take().is_none(), "it is empty after that");
    }

    //
    #[test]
    fn of_a_long_session_head_and_tail_are_kept_and_the_middle_is_marked() {
        let tape = Tape::short(Vec::new(), 1_000);
        for line in 0..100_000 {
            tape.received(format!("line {line}\r\n").as_bytes());
        }
        let kept = tape.take().unwrap();
        assert!(kept.was_truncated && kept.bytes() < 2_200 && kept.bytes() > 1_500, "{}", kept.bytes());
        let text = kept.as_text();
        assert!(text.starts_with("< line 0\n") && text.contains("< line 99999\n"), "{text}");
        assert!(text.contains("bytes are missing here"));
    }

    #[test]
    fn a_tail_does_not_begin_within_a_secret() {
        let key = "c2VjcmV0\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\nend\n";
        let (rest, dropped) = from_a_safe_place(vec![(Way::Received, key.as_bytes().to_vec())]);
        assert_eq!((rest[0].1.as_slice(), dropped), (b"end\n".as_slice(), key.len() - 4));
        let (rest, _) = from_a_safe_place(vec![(Way::Received, b"ret\nnext\n".to_vec())]);
        assert_eq!(rest[0].1, b"next\n");
    }
}
