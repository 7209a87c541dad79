//! A recorded device as it is on another day, under another name, behind another greeting, or with its pager left on.

use super::{Capture, Exchange};

/// How a device stops in the middle of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Pager<'a> {
    /// What it shows where it waits.
    pub shows: &'a str,
    /// The key that it waits for.
    pub key: &'a str,
    /// What takes `shows` off the screen, in front of what goes on.
    pub wipes: &'a str,
}

impl Capture {
    /// Puts `to` for `from` in all that the device says: the same one a day later, or one of another name.
    pub fn replace(&mut self, from: &str, to: &str) {
        let answers = self.exchanges.iter_mut().map(|exchange| &mut exchange.answer);
        for said in answers.chain([&mut self.greeting]) {
            let text = String::from_utf8_lossy(said);
            if text.contains(from) {
                *said = text.replace(from, to).into_bytes();
            }
        }
    }

    /// Says `text` in front of the first prompt, on lines of its own.
    pub fn greet_with(&mut self, text: &str) {
        let prompt =
            self.greeting.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at.saturating_add(1));
        self.greeting.splice(prompt..prompt, text.bytes());
    }

    /// The same device, whose every answer and greeting is what `change` makes of it.
    pub fn each_answer(&mut self, change: impl Fn(&[u8]) -> Vec<u8>) {
        let answers = self.exchanges.iter_mut().map(|exchange| &mut exchange.answer);
        for said in answers.chain([&mut self.greeting]) {
            *said = change(said);
        }
    }

    /// The same device, which knows none of these commands.
    #[must_use]
    pub fn without(mut self, commands: &[&str]) -> Self {
        let configuration: Vec<String> = self
            .configuration
            .iter()
            .filter_map(|at| self.exchanges.get(*at))
            .map(|it| it.command.clone())
            .collect();
        self.exchanges.retain(|exchange| !commands.contains(&exchange.command.trim()));
        let is_it = |exchange: &Exchange| configuration.contains(&exchange.command);
        self.configuration =
            self.exchanges.iter().enumerate().filter(|(_, it)| is_it(it)).map(|(at, _)| at).collect();
        self
    }

    /// The same device, stopping behind every `lines` lines of its configuration.
    #[must_use]
    pub fn paged(mut self, lines: usize, stop: Pager<'_>) -> Self {
        let Some(place) = self.configuration.first().copied().filter(|_| self.configuration.len() == 1)
        else {
            return self;
        };
        let Some(asked) = self.exchanges.get_mut(place) else { return self };
        let answer = std::mem::take(&mut asked.answer);
        let ended: Vec<&[u8]> = answer.split_inclusive(|&byte| byte == b'\n').collect();
        let mut pages: Vec<Vec<u8>> = ended.chunks(lines.max(1)).map(<[_]>::concat).collect();
        let last = pages.len().saturating_sub(1);
        for page in pages.iter_mut().take(last) {
            page.extend_from_slice(stop.shows.as_bytes());
        }
        let mut pages = pages.into_iter();
        asked.answer = pages.next().unwrap_or_default();
        let more = pages.map(|page| Exchange {
            command: stop.key.to_owned(),
            answer: [stop.wipes.as_bytes(), &page].concat(),
        });
        let behind = place.saturating_add(1);
        self.exchanges.splice(behind..behind, more);
        self
    }
}
