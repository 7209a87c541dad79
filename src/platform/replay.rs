//! A recorded session heard again: which rule knows each line at which the device waited, and what the configuration is
//! by these rules.

use super::{
    Capture, Channel, MaskKey, Platform, Prompt, Screen, Waits, mask_generic, visible, without_echo,
};
use crate::domain::{
    backup::count_lines,
    replay::{Heard, Line, Replay},
    transcript::{Transcript, Way},
};

/// A text with secrets covered by each of these rules and by those for all, and control characters visible: by the rules of
/// today as well where new ones are looked at, which may cover less.
pub fn masked_by(rules: &[&Platform], text: &str, key: &MaskKey) -> String {
    let masked = rules.iter().fold(text.to_owned(), |text, platform| platform.masked(text.as_bytes(), key));
    visible(&mask_generic(&masked, key)).trim_end_matches('\n').to_owned()
}

/// The same with secrets covered, by each of these rules and by those for all, and control characters visible.
pub fn masked_replay(mut replay: Replay, by: &[&Platform], key: &MaskKey) -> Replay {
    let cover = |text: &str| masked_by(by, text, key);
    for heard in &mut replay.heard {
        heard.sent = visible(&heard.sent);
        heard.last_line = cover(&heard.last_line);
        heard.complaint = heard.complaint.as_deref().map(cover);
    }
    replay.configuration = replay.configuration.map(|it| it.map_err(|why| cover(&why)));
    replay
}

fn known(platform: &Platform, line: &[u8]) -> Line {
    let login = platform.login();
    if line.is_empty() {
        Line::Unknown
    } else if platform.banner(line).is_some() {
        Line::Banner
    } else if let Some(waits) = platform.waits(line) {
        match waits {
            Waits::Page(_) => Line::Pager,
            Waits::Answer(_) => Line::Question,
        }
    } else if platform.enable().is_some_and(|enable| enable.password.is_match(line))
        || login.password.is_match(line)
    {
        Line::Password
    } else if login.username.is_match(line) {
        Line::Username
    } else if platform.enable().is_some_and(|enable| enable.needed.is_match(line)) {
        Line::EnableNeeded
    } else if platform.prompt().is_match(line) {
        Line::Prompt
    } else {
        Line::Unknown
    }
}

/// Hears a session again. Nothing is sent, so what the device would have said to other commands stays unknown.
pub fn replay(platform: &Platform, transcript: &Transcript) -> Replay {
    let mut session = Session {
        platform,
        screen: Screen::new(platform.line_ending()),
        sent: String::new(),
        prompt: Prompt::learned(b""),
        replay: Replay { heard: Vec::new(), configuration: None },
    };
    for piece in &transcript.pieces {
        match piece.way {
            Way::Received => session.screen.feed(piece.text.as_bytes()),
            Way::Sent => session.answered(&piece.text),
            Way::Missing => {}
        }
    }
    session.answered("");
    session.replay
}

/// A session as far as it was heard.
struct Session<'a> {
    platform: &'a Platform,
    screen: Screen,
    /// What the text on the screen is the answer to.
    sent: String,
    /// The line at which that was sent.
    prompt: Prompt,
    replay: Replay,
}

impl Session<'_> {
    /// The device has waited, and now `next` is sent.
    fn answered(&mut self, next: &str) {
        let line = self.platform.standing_line(&self.screen).to_vec();
        let is = known(self.platform, &line);
        if self.screen.text().is_empty() && self.sent.is_empty() {
            next.clone_into(&mut self.sent);
            return;
        }
        let text = String::from_utf8_lossy(self.screen.finished_lines()).into_owned();
        self.replay.heard.push(Heard {
            sent: self.sent.trim_end().to_owned(),
            lines: text.lines().count(),
            last_line: String::from_utf8_lossy(&line).into_owned(),
            is,
            complaint: self.platform.complaint(&text).map(str::to_owned),
        });
        if is == Line::Pager && next == self.platform.paging().answer {
            // The text goes on, and is the answer to the same command.
            self.platform.turn_page(&mut self.screen);
            return;
        }
        self.platform.take_back(&mut self.screen);
        self.judge(&line);
        self.screen.take();
        if is == Line::Question {
            // The same: what it said up to there is no part of it.
            return;
        }
        self.prompt = Prompt::varying(&line, self.platform.prompt_varies());
        next.clone_into(&mut self.sent);
    }

    fn judge(&mut self, last_line: &[u8]) {
        let command = self.sent.trim();
        if !self.platform.config_commands().contains(&command) {
            return;
        }
        let (raw, reached_prompt) = match self.platform.channel() {
            Channel::Shell => {
                let lines = self.screen.finished_lines();
                (without_echo(lines, command, &self.prompt), self.prompt.is(last_line))
            }
            Channel::Exec | Channel::File | Channel::Https => (self.screen.text(), false),
        };
        // A recording holds no exit status: what the text says has to do.
        let raw = self.platform.without_interjected(raw.to_vec());
        let capture = Capture { raw, exit_status: Some(0), reached_prompt, ..Capture::default() };
        let judged = self.platform.judge(&capture);
        self.replay.configuration = Some(match judged {
            Ok(()) => Ok(count_lines(&capture.raw)),
            // The step says which line.
            Err(_) if self.replay.heard.last().is_some_and(|step| step.complaint.is_some()) => {
                Err("a line of it is an error by these rules".to_owned())
            }
            Err(doubt) => Err(doubt.message),
        });
    }
}
