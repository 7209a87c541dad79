//! What a device shows of its platform: greeting, prompt, and the answers to a few commands that only read.

use super::{
    steps::{first_prompt, interrupted, learn_prompt, say_goodbye, step},
    terminal::{Settled, Terminal},
};
use crate::{
    domain::failure::{Failure, FailureClass, Stage},
    engine::{aside::aside, transport::Line},
    platform::{InfoOutput, Platforms, Seen, next_command},
};

/// Looks, from wherever the device shows a prompt or is about to.
pub async fn look<L: Line>(
    terminal: &mut Terminal<'_, L>,
    platforms: &Platforms,
    identification: String,
) -> Result<Seen, Failure> {
    first_prompt(terminal).await?;
    let greeting = String::from_utf8_lossy(terminal.finished_lines()).into_owned();
    learn_prompt(terminal).await?;
    let prompt = terminal.prompt.shown().to_vec();
    let mut seen = Seen { identification, greeting, prompt, answers: Vec::new() };
    // Weighing compiles the files of all platforms the first time.
    while let Some(command) = {
        let (platforms, seen) = (platforms.clone(), seen.clone());
        aside(usize::MAX, move || next_command(&platforms, &seen)).await?
    } {
        let text = match step(terminal, Stage::Command, &command, Settled::Shape).await {
            Ok(text) => String::from_utf8_lossy(&text).into_owned(),
            Err(failure) if failure.class == FailureClass::Timeout => {
                if !interrupted(terminal).await? {
                    return Err(failure);
                }
                String::new()
            }
            Err(failure) => return Err(failure),
        };
        seen.answers.push(InfoOutput { command, text });
    }
    say_goodbye(terminal).await;
    Ok(seen)
}
