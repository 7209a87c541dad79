//! A line with a screen: waiting for text, answering the pager, knowing when an answer is over.

use std::time::Duration;

use tokio::time::timeout;

use super::{Setting, last_lines, prompts::without_prompts};
use crate::{
    domain::failure::{Failure, FailureClass, Stage},
    engine::{
        aside::aside,
        transport::{Limits, Line, LineError},
    },
    platform::{Platform, Prompt, Screen, Waits, visible, without_echo},
};

/// Prompts, pagers and questions are shorter than this; longer lines are not looked at.
const LONGEST_PROMPT: usize = 512;

/// A pager waits; what goes on within this time was a line of text that looks like one.
const PAGER_QUIET: Duration = Duration::from_millis(30);

/// A pager that was answered this often and shows no further line never goes on.
const PAGER_TRIES: u32 = 8;

/// How long to listen on when something looks like the prompt but the answer before it bears no mark of being
/// over.
const DOUBT_QUIET: Duration = Duration::from_millis(300);

/// What an answer must show before a prompt behind it is believed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The command's echo: the prompt cannot be a left-over of the command before.
    Echo,
    /// The platform's marks of a whole configuration.
    Whole,
    /// As [`Settled::Echo`]; where the prompt is another than before, that it looks like one and nothing follows it.
    Shape,
}

/// How long to listen on behind what only looks like a prompt.
const SHAPE_QUIET: Duration = Duration::from_secs(1);

/// A line, what it shows, and the prompt once it is known.
pub struct Terminal<'a, L> {
    line: L,
    screen: Screen,
    limits: Limits,
    /// How long the answer was when the pager last showed, and how often it has shown since without another line.
    paged: (usize, u32),
    /// What was sent last, as the device repeats it.
    echo: String,
    /// The prompt; empty until it is learned.
    pub prompt: Prompt,
    /// Platform, deadlines, log.
    pub setting: Setting<'a>,
}

impl<'a, L: Line> Terminal<'a, L> {
    /// A terminal on `line`, blank.
    pub fn new(line: L, setting: Setting<'a>) -> Self {
        let screen = Screen::new(setting.platform.line_ending());
        let (limits, prompt) = (Limits::default(), Prompt::learned(b""));
        Self { line, screen, limits, paged: (0, 0), echo: String::new(), prompt, setting }
    }

    /// The line at which the device stands, unfinished; empty when it is too long to be a prompt.
    pub fn last_line(&self) -> &[u8] {
        let line = self.setting.platform.standing_line(&self.screen);
        if line.len() > LONGEST_PROMPT { &[] } else { line }
    }

    /// The lines before the last.
    pub fn finished_lines(&self) -> &[u8] {
        self.screen.finished_lines()
    }

    /// Everything since the screen was wiped.
    pub fn shown(&self) -> &[u8] {
        self.screen.text()
    }

    /// Wipes the screen and sends one line.
    pub async fn enter(&mut self, stage: Stage, text: &str) -> Result<(), Failure> {
        self.screen.take();
        self.limits.start_command();
        self.paged = (0, 0);
        text.clone_into(&mut self.echo);
        self.press(stage, &format!("{text}{}", self.setting.platform.enter())).await
    }

    /// Sends keys.
    pub async fn press(&mut self, stage: Stage, keys: &str) -> Result<(), Failure> {
        let sent = timeout(self.setting.pace.of(stage), self.line.send(keys.as_bytes())).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(LineError::Closed(why))) => Err(self.failure(FailureClass::ConnectionLost, stage, why)),
            Err(_) => Err(self.failure(FailureClass::Timeout, stage, "the device takes no input".to_owned())),
        }
    }

    /// Wipes the last line: a question that was answered.
    pub fn wipe_last_line(&mut self) {
        self.screen.wipe_last_line();
    }

    /// Waits for more, at most as long as `stage` may be silent.
    pub async fn more_or_fail(&mut self, stage: Stage, waited_for: &str) -> Result<(), Failure> {
        let limit = self.setting.pace.of(stage);
        if self.more(stage, limit).await? {
            return Ok(());
        }
        let came = match (self.screen.text().len(), stage) {
            (0, _) => "nothing came".to_owned(),
            // Before the first command nothing on the screen is a configuration, so the line can be quoted.
            (_, Stage::Banner | Stage::Auth | Stage::Prompt | Stage::Enable) => {
                format!("the last line is `{}`", self.quotable_last_line())
            }
            (bytes, _) => format!("{bytes} bytes came"),
        };
        let message = format!("waited {} s for {waited_for}; {came}", limit.as_secs_f32());
        Err(self.failure(FailureClass::Timeout, stage, message))
    }

    /// The last line for a message.
    pub fn quotable_last_line(&self) -> String {
        self.quotable(&String::from_utf8_lossy(self.screen.last_line()))
    }

    /// A line that the device sent, for a message.
    pub fn quotable(&self, line: &str) -> String {
        visible(&self.without_ours(line.trim().to_owned())).chars().take(200).collect()
    }

    /// Waits at most `limit` for more; says whether anything came. Answers the pager, and questions in between.
    pub async fn more(&mut self, stage: Stage, limit: Duration) -> Result<bool, Failure> {
        if !self.read(stage, limit).await? {
            return Ok(false);
        }
        while let Some(waits) = self.waits() {
            if !self.read(stage, PAGER_QUIET).await? {
                self.go_on(stage, waits).await?;
                break;
            }
        }
        Ok(true)
    }

    /// Answers what the device waits for, unless it has had enough answers for the page it is on.
    async fn go_on(&mut self, stage: Stage, waits: Waits<'_>) -> Result<(), Failure> {
        let shown = self.screen.finished_lines().len();
        let (before, tries) = self.paged;
        self.paged = (shown, if shown > before { 0 } else { tries + 1 });
        if self.paged.1 >= PAGER_TRIES {
            let message = format!(
                "the pager was answered {PAGER_TRIES} times and shows no further line; {shown} bytes came"
            );
            return Err(self.failure(FailureClass::Timeout, Stage::Paging, message));
        }
        match waits {
            Waits::Page(key) => {
                self.setting.platform.turn_page(&mut self.screen);
                self.press(stage, key).await
            }
            Waits::Answer(answer) => {
                self.screen.take();
                answer.trim().clone_into(&mut self.echo);
                self.press(stage, answer).await
            }
        }
    }

    /// Runs a command and gives its answer, without echo and prompt.
    pub async fn run(&mut self, stage: Stage, command: &str, settled: Settled) -> Result<Vec<u8>, Failure> {
        self.enter(stage, command).await?;
        let waited_for = format!("the end of `{command}`");
        loop {
            if self.is_at_another_prompt(settled) {
                if !self.more(stage, SHAPE_QUIET).await? {
                    break;
                }
            } else if !self.prompt.is(self.last_line()) {
                self.more_or_fail(stage, &waited_for).await?;
            } else if self.is_settled(settled).await? || !self.more(stage, DOUBT_QUIET).await? {
                // Without a mark, a line of the answer may look like the prompt where a packet happens to
                // end; its rest follows at once.
                break;
            }
        }
        self.setting.platform.take_back(&mut self.screen);
        let lines = self.screen.finished_lines();
        let start = lines.len() - self.answer().len();
        let end = start + without_prompts(self.answer(), &self.prompt).len();
        if self.is_at_another_prompt(settled) {
            self.prompt = Prompt::varying(self.last_line(), self.setting.platform.prompt_varies());
        }
        let mut text = self.screen.take();
        text.truncate(end);
        text.drain(..start);
        Ok(self.setting.platform.without_interjected(text))
    }

    /// Whether the device stands at what looks like a prompt and is not the known one, where that is enough.
    fn is_at_another_prompt(&self, settled: Settled) -> bool {
        let line = self.last_line();
        settled == Settled::Shape && !self.prompt.is(line) && self.setting.platform.prompt().is_match(line)
    }

    /// Whether the answer shows that the prompt behind it is the real one.
    async fn is_settled(&mut self, settled: Settled) -> Result<bool, Failure> {
        match settled {
            Settled::Echo | Settled::Shape => Ok(self.answer().len() < self.screen.finished_lines().len()),
            Settled::Whole => self.looks_whole().await,
        }
    }

    /// Whether the answer bears the platform's marks. A device may draw its prompt behind every packet and have a long
    /// text looked through each time, so that is not done where others wait.
    async fn looks_whole(&mut self) -> Result<bool, Failure> {
        let blank = Screen::new(self.setting.platform.line_ending());
        let screen = std::mem::replace(&mut self.screen, blank);
        let (platform, prompt) = (self.setting.platform.clone(), self.prompt.clone());
        let echo = self.echo.clone();
        let (screen, is_whole) = aside(screen.text().len(), move || {
            let answer = without_echo(screen.finished_lines(), &echo, &prompt);
            let is_whole = platform.looks_whole(without_prompts(answer, &prompt));
            (screen, is_whole)
        })
        .await?;
        self.screen = screen;
        Ok(is_whole)
    }

    /// What stands between echo and prompt.
    fn answer(&self) -> &[u8] {
        without_echo(self.screen.finished_lines(), &self.echo, &self.prompt)
    }

    fn waits(&self) -> Option<Waits<'a>> {
        let line = self.last_line();
        let platform: &'a Platform = self.setting.platform;
        if line.is_empty() || self.prompt.is(line) { None } else { platform.waits(line) }
    }

    /// One piece.
    async fn read(&mut self, stage: Stage, limit: Duration) -> Result<bool, Failure> {
        match timeout(limit, self.line.read_more(&mut self.screen)).await {
            Err(_) => Ok(false),
            Ok(Err(LineError::Closed(why))) => Err(self.failure(FailureClass::ConnectionLost, stage, why)),
            Ok(Ok(bytes)) => {
                let counted = self.limits.count(stage, bytes, self.screen.last_line().len());
                counted.map_err(|it| it.with_screen(self.without_ours(last_lines(self.screen.text()))))?;
                Ok(true)
            }
        }
    }

    /// A failure with the last lines.
    pub fn failure(&self, class: FailureClass, stage: Stage, message: String) -> Failure {
        Failure::new(class, stage, message).with_screen(self.without_ours(last_lines(self.screen.text())))
    }

    /// A device may echo what it should not: our own passwords never leave here.
    fn without_ours(&self, text: String) -> String {
        let target = self.setting.target;
        let ours = [&target.password, &target.enable];
        let ours = ours.into_iter().flatten().filter(|secret| !secret.is_empty());
        ours.fold(text, |text, secret| text.replace(secret.expose(), "[our password]"))
    }

    /// Waits a moment for the device to end the line.
    pub async fn goodbye(&mut self) -> bool {
        timeout(self.setting.pace.of(Stage::Logout), self.line.ended()).await.is_ok()
    }
}
