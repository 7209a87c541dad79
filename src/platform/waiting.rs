//! Where a device waits in the middle of an answer, and what it pushes in there by itself.

use super::{Platform, Screen};

/// What a device waits for before its answer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits<'p> {
    /// This key, at its pager.
    Page(&'p str),
    /// This line, at a question; what it said up to there is no part of its answer.
    Answer(&'p str),
}

impl Platform {
    /// What a device waits for that stands at `line`, where that is neither a prompt nor the end of what it had to say.
    pub fn waits(&self, line: &[u8]) -> Option<Waits<'_>> {
        if self.paging.pager.is_match(line) {
            return Some(Waits::Page(&self.paging.answer));
        }
        let question = self.questions.iter().find(|question| question.when.is_match(line));
        question.map(|question| Waits::Answer(&question.answer))
    }

    /// The line at which a device stands: the last one, or the one in front of what it has pushed in behind.
    pub fn standing_line<'s>(&self, screen: &'s Screen) -> &'s [u8] {
        match self.in_front(screen.text()) {
            Some(text) => text.rsplit(|&byte| byte == b'\n').next().unwrap_or_default(),
            None => screen.last_line(),
        }
    }

    /// Takes what was pushed in behind the line at which the device stands off the screen.
    pub fn take_back(&self, screen: &mut Screen) {
        if let Some(end) = self.in_front(screen.text()).map(<[u8]>::len) {
            screen.cut_back(end);
        }
    }

    /// Takes the pager off the screen once it is answered, unless the device does so.
    pub fn turn_page(&self, screen: &mut Screen) {
        self.take_back(screen);
        if self.paging.device_wipes {
            screen.expect_wiping();
        } else {
            screen.turn_page();
        }
    }

    /// An answer without what was pushed in between its lines, each with the line feed that a device begins it with.
    pub fn without_interjected(&self, text: Vec<u8>) -> Vec<u8> {
        let Some(interjected) = &self.interjected else { return text };
        let mut kept: Vec<&[u8]> = Vec::new();
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            if !interjected.is_match(line) {
                kept.push(line);
            } else if kept.last().is_some_and(|before| before.trim_ascii().is_empty()) {
                kept.pop();
            }
        }
        kept.concat()
    }

    /// The text up to the end of the line in front of what was pushed in last; `None` where its end is none of that.
    fn in_front<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let interjected = self.interjected.as_ref()?;
        let (mut rest, mut is_found) = (text, false);
        loop {
            let body = rest.strip_suffix(b"\n").unwrap_or(rest);
            let start = body.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            let (before, line) = body.split_at_checked(start)?;
            if interjected.is_match(line) {
                is_found = true;
            } else if !line.trim_ascii().is_empty() {
                return is_found.then_some(body);
            }
            if before.is_empty() {
                return is_found.then_some(before);
            }
            rest = before;
        }
    }
}
