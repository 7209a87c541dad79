//! The steps on a shell: prompt, pager, information, configuration, goodbye.

use std::time::{Duration, Instant};

use super::{
    contexts, privileged,
    terminal::{Settled, Terminal},
};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    engine::transport::Line,
    platform::{Banner, Capture, InfoOutput, Prompt, visible},
};

/// How long the answer to an empty line may take; a device that does not answer one is taken at its first
/// word.
const REDRAW: Duration = Duration::from_secs(1);

/// How often an empty line is sent to learn the prompt.
const REDRAWS: usize = 4;

/// Walks all steps, from wherever the device shows a prompt or is about to.
pub async fn converse<L: Line>(mut terminal: Terminal<'_, L>) -> Result<Capture, Failure> {
    let setting = terminal.setting;
    learn_prompt(&mut terminal).await?;
    privileged::reach(&mut terminal).await?;
    for command in &setting.platform.paging().off {
        step(&mut terminal, Stage::Paging, command, Settled::Echo).await?;
    }
    for command in &setting.platform.commands().enter {
        change_mode(&mut terminal, Stage::Command, command).await?;
    }
    let mut info = Vec::new();
    for command in &setting.platform.commands().info {
        info.extend(information(&mut terminal, command).await?);
    }
    super::decided(setting.platform, &info)?;
    let (raw, contexts) = if let Some(fetched) = setting.platform.to_fetch(&info) {
        contexts::fetch(&mut terminal, fetched).await?
    } else {
        (configuration(&mut terminal, &info).await?, Vec::new())
    };
    for command in &setting.platform.commands().leave {
        // The configuration is at home already.
        if change_mode(&mut terminal, Stage::Logout, command).await.is_err() {
            break;
        }
    }
    say_goodbye(&mut terminal).await;
    Ok(Capture { raw, info, exit_status: None, reached_prompt: true, contexts })
}

/// The configuration, asked for in other words where the device does not know the first.
async fn configuration<L: Line>(
    terminal: &mut Terminal<'_, L>,
    info: &[InfoOutput],
) -> Result<Vec<u8>, Failure> {
    let setting = terminal.setting;
    let mut raw = Vec::new();
    for command in setting.platform.config_choices(info) {
        raw = step(terminal, Stage::Command, command, Settled::Whole).await?;
        if !setting.platform.knows_not(&raw) {
            break;
        }
        setting.log.say(Level::Warning, Stage::Command, &format!("the device does not know `{command}`"));
    }
    Ok(raw)
}

/// What a command says beside the configuration; `None` when it is refused or hangs, which is no failure.
async fn information<L: Line>(
    terminal: &mut Terminal<'_, L>,
    command: &str,
) -> Result<Option<InfoOutput>, Failure> {
    let platform = terminal.setting.platform;
    match step(terminal, Stage::Command, command, Settled::Echo).await {
        Ok(text) => {
            let text = String::from_utf8_lossy(&text).into_owned();
            let refused = platform.complaint(&text).is_some();
            Ok((!refused).then(|| InfoOutput { command: command.to_owned(), text }))
        }
        // A device that does not know the command is not divided; of one that says nothing nobody knows.
        Err(failure) if failure.class == FailureClass::Timeout && !platform.tells_contexts(command) => {
            terminal.setting.log.say(Level::Warning, Stage::Command, &failure.message);
            if interrupted(terminal).await? { Ok(None) } else { Err(failure) }
        }
        Err(failure) => Err(failure),
    }
}

/// Stops a hanging command; says whether the prompt came back.
pub(super) async fn interrupted<L: Line>(terminal: &mut Terminal<'_, L>) -> Result<bool, Failure> {
    const CONTROL_C: &str = "\x03";
    terminal.enter(Stage::Command, CONTROL_C).await?;
    while terminal.more(Stage::Command, REDRAW).await? {}
    Ok(terminal.prompt.is(terminal.last_line()))
}

/// One command, with its line in the log. An error text is a line in the log too; the judge knows what to
/// make of it.
pub(super) async fn step<L: Line>(
    terminal: &mut Terminal<'_, L>,
    stage: Stage,
    command: &str,
    settled: Settled,
) -> Result<Vec<u8>, Failure> {
    let start = Instant::now();
    let text = terminal.run(stage, command, settled).await?;
    let setting = terminal.setting;
    let millis = start.elapsed().as_millis();
    setting.log.say(Level::Info, stage, &format!("`{command}`: {} bytes in {millis} ms", text.len()));
    if settled != Settled::Whole
        && let Some(complaint) = setting.platform.complaint(&String::from_utf8_lossy(&text))
    {
        setting.log.say(Level::Warning, stage, &format!("`{command}` is refused: {}", visible(complaint)));
    }
    Ok(text)
}

/// Waits for something like a prompt, then has it drawn again to know its letters: a greeting may look like
/// one.
pub(super) async fn learn_prompt<L: Line>(terminal: &mut Terminal<'_, L>) -> Result<(), Failure> {
    let start = Instant::now();
    let mut prompt = first_prompt(terminal).await?;
    for _ in 0..REDRAWS {
        terminal.enter(Stage::Prompt, "").await?;
        let Some(again) = redrawn(terminal).await? else { break };
        if again == prompt {
            break;
        }
        prompt = again;
    }
    let letters = visible(&String::from_utf8_lossy(prompt.literal()));
    let text = format!("the prompt is `{letters}`, learned in {} ms", start.elapsed().as_millis());
    terminal.setting.log.say(Level::Info, Stage::Prompt, &text);
    terminal.prompt = prompt;
    Ok(())
}

pub(super) async fn first_prompt<L: Line>(terminal: &mut Terminal<'_, L>) -> Result<Prompt, Failure> {
    let platform = terminal.setting.platform;
    loop {
        let line = terminal.last_line();
        if let Some(banner) = platform.banner(line) {
            answer_banner(terminal, Stage::Prompt, banner).await?;
        } else if platform.prompt().is_match(line) {
            return Ok(Prompt::varying(line, platform.prompt_varies()));
        }
        terminal.more_or_fail(Stage::Prompt, "a prompt").await?;
    }
}

/// Presses the key that a greeting waits for.
pub async fn answer_banner<L: Line>(
    terminal: &mut Terminal<'_, L>,
    stage: Stage,
    banner: &Banner,
) -> Result<(), Failure> {
    terminal.wipe_last_line();
    terminal.press(stage, &banner.answer).await?;
    terminal.setting.log.say(Level::Info, stage, "answered a greeting that waits for a key");
    Ok(())
}

/// The prompt as it is drawn again; `None` when nothing came.
async fn redrawn<L: Line>(terminal: &mut Terminal<'_, L>) -> Result<Option<Prompt>, Failure> {
    let platform = terminal.setting.platform;
    let patience = REDRAW.min(terminal.setting.pace.of(Stage::Prompt));
    while terminal.more(Stage::Prompt, patience).await? {
        let line = terminal.last_line();
        if platform.prompt().is_match(line) {
            return Ok(Some(Prompt::varying(line, platform.prompt_varies())));
        }
    }
    // Only an echo, or not even that: what came first stands.
    if terminal.finished_lines().trim_ascii().is_empty() && terminal.last_line().trim_ascii().is_empty() {
        return Ok(None);
    }
    first_prompt(terminal).await.map(Some)
}

/// Whether the prompt is there in any mode; with `echo`, behind the echo of that command.
pub(super) fn is_at_a_prompt<L: Line>(terminal: &Terminal<'_, L>, echo: &str) -> bool {
    let shown = terminal.finished_lines();
    let echoed = echo.is_empty() || shown.windows(echo.len()).any(|window| window == echo.as_bytes());
    echoed && terminal.prompt.is_in_any_mode(terminal.last_line())
}

/// Goes into another mode, whose prompt holds from then on.
async fn change_mode<L: Line>(
    terminal: &mut Terminal<'_, L>,
    stage: Stage,
    command: &str,
) -> Result<(), Failure> {
    let setting = terminal.setting;
    terminal.enter(stage, command).await?;
    while !is_at_a_prompt(terminal, command) {
        terminal.more_or_fail(stage, "the prompt of another mode").await?;
    }
    let said = String::from_utf8_lossy(terminal.finished_lines()).into_owned();
    if let Some(complaint) = setting.platform.complaint(&said) {
        let message = format!("`{command}` is refused: {}", visible(complaint));
        return Err(terminal.failure(FailureClass::ErrorOutput, stage, message));
    }
    terminal.prompt = Prompt::varying(terminal.last_line(), setting.platform.prompt_varies());
    let prompt = visible(&String::from_utf8_lossy(terminal.prompt.literal()));
    setting.log.say(Level::Info, stage, &format!("`{command}`: the prompt is `{prompt}` now"));
    Ok(())
}

/// Logs out. Whatever happens here, the configuration is at home already.
pub async fn say_goodbye<L: Line>(terminal: &mut Terminal<'_, L>) {
    let setting = terminal.setting;
    let Some(command) = &setting.platform.commands().logout else { return };
    let text = match terminal.enter(Stage::Logout, command).await {
        Ok(()) if terminal.goodbye().await => "logged out",
        Ok(()) => "the device did not say goodbye",
        Err(_) => "the device was gone before the goodbye",
    };
    setting.log.say(Level::Debug, Stage::Logout, text);
}
