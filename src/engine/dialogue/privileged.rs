//! The way to privileged mode, where the prompt says that it is needed.
//!
//! A device may ask for a name and for a password, each once: whatever it asks after that is no, and nothing is tried a
//! second time, because servers behind it count.

use std::time::Instant;

use super::{steps::is_at_a_prompt, terminal::Terminal};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        secret::Secret,
    },
    engine::transport::Line,
    platform::{Enable, Prompt},
};

/// What the device shows after it was asked for privileged mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Prompt,
    Name,
    Password,
}

/// Asks for privileged mode, and answers what the device asks.
pub async fn reach<L: Line>(terminal: &mut Terminal<'_, L>) -> Result<(), Failure> {
    let setting = terminal.setting;
    let needed = |enable: &&Enable| enable.needed.is_match(terminal.prompt.literal());
    let Some(enable) = setting.platform.enable().filter(needed) else { return Ok(()) };
    let start = Instant::now();
    terminal.enter(Stage::Enable, &enable.command).await?;
    let mut shown = wait(terminal, enable, &enable.command).await?;
    let is_named = shown == Shown::Name;
    if is_named {
        terminal.enter(Stage::Enable, &setting.target.username).await?;
        shown = wait(terminal, enable, "").await?;
    }
    if shown == Shown::Password {
        let Some(password) = password(terminal, enable, is_named) else {
            let message = "the device asks for the password of privileged mode, and there is none";
            return Err(failure(terminal, message.to_owned()));
        };
        // Sent, and nothing into the log.
        terminal.enter(Stage::Enable, password.expose()).await?;
        shown = wait(terminal, enable, "").await?;
    }
    let no = match shown {
        Shown::Prompt => None,
        Shown::Name => Some("the device asks again for a name on the way to privileged mode"),
        Shown::Password => Some("the device refused the password of privileged mode"),
    };
    if let Some(message) = no {
        return Err(failure(terminal, message.to_owned()));
    }
    let line = terminal.last_line();
    if !enable.reached.is_match(line) {
        let message =
            format!("privileged mode was not reached: still at `{}`", terminal.quotable_last_line());
        return Err(failure(terminal, message));
    }
    terminal.prompt = Prompt::varying(line, setting.platform.prompt_varies());
    let text = format!("privileged mode reached in {} ms", start.elapsed().as_millis());
    setting.log.say(Level::Info, Stage::Enable, &text);
    Ok(())
}

fn failure<L: Line>(terminal: &Terminal<'_, L>, message: String) -> Failure {
    terminal.failure(FailureClass::EnableFailed, Stage::Enable, message)
}

/// The one that is kept for privileged mode; a device that asked for our name, too, means the account, whose own it is
/// then where no other is kept.
fn password<L: Line>(terminal: &Terminal<'_, L>, enable: &Enable, is_named: bool) -> Option<Secret> {
    let target = terminal.setting.target;
    // By SSH it may hold what cannot be typed.
    let fits = |own: &&Secret| is_named && !own.is_empty() && !own.expose().chars().any(char::is_control);
    let own = || target.password.as_ref().filter(fits).cloned();
    let kept = target.enable.clone().or_else(own);
    kept.or_else(|| enable.may_be_empty.then(|| Secret::new("")))
}

/// Waits for the prompt in any mode or a question. With `echo`, a prompt before the echo of that command is a left-over.
async fn wait<L: Line>(
    terminal: &mut Terminal<'_, L>,
    enable: &Enable,
    echo: &str,
) -> Result<Shown, Failure> {
    loop {
        let line = terminal.last_line();
        if enable.password.is_match(line) {
            return Ok(Shown::Password);
        }
        if enable.username.as_ref().is_some_and(|asks| asks.is_match(line)) {
            return Ok(Shown::Name);
        }
        if is_at_a_prompt(terminal, echo) {
            return Ok(Shown::Prompt);
        }
        terminal.more_or_fail(Stage::Enable, "privileged mode or the question for its password").await?;
    }
}
