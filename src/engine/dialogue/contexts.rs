//! A device that is divided into contexts: their texts, one by one, each behind a heading of ours.

use std::time::Instant;

use regex::bytes::Regex;

use super::{
    steps::{learn_prompt, step},
    terminal::{Settled, Terminal},
};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    engine::transport::Line,
    platform::{Doubt, Fetched, OneContext, without_echo},
};

/// The text that belongs to no context, if there is one, and then that of each context; and their names. Whole or not at
/// all: what one of them does not show ends the conversation.
pub async fn fetch<L: Line>(
    terminal: &mut Terminal<'_, L>,
    fetched: &Fetched,
) -> Result<(Vec<u8>, Vec<String>), Failure> {
    let mut raw = Vec::new();
    if let Some((enter, command)) = &fetched.base {
        if let Some(enter) = enter {
            go(terminal, enter).await.map_err(closed)?;
        }
        raw = step(terminal, Stage::Command, command, Settled::Whole).await?;
    }
    let listed = match &fetched.list {
        Some(command) => fetched.listed(&step(terminal, Stage::Command, command, Settled::Echo).await?),
        None => fetched.listed(&raw),
    };
    let listed =
        listed.map_err(|Doubt { class, message, .. }| Failure::new(class, Stage::Command, message))?;
    let mut names = Vec::with_capacity(listed.len());
    for context in &listed {
        let about = |failure: Failure| Failure {
            message: OneContext::told(context.name(), &failure.message),
            ..failure
        };
        let text = one(terminal, fetched, context).await.map_err(about)?;
        raw.extend_from_slice(fetched.heading(context).as_bytes());
        raw.extend_from_slice(&text);
        names.push(context.name().to_owned());
    }
    if let Some(leave) = &fetched.leave
        && go(terminal, leave).await.is_err()
    {
        // All texts are at home; the way back is for the session, which ends now.
        terminal.setting.log.say(Level::Debug, Stage::Logout, "the way out of the contexts was not found");
    }
    Ok((raw, names))
}

/// A device that is divided and whose account may not go where its contexts are listed shows one of them only.
fn closed(failure: Failure) -> Failure {
    let why = "the device says that it holds several contexts, and their list was not reached";
    Failure { message: format!("{why}: {}", failure.message), ..failure }
}

/// The text of one context. Its command is in no log line: an address in it may hold a password.
async fn one<L: Line>(
    terminal: &mut Terminal<'_, L>,
    fetched: &Fetched,
    context: &OneContext,
) -> Result<Vec<u8>, Failure> {
    let start = Instant::now();
    if let Some((command, prompt)) = fetched.enter(context) {
        go(terminal, &command).await?;
        // Else the text would be another context's, under this one's name.
        let is_there = Regex::new(&prompt).is_ok_and(|there| there.is_match(terminal.prompt.shown()));
        if !is_there {
            let message = format!("after `{command}` the prompt is none that matches `{prompt}`");
            return Err(terminal.failure(FailureClass::ErrorOutput, Stage::Command, message));
        }
    }
    let text = terminal.run(Stage::Command, &fetched.fetch(context), Settled::Whole).await?;
    let (name, millis) = (context.name(), start.elapsed().as_millis());
    let told = format!("the context {name}: {} bytes in {millis} ms", text.len());
    terminal.setting.log.say(Level::Info, Stage::Command, &told);
    Ok(text)
}

/// Gives a command after which the prompt may be another, and learns that prompt.
async fn go<L: Line>(terminal: &mut Terminal<'_, L>, command: &str) -> Result<(), Failure> {
    let platform = terminal.setting.platform;
    terminal.enter(Stage::Command, command).await?;
    let waited_for = format!("a prompt after `{command}`");
    loop {
        let lines = terminal.finished_lines();
        let is_echoed = without_echo(lines, command, &terminal.prompt).len() < lines.len();
        if platform.prompt().is_match(terminal.last_line()) && is_echoed {
            break;
        }
        terminal.more_or_fail(Stage::Command, &waited_for).await?;
    }
    let answer = String::from_utf8_lossy(terminal.finished_lines()).into_owned();
    if let Some(complaint) = platform.complaint(&answer) {
        let message = format!("`{command}` is refused: {}", terminal.quotable(complaint));
        return Err(terminal.failure(FailureClass::ErrorOutput, Stage::Command, message));
    }
    learn_prompt(terminal).await
}
